import { useState } from "react";
import { commands, type EmbedderChoice, type EmbedderTest, type MemoryStats, type Settings, type WireError } from "@/bindings";
import { Button } from "@/kit/button";
import { ChoiceMenu } from "@/kit/choice-menu";
import { ErrorText } from "@/kit/error-text";
import { Field } from "@/kit/field";
import { Notice } from "@/kit/notice";
import { toWireError } from "@/lib/errors";
import { formatDuration, formatList } from "@/lib/format";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { Rows } from "./rows";
import { useChange } from "./save";

const text = words.memory;

type Kind = EmbedderChoice["type"];
const kinds: Kind[] = ["embedded", "bedrock", "openai"];

/** What people use most; another id can be typed. */
const usual: Record<Exclude<Kind, "embedded">, string> = { bedrock: "amazon.titan-embed-text-v2:0", openai: "" };

const same = (a: EmbedderChoice, b: EmbedderChoice) => JSON.stringify(a) === JSON.stringify(b);

/** A choice by which texts leave this computer is made only once it was said what leaves it. */
export function EmbedderForm({ settings, stats }: { settings: Settings; stats: MemoryStats | undefined }) {
  const change = useChange();
  const used = settings.embedder;
  const [kind, setKind] = useState<Kind>(used.type);
  const [model, setModel] = useState(used.type === "embedded" ? "" : used.model);
  const servers = settings.openai.servers.map(({ name }) => name);
  const [server, setServer] = useState((used.type === "openai" ? used.server : null) ?? servers[0] ?? "");

  const choose = async (embedder: EmbedderChoice) => {
    const done = await change((current) => ({ ...current, embedder }));
    if (done) showToast(text.embedderUsed);
    return done;
  };
  const pick = (next: Kind) => {
    setKind(next);
    if (next === "embedded") {
      // What goes on sending texts away must not look as if it did not.
      if (used.type !== "embedded") void choose({ type: "embedded" }).then((done) => done || pick(used.type));
    } else setModel(used.type === next ? used.model : usual[next]);
  };
  const id = model.trim();
  // The first server is meant by naming none, as elsewhere in the settings.
  const wanted: EmbedderChoice | null =
    kind === "embedded"
      ? null
      : kind === "bedrock"
        ? { type: kind, model: id }
        : { type: kind, server: server === servers[0] ? null : server, model: id };
  const where = kind === "openai" ? (settings.openai.servers.find(({ name }) => name === server)?.base_url ?? server) : "AWS";
  const what = stats
    ? formatList([text.reach.messages(stats.messages), text.count(stats.semantic + stats.episodic + stats.procedural + stats.social)])
    : "";
  return (
    <>
      <Rows
        label={text.embedding}
        value={kind}
        rows={kinds.map((value) => ({ value, title: text.embedders[value], text: text.embedderTexts[value] }))}
        onChange={pick}
        testId="embedder"
      />
      {kind === "openai" && servers.length > 1 && (
        <ChoiceMenu
          label={text.embedderServer}
          value={server}
          options={servers.map((value) => ({ value, label: value }))}
          onChange={setServer}
          testId="embedder-server"
        />
      )}
      {wanted && (
        <Field
          label={text.embedderModel}
          code
          error={id === "" ? text.embedderNeeded : null}
          value={model}
          onChange={(event) => setModel(event.target.value)}
          data-testid="embedder-model"
        />
      )}
      {wanted && !same(wanted, used) && id !== "" && (
        <Notice
          tone="warn"
          title={text.sends(what, where)}
          testId="embedder-warning"
          actions={
            <>
              <Button small onClick={() => void choose(wanted)} data-testid="embedder-use">
                {text.embedderUse}
              </Button>
              <Trial key={JSON.stringify(wanted)} choice={wanted} />
            </>
          }
        >
          {text.sendsText}
        </Notice>
      )}
    </>
  );
}

/** Asks the model for one sentence that is nobody's, and says how that went. Another choice begins anew. */
function Trial({ choice }: { choice: EmbedderChoice }) {
  const [outcome, setOutcome] = useState<EmbedderTest | WireError | "busy" | null>(null);
  const run = async () => {
    setOutcome("busy");
    setOutcome(await commands.embedderTest(choice).catch(toWireError));
  };
  return (
    <>
      <Button small look="quiet" busy={outcome === "busy"} onClick={() => void run()} data-testid="embedder-test">
        {text.embedderTest}
      </Button>
      {outcome && outcome !== "busy" && (
        <span role="status" data-testid="embedder-tested">
          {"code" in outcome ? <ErrorText error={outcome} /> : text.embedderWorks(formatDuration(outcome.milliseconds))}
        </span>
      )}
    </>
  );
}
