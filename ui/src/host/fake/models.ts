import type {
  AwsIdentity,
  AwsProfile,
  Code,
  Credentials,
  CredentialsView,
  EmbedderChoice,
  EmbedderTest,
  Failure,
  FoundServer,
  KeyOf,
  ModelEntry,
  ModelRef,
  MonthUsage,
  Preset,
  PriceView,
  Server,
  Settings,
  SignIn,
  Spend,
  TestEvent,
  TestStep,
} from "@/bindings";
import { entry } from "./catalogue";
import type { World } from "./commands";
import { fail, notify } from "./common";

/** What the fake program knows of models, AWS and prices. Tests change it; in a browser the scene does. */
export type FakeModels = {
  profiles: AwsProfile[];
  identity: AwsIdentity | Failure;
  /** The step at which the connection test fails. */
  failsAt: TestStep | null;
  found: FoundServer[];
  months: MonthUsage[];
  prices: PriceView;
  signIn: { finish: () => void; cancel: () => void } | null;
  /** Origins for which a key is kept, as the program keeps them. */
  keys: Set<string>;
};

const origin = (url: string) => (URL.canParse(url) ? new URL(url).origin : url);
const failure = (code: Code, message: string, hint: string): Failure => ({ code, message, hint, retryable: true });
const known = new WeakMap<World, FakeModels>();

/** `?identity=expired|missing|soon`, `?profiles=none`, `?test=identity|list|invoke`, `?found=none`, `?usage=none`, `?prices=broken|own`. */
export function fakeModels(world: World): FakeModels {
  let models = known.get(world);
  if (!models) {
    models = make(world, new URLSearchParams(location.search));
    known.set(world, models);
  }
  return models;
}

function make(world: World, scene: URLSearchParams): FakeModels {
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const identity: AwsIdentity = {
    source: "profile work",
    region: "eu-central-1",
    key_ends_with: "7Q4X",
    expires_at: inHours(scene.get("identity") === "soon" ? 0.2 : 7.6),
    ignored: scene.has("ignored") ? ["AWS_BEARER_TOKEN_BEDROCK"] : [],
  };
  const expired = failure("sign_in_expired", "the sign-in of profile work has expired", "sign in again");
  const missing = failure("credentials_missing", "no AWS credentials were found", "choose a profile, or enter keys");
  const servers = world.settings.openai.servers.filter(({ name }) => world.credentials.openai.includes(name));
  return {
    profiles:
      scene.get("profiles") === "none"
        ? []
        : [
            { name: "default", kind: "keys", region: "eu-west-1", signs_in: false },
            { name: "work", kind: "sign_in", region: "eu-central-1", signs_in: true },
            { name: "work-admin", kind: "role", region: "eu-central-1", signs_in: true },
            { name: "vault", kind: "process", region: null, signs_in: false },
          ],
    identity: scene.get("identity") === "expired" ? expired : scene.get("identity") === "missing" ? missing : identity,
    failsAt: scene.get("test") as TestStep | null,
    found:
      scene.get("found") === "none"
        ? []
        : [
            { name: "ollama", base_url: "http://127.0.0.1:11434/v1", models: ["gemma3:12b", "llama3.2", "mistral-small", "qwen3:8b"] },
            { name: "lm-studio", base_url: "http://127.0.0.1:1234/v1", models: ["qwen2.5-coder-14b"] },
          ],
    months: scene.get("usage") === "none" ? [] : sampleMonths(),
    prices: {
      path: "/home/ada/.local/share/digital-twin/prices.json",
      own: scene.get("prices") === "own",
      as_of: "2026-11-03",
      source: "https://aws.amazon.com/bedrock/pricing",
      problem:
        scene.get("prices") === "broken"
          ? { line: 12, column: 16, message: "a number is expected after “input”", hint: "write it without quotes" }
          : null,
    },
    signIn: null,
    keys: new Set(servers.map(({ base_url }) => origin(base_url))),
  };
}

const presets: Preset[] = [
  { name: "ollama", title: "Ollama", base_url: "http://127.0.0.1:11434/v1", needs_key: false, key_url: null },
  { name: "lm-studio", title: "LM Studio", base_url: "http://127.0.0.1:1234/v1", needs_key: false, key_url: null },
  { name: "llama.cpp", title: "llama.cpp", base_url: "http://127.0.0.1:8080/v1", needs_key: false, key_url: null },
  {
    name: "openai",
    title: "OpenAI",
    base_url: "https://api.openai.com/v1",
    needs_key: true,
    key_url: "https://platform.openai.com/api-keys",
  },
  {
    name: "openrouter",
    title: "OpenRouter",
    base_url: "https://openrouter.ai/api/v1",
    needs_key: true,
    key_url: "https://openrouter.ai/settings/keys",
  },
];

