import type {
  DeviceId,
  OtherVersion,
  Progress,
  S3Keys,
  SyncAlarm,
  SyncFound,
  SyncPlace,
  SyncSecret,
  SyncSetup,
  SyncState,
  SyncStatus,
  SyncVerified,
} from "@/bindings";
import { work } from "./archive";
import type { World } from "./commands";
import { type Command, fail, notify } from "./common";
import { id } from "./sample";

export type FakeSync = {
  status: SyncStatus;
  passphrase: string;
  code: string;
  accessKey: string;
  verified: SyncVerified;
};

const off: SyncStatus = {
  state: "off",
  place: null,
  sparing: null,
  last_at: null,
  waiting: { records: 0, bytes: 0, files: 0 },
  failure: null,
  alarms: [],
  devices: [],
  other_versions: [],
};

const bucket: Extract<SyncPlace, { type: "s3" }> = {
  type: "s3",
  bucket: "ada-twin",
  prefix: "twin/",
  region: "eu-central-1",
  endpoint_url: "",
  path_style: false,
  credentials: { type: "profile", name: "personal" },
};

const states: SyncState[] = ["settled", "running", "offline", "paused", "failed"];

const alarms: SyncAlarm[] = [
  { type: "removed" },
  { type: "keyring_missing" },
  { type: "keyring_refused" },
  { type: "damaged", device: "Phone" },
  { type: "missing", device: "Laptop", records: 12 },
  { type: "newer_format", device: "Phone" },
  { type: "removed_writes", device: "Old tablet" },
  { type: "forked" },
];

/** `scene`: none: it is off; a state of its own, `alarms` (every one), `versions`, `battery`, `keyed` (by access keys), or anything else: settled. */
export function fakeSync(now: Date, scene: string | null): FakeSync {
  const secrets = {
    passphrase: "hazel otter lantern",
    code: "7KQM-2XWD-P4NR-9HBT-C6VE-0JZA-M3YS",
    accessKey: "AKIAFIRST",
    verified: { objects: 214, records: 8_930, kilobytes: 12_400, damaged: [], missing: 0 },
  };
  if (scene === null) return { status: structuredClone(off), ...secrets };
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const state = states.find((one) => one === scene) ?? "settled";
  const device = (number: number, name: string, added: number, last: number | null, records: number, removed: number | null = null) => ({
    id: id(`dev${number}`),
    name,
    added: at(added * 1440),
    this: number === 1,
    removed: removed === null ? null : at(removed * 1440),
    records,
    last_record_at: last === null ? null : at(last),
  });
  const versions: OtherVersion[] = [
    {
      id: 1,
      of: { type: "title", session_id: id("s1"), now: "Notes on the Bernoulli programme" },
      value: "Bernoulli, second attempt",
      device: id("dev2"),
      at: at(200),
    },
    {
      id: 2,
      of: { type: "tags", session_id: id("s1"), title: "Notes on the Bernoulli programme", now: "engine" },
      value: "engine, numbers",
      device: id("dev3"),
      at: at(3000),
    },
    { id: 3, of: { type: "setting", key: "theme", now: '"dark"' }, value: '"light"', device: id("dev2"), at: at(5000) },
    {
      id: 4,
      of: { type: "file", path: "summary.md" },
      value: "I count what others leave uncounted.\nThat is most of what I do.",
      device: id("dev2"),
      at: at(7000),
    },
  ];
  return {
    status: {
      state,
      place: scene === "keyed" ? { ...bucket, credentials: { type: "keys" } } : bucket,
      sparing: scene === "battery" ? "battery" : null,
      last_at: at(3),
      waiting: state === "settled" ? off.waiting : { records: 14, bytes: 21_000, files: 2 },
      failure:
        state === "failed"
          ? {
              code: "access_denied",
              message: "`PutObject` was denied in the bucket `ada-twin`",
              hint: "allow it in the policy of this identity",
              retryable: false,
            }
          : state === "offline"
            ? {
                code: "unreachable",
                message: "nobody answers at `s3.eu-central-1.amazonaws.com`",
                hint: "check the network",
                retryable: true,
              }
            : null,
      alarms: scene === "alarms" ? alarms : [],
      devices: [
        device(1, "Study computer", 90, 3, 5_210),
        device(2, "Laptop", 88, 55, 3_402),
        device(3, "Phone", 12, null, 0),
        device(4, "Old tablet", 70, 40_000, 318, 20),
      ],
      other_versions: scene === "versions" ? versions : [],
    },
    ...secrets,
  };
}

const named = (place: SyncPlace) => (place.type === "folder" ? place.path : place.bucket);

