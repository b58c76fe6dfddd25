import { Plus, RefreshCw } from "lucide-react";
import type { FoundServer, OpenaiServer, Preset } from "@/bindings";
import { Button, Spinner } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { useFoundServers } from "@/lib/found";
import { words } from "@/lib/words";
import styles from "./form.module.css";
import { usePresets } from "./queries";
import { address } from "./server";
import own from "./server.module.css";
import type { Draft } from "./server-editor";

const text = words.settings.server;

type ServerAddProps = {
  servers: OpenaiServer[];
  first: boolean;
  shown: Draft;
  onAdd: (found: FoundServer) => void;
  onUse: (found: FoundServer) => void;
  /** None: an empty form. */
  onPreset: (preset: Preset | null) => void;
};

/** What answers on this computer, found without being asked, and the well-known servers elsewhere. */
export function ServerAdd({ servers, first, shown, onAdd, onUse, onPreset }: ServerAddProps) {
  const finding = useFoundServers();
  const all = finding.data ?? [];
  const isListed = ({ base_url }: { base_url: string }) => servers.some((server) => address(server.base_url) === address(base_url));
  const found = first ? all : all.filter((server) => !isListed(server));
  const presets = (usePresets().data ?? []).filter((preset) => first || !isListed(preset));
  const finds = !all.length ? text.foundNone : found.length ? text.found(found.length) : text.foundListed(all.length);
  return (
    <>
      <section className={own.found} aria-label={text.found(all.length)} data-testid="found-servers">
        <div className={own.foundHead}>
          <p className={own.foundTitle} role="status">
            {finding.isFetching ? (
              <>
                <Spinner size={14} /> {text.finding}
              </>
            ) : (
              finds
            )}
          </p>
          <Button
            small
            look="quiet"
            icon={RefreshCw}
            disabled={finding.isFetching}
            onClick={() => void finding.refetch()}
            data-testid="find-again"
          >
            {text.again}
          </Button>
        </div>
        {found.length > 0 && (
          <ul className={own.foundList}>
            {found.map((server) => (
              <li key={server.base_url} className={own.foundRow} data-testid="found-server">
                <span className={own.dot} aria-hidden />
                <b>{server.name}</b>
                <span className={own.quiet}>{text.modelCount(server.models.length)}</span>
                <span className={own.where} dir="ltr">
                  {server.base_url.replace(/^https?:\/\//, "")}
                </span>
                <Button
                  small
                  aria-label={first ? text.takeFound(server.name) : text.addFound(server.name)}
                  onClick={() => (first ? onUse(server) : onAdd(server))}
                  data-testid="add-found"
                >
                  {first ? text.useAction : text.addAction}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <div className={styles.group}>
        <span className={styles.label} id="add-server">
          {first ? text.addFrom : text.add}
        </span>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset inside a form's own group says it twice */}
        <div className={own.presets} role="group" aria-labelledby="add-server" data-testid="presets">
          {presets.map((preset) => (
            <button
              key={preset.name}
              type="button"
              className={classNames(own.preset, preset === shown.preset && own.on)}
              aria-pressed={preset === shown.preset}
              onClick={() => onPreset(preset)}
              data-testid="preset"
              data-name={preset.name}
            >
              {preset.title}
            </button>
          ))}
          {!first && (
            <button
              type="button"
              className={classNames(own.preset, shown.of === null && !shown.preset && own.on)}
              aria-pressed={shown.of === null && !shown.preset}
              onClick={() => onPreset(null)}
              data-testid="add-server"
            >
              <Plus size={13} strokeWidth={2} aria-hidden />
              {text.other}
            </button>
          )}
        </div>
      </div>
    </>
  );
}