function spend(input: number, output: number, read: number, write: number, answers: number, dollars: number | null, unpriced = 0): Spend {
  return { usage: { input, output, cache_read: read, cache_write: write }, dollars, answers, unpriced };
}

function sampleMonths(): MonthUsage[] {
  const bedrock = (id: string): ModelRef => ({ provider: "bedrock", id });
  const sonnet = bedrock("eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
  const nova = bedrock("amazon.nova-lite-v1:0");
  const arn = bedrock("arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/4kx9q2");
  const llama: ModelRef = { provider: "openai", id: "llama3.2" };
  return [
    {
      month: "2026-11",
      total: spend(812_440, 96_210, 1_204_000, 88_120, 151, 4.3812, 3),
      models: [
        { model: sonnet, spend: spend(604_120, 71_930, 1_204_000, 88_120, 96, 4.3402) },
        { model: nova, spend: spend(184_300, 12_180, 0, 0, 21, 0.041) },
        { model: arn, spend: spend(4_020, 1_100, 0, 0, 3, null, 3) },
        { model: llama, spend: spend(20_000, 11_000, 0, 0, 31, 0) },
      ],
    },
    {
      month: "2026-10",
      total: spend(310_020, 30_400, 420_000, 41_000, 61, 1.9034),
      models: [{ model: sonnet, spend: spend(310_020, 30_400, 420_000, 41_000, 61, 1.9034) }],
    },
    {
      month: "2026-09",
      total: spend(41_200, 9_300, 0, 0, 18, 0),
      models: [{ model: llama, spend: spend(41_200, 9_300, 0, 0, 18, 0) }],
    },
  ];
}

/** As the program does: a key belongs to the address that it was given for. */
function viewKeys(world: World): CredentialsView {
  const { keys } = fakeModels(world);
  const openai = world.settings.openai.servers.filter(({ base_url }) => keys.has(origin(base_url))).map(({ name }) => name);
  world.credentials = { ...world.credentials, openai };
  return world.credentials;
}

function saveSettings(world: World, { settings }: { settings: Settings }): Settings {
  const { servers } = settings.openai;
  const names = new Set(servers.map(({ name }) => name));
  if (!servers.length || names.size < servers.length || ![...names].every((name) => /^[\p{L}\p{N}._-]{1,40}$/u.test(name)))
    throw fail("invalid_input", "every server needs a name of its own", "give each server another name, and keep at least one");
  if (settings.network.ca_file && !/\.(?:pem|crt)$/.test(settings.network.ca_file))
    throw fail("invalid_input", `${settings.network.ca_file} holds no certificate`, "choose a PEM file");
  if (settings.network.proxy && !URL.canParse(settings.network.proxy))
    throw fail("invalid_input", "the proxy is not an address", "write it as `http://proxy:3128`");
  fakeModels(world);
  // Of the server that compares meanings, as the program does it.
  const { embedder } = settings;
  const first = JSON.stringify(embedder) === JSON.stringify(world.settings.embedder) ? world.settings.openai.servers[0] : servers[0];
  const gone = embedder.type === "openai" && !names.has(embedder.server ?? first?.name ?? "");
  world.settings = gone ? { ...settings, embedder: { type: "embedded" } } : settings;
  viewKeys(world);
  notify({ type: "settings_changed" }, "settings");
  return world.settings;
}

function saveKey(world: World, { credentials }: { credentials: Credentials }): CredentialsView {
  const { settings } = world;
  if (credentials.provider === "openai") {
    const server = settings.openai.servers.find(({ name }) => name === credentials.server);
    if (!server) throw fail("not_found", `the settings have no server called ${credentials.server}`, "save the server first");
    fakeModels(world).keys.add(origin(server.base_url));
  } else if (credentials.provider === "bedrock") {
    world.credentials = { ...world.credentials, bedrock_keys: true };
    world.settings = { ...settings, bedrock: { ...settings.bedrock, credentials: "keys", keys_secret: "aws-keys fake" } };
  } else {
    world.credentials = { ...world.credentials, bedrock_api_key: true };
    world.settings = { ...settings, bedrock: { ...settings.bedrock, credentials: "api_key", api_key_secret: "bedrock-api-key fake" } };
  }
  return viewKeys(world);
}

function forgetKey(world: World, { key }: { key: KeyOf }): CredentialsView {
  if (key.type === "openai") {
    const server = world.settings.openai.servers.find(({ name }) => name === key.server);
    if (server) fakeModels(world).keys.delete(origin(server.base_url));
  } else world.credentials = { ...world.credentials, [key.type]: false };
  return viewKeys(world);
}

const failures: Record<TestStep, [Failure, string | null]> = {
  identity: [failure("sign_in_expired", "the sign-in of profile work has expired", "sign in again"), null],
  list: [
    failure("access_denied", "these credentials may not list models", "allow `bedrock:ListFoundationModels`, or type the model's id"),
    "bedrock:ListFoundationModels",
  ],
  invoke: [
    failure("access_denied", "these credentials may not use Claude Sonnet 4.5", "ask whoever runs the AWS account to allow it"),
    "bedrock:InvokeModelWithResponseStream",
  ],
};

async function test(world: World, model: ModelRef | null, tell: (event: TestEvent) => void): Promise<null> {
  const { failsAt } = fakeModels(world);
  const { bedrock: settings } = world.settings;
  const details: Record<TestStep, string> = {
    identity: `${settings.credentials === "profile" ? `profile ${settings.profile}` : "the standard chain"} in ${settings.region || "eu-central-1"}`,
    list: "6 models",
    invoke: `${model?.id ?? ""} answered`,
  };
  for (const step of ["identity", "list", "invoke"] as const) {
    if (step === "invoke" && !model) return null;
    tell({ type: "started", step });
    await new Promise((done) => setTimeout(done, world.pace * 25));
    if (step !== failsAt) {
      tell({ type: "passed", step, detail: details[step] });
      continue;
    }
    const [why, action] = failures[step];
    tell({ type: "failed", step, failure: why, action });
    if (step === "identity") return null;
  }
  return null;
}

async function signIn(world: World, profile: string, tell: (event: SignIn) => void): Promise<null> {
  const models = fakeModels(world);
  models.signIn?.cancel();
  tell({ url: "https://device.sso.eu-central-1.amazonaws.com/?user_code=QKHD-RZNW", code: "QKHD-RZNW", expires_in: 600 });
  const signedIn = await new Promise<boolean>((done) => {
    models.signIn = { finish: () => done(true), cancel: () => done(false) };
    // In a browser somebody looks on; a test says itself when it is over.
    if (world.pace) setTimeout(() => done(true), 6000);
  });
  models.signIn = null;
  if (!signedIn) throw fail("sign_in_expired", "signing in was given up", "sign in again");
  models.identity = {
    source: `profile ${profile}`,
    region: "eu-central-1",
    key_ends_with: "M2LK",
    expires_at: new Date(Date.now() + 8 * 3_600_000).toISOString(),
    ignored: [],
  };
  notify({ type: "credentials_changed" }, "credentials", "models");
  return null;
}

type Telling<T> = { onmessage: (event: T) => void };

/** The commands about models, credentials, servers and use. */
export const modelCommands = {
  settings_save: saveSettings,
  credentials_view: viewKeys,
  credentials_save: saveKey,
  credentials_forget: forgetKey,
  lessons_forget: () => null,
  server_presets: () => presets,
  server_find: (world: World) => fakeModels(world).found,
  server_models: (world: World, { server }: { server: Server }): ModelEntry[] => {
    const found = fakeModels(world).found.find(({ base_url }) => origin(base_url) === origin(server.base_url));
    if (!found) throw fail("unreachable", `${server.base_url} does not answer`, "start the server, or check its address");
    return found.models.map((id) => entry({ provider: "openai", id }, id));
  },
  embedder_test: (world: World, { choice }: { choice: EmbedderChoice }): EmbedderTest => {
    if (choice.type === "openai" && !fakeModels(world).found.some(({ models }) => models.includes(choice.model)))
      throw fail("model_not_found", `the server does not have ${choice.model}`, "choose one that it offers");
    return { dimensions: 1024, milliseconds: 120 };
  },
  aws_profiles: (world: World) => fakeModels(world).profiles,
  aws_identity: (world: World) => {
    const { identity } = fakeModels(world);
    if ("code" in identity) throw { ...identity, id: "01JD3K7Q" };
    return identity;
  },
  aws_policy: () =>
    '{\n  "Version": "2012-10-17",\n  "Statement": [{ "Effect": "Allow", "Action": ["bedrock:InvokeModel"], "Resource": "*" }]\n}\n',
  aws_sign_in: (world: World, { profile, events }: { profile: string; events: Telling<SignIn> }) =>
    signIn(world, profile, (event) => events.onmessage(structuredClone(event))),
  aws_sign_in_cancel: (world: World) => {
    fakeModels(world).signIn?.cancel();
    return null;
  },
  bedrock_test: (world: World, { model, events }: { model: ModelRef | null; events: Telling<TestEvent> }) =>
    test(world, model, (event) => events.onmessage(structuredClone(event))),
  usage_months: (world: World) => fakeModels(world).months,
  price_view: (world: World) => fakeModels(world).prices,
  price_open: () => null,
};