/** A place is what its name says: `missing`, `legacy` (keeps no promises), `shared` (devices are there), `crowded` (two vaults). */
function look({ place, keys }: SyncSetup): SyncFound {
  const name = named(place);
  if (name.includes("missing"))
    throw fail("not_found", `there is no bucket \`${name}\``, "check its name, or make it in the console of the service");
  if (name.includes("legacy"))
    throw fail(
      "sync_conditions_ignored",
      "the service overwrote an object that it was asked to keep",
      "choose another service, or a folder",
    );
  if (keys && !keys.access_key_id.startsWith("AKIA"))
    throw fail("credentials_rejected", "the service does not know this access key", "check both parts of the key");
  const one = "5f0c2a91d4b84e6c9a7710e3c2d8b5a4";
  if (name.includes("crowded")) return { vaults: [one, "b81e33f07c5a4d2e8f6a90c1d7e4b253"] };
  return { vaults: name.includes("shared") ? [one] : [] };
}

function begin(world: World, { place, device_name }: SyncSetup, others: boolean) {
  world.sync.status = structuredClone(fakeSync(new Date(), "running").status);
  const { status } = world.sync;
  status.place = place;
  status.last_at = null;
  status.devices = status.devices.filter((device) => device.this || (others && device.removed === null));
  const mine = status.devices[0];
  if (mine) mine.name = device_name;
  world.settings.sync = { ...world.settings.sync, place, device_name };
  changed();
}

const changed = () => notify({ type: "sync_changed" }, "sync");

function settle(world: World): SyncStatus {
  const { status } = world.sync;
  if (status.state === "failed") return status;
  world.sync.status = { ...status, state: "settled", failure: null, last_at: new Date().toISOString(), waiting: off.waiting };
  changed();
  return world.sync.status;
}

const without = (world: World, version: number) => {
  world.sync.status.other_versions = world.sync.status.other_versions.filter((one) => one.id !== version);
  changed();
  return null;
};

export const syncCommands: Record<string, Command> = {
  sync_test: (_world, { setup }: { setup: SyncSetup }) => look(setup),
  sync_policy: (_world, { place }: { place: SyncPlace }) =>
    place.type === "folder" ? "" : JSON.stringify({ Version: "2012-10-17", Resource: `arn:aws:s3:::${place.bucket}/${place.prefix}*` }),
  sync_create: (world, { setup, passphrase }: { setup: SyncSetup; passphrase: string }) => {
    look(setup);
    world.sync.passphrase = passphrase;
    begin(world, setup, false);
    return world.sync.code;
  },
  sync_join: (world, { setup, secret }: { setup: SyncSetup; secret: SyncSecret }) => {
    look(setup);
    if (secret.type === "recovery_code" && secret.code.replace(/[\s-]/g, "").length !== 28)
      throw fail("sync_recovery_code", "this is not a recovery code", "check it letter by letter");
    const fits = secret.type === "passphrase" ? secret.passphrase === world.sync.passphrase : secret.code === world.sync.code;
    if (!fits) throw fail("sync_wrong_key", "the passphrase does not open what is in the bucket", "check it, and type it again");
    begin(world, setup, true);
    return null;
  },
  sync_now: (world) => settle(world),
  sync_look: () => null,
  sync_status: (world) => world.sync.status,
  sync_pause: (world, { paused }: { paused: boolean }) => {
    world.sync.status.state = paused ? "paused" : "settled";
    world.settings.sync.paused = paused;
    changed();
    return null;
  },
  sync_device_remove: (world, { id: gone }: { id: DeviceId }) => {
    const { devices } = world.sync.status;
    const device = devices.find((one) => one.id === gone);
    if (!device) throw fail("not_found", "this device does not belong to them", "look at the list again");
    device.removed = new Date().toISOString();
    world.sync.status.devices = [...devices.filter((one) => !one.removed), ...devices.filter((one) => one.removed)];
    changed();
    return null;
  },
  sync_rotate: () => null,
  sync_access_keys_replace: (world, { keys }: { keys: S3Keys }) => {
    if (keys.access_key_id.endsWith("WRONG")) {
      throw fail("credentials_rejected", "the access key is not known to the bucket", "look whether it was copied whole");
    }
    world.sync.accessKey = keys.access_key_id;
    return null;
  },
  sync_passphrase_change: (world, { passphrase }: { passphrase: string }) => {
    world.sync.passphrase = passphrase;
    return null;
  },
  sync_recovery_code_new: (world) => {
    world.sync.code = "H2CD-8WQX-N5TB-R7MK-4EVJ-YA9Z-3GPS";
    return world.sync.code;
  },
  sync_verify: async (world, args: { job: string; progress: { onmessage: (progress: Progress) => void } }) =>
    (await work(world, args, "reading")) ? world.sync.verified : null,
  sync_leave: (world) => {
    world.sync.status = structuredClone(off);
    world.settings.sync = { place: null, device_name: "", paused: false, keys_secret: null, device_secret: null };
    changed();
    return null;
  },
  sync_other_version_take: (world, { id: version }: { id: number }) => {
    const { of, value } = world.sync.status.other_versions.find((one) => one.id === version) ?? {};
    const session = of?.type === "title" ? world.sessions.find((one) => one.id === of.session_id) : undefined;
    if (session && value) session.title = value;
    notify({ type: "sessions_changed" }, "sessions");
    return without(world, version);
  },
  sync_other_version_drop: (world, { id: version }: { id: number }) => without(world, version),
  sync_choose_folder: () => "/media/ada/Drive/twin",
};
