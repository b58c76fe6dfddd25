import { ArrowUpToLine, Ellipsis, KeyRound, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { OpenaiServer } from "@/bindings";
import { commands } from "@/bindings";
import { Button, IconButton } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Dialog } from "@/kit/dialog";
import { Menu } from "@/kit/menu";
import { errorText, toWireError } from "@/lib/errors";
import { useFoundServers } from "@/lib/found";
import { useCredentials } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { Check } from "./check";
import styles from "./form.module.css";
import { address } from "./server";
import own from "./server.module.css";

const text = words.settings.server;

type ServerListProps = {
  servers: OpenaiServer[];
  /** The one whose model answers. */
  inUse: string | null;
  /** The one that compares meanings. */
  embedder: string | null;
  edited: string | null;
  onEdit: (name: string) => void;
  onMakeFirst: (name: string) => void;
  onRemove: (name: string) => void;
};

export function ServerList({ servers, inUse, embedder, edited, onEdit, onMakeFirst, onRemove }: ServerListProps) {
  const id = useId();
  const withKey = useCredentials().data?.openai ?? [];
  const running = useFoundServers().data ?? [];
  const [removing, setRemoving] = useState<string | null>(null);
  return (
    <div className={styles.group}>
      <span className={styles.label} id={id}>
        {text.label}
      </span>
      <ul className={own.servers} aria-labelledby={id} data-testid="servers">
        {servers.map(({ name, base_url }, place) => (
          <li key={name} className={classNames(own.server, name === edited && own.edited)} data-testid="server" data-name={name}>
            <button
              type="button"
              className={own.open}
              title={text.edit(name)}
              aria-current={name === edited ? "true" : undefined}
              onClick={() => onEdit(name)}
              data-testid="server-edit"
            >
              <span className={own.name}>
                <b>{name}</b>
                {name === inUse && <em className={own.on}>{words.settings.inUse}</em>}
                {place === 0 && servers.length > 1 && <em>{text.first}</em>}
                {running.some((found) => address(found.base_url) === address(base_url)) && <em className={own.good}>{text.running}</em>}
              </span>
              <span className={own.address}>{base_url}</span>
            </button>
            {withKey.includes(name) && (
              <span className={own.key} title={text.hasKey}>
                <KeyRound size={14} strokeWidth={1.8} aria-label={text.hasKey} role="img" />
              </span>
            )}
            {servers.length > 1 && (
              <Menu
                trigger={<IconButton label={text.more(name)} icon={Ellipsis} data-testid="server-more" />}
                items={[
                  ...(place > 0 ? [{ label: text.makeFirst, icon: ArrowUpToLine, onSelect: () => onMakeFirst(name) }] : []),
                  { label: text.remove, icon: Trash2, danger: true, onSelect: () => setRemoving(name) },
                ]}
              />
            )}
          </li>
        ))}
      </ul>
      {servers.length > 1 && <p className={styles.hint}>{text.text}</p>}
      {removing !== null && (
        <RemoveDialog
          name={removing}
          isInUse={removing === inUse}
          isEmbedder={removing === embedder}
          hasKey={withKey.includes(removing)}
          onClose={() => setRemoving(null)}
          onRemove={() => {
            setRemoving(null);
            onRemove(removing);
          }}
        />
      )}
    </div>
  );
}

type RemoveDialogProps = {
  name: string;
  isInUse: boolean;
  isEmbedder: boolean;
  hasKey: boolean;
  onClose: () => void;
  onRemove: () => void;
};

function RemoveDialog({ name, isInUse, isEmbedder, hasKey, onClose, onRemove }: RemoveDialogProps) {
  const [forgets, setForgets] = useState(false);
  const remove = async () => {
    try {
      // While the server is still known: by its name the key is found.
      if (forgets) await commands.credentialsForget({ type: "openai", server: name });
      onRemove();
    } catch (thrown) {
      showToast(errorText(toWireError(thrown)), { tone: "warn" });
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.removeTitle(name)}
      text={
        <div className={styles.group}>
          <p>{text.removeText}</p>
          {isInUse && <p>{text.removeInUse}</p>}
          {isEmbedder && <p>{text.removeEmbedder}</p>}
        </div>
      }
      testId="server-remove"
      actions={
        <>
          <Button onClick={onClose}>{words.form.cancel}</Button>
          <Button look="danger" onClick={() => void remove()} data-testid="server-remove-confirm">
            {text.removeAction}
          </Button>
        </>
      }
    >
      {hasKey && <Check label={text.removeKey} checked={forgets} onChange={setForgets} testId="server-remove-key" />}
    </Dialog>
  );
}
