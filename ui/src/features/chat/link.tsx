import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import { commands } from "@/bindings";
import { Button, Spinner } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Dialog } from "@/kit/dialog";
import { Notice } from "@/kit/notice";
import { errorText, toWireError } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { useCopy } from "./copy";
import styles from "./link.module.css";

const AskContext = createContext<(url: string) => void>(() => {});

/** Holds the question that is put before any link is followed. */
export function LinkGate({ children }: { children: ReactNode }) {
  const [url, setUrl] = useState<string | null>(null);
  return (
    <AskContext value={setUrl}>
      {children}
      {url !== null && <LinkDialog url={url} onClose={() => setUrl(null)} />}
    </AskContext>
  );
}

// A button and not an anchor: with no href there is nothing to navigate to, to drag, to middle-click or to look up in advance.
export function Link({ url, children }: { url: string; children: ReactNode }) {
  const ask = useContext(AskContext);
  // WebKit sets a button as one box, so a bare address would take lines of its own: it is cut instead, the dialog shows it whole.
  const bare = typeof children === "string" && /^(?:https?:\/\/|www\.)\S+$/.test(children);
  return (
    <button type="button" className={classNames(styles.link, bare && styles.bare)} onClick={() => ask(url)} data-url={url}>
      {children}
    </button>
  );
}

function LinkDialog({ url, onClose }: { url: string; onClose: () => void }) {
  const view = useQuery({ queryKey: ["link", url], queryFn: () => commands.linkInspect(url), gcTime: 0 });
  const [copied, copy] = useCopy();
  const open = () => {
    onClose();
    commands.linkOpen(url).catch((thrown) => showToast(errorText(toWireError(thrown)), { tone: "warn" }));
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={view.isError ? words.link.refused : words.link.title}
      text={view.isError ? errorText(toWireError(view.error)) : words.link.text}
      testId="link-dialog"
      actions={
        <>
          <Button look="quiet" className={styles.copy} onClick={() => copy(url)}>
            {copied ? words.form.copied : words.link.copy}
          </Button>
          <Button onClick={onClose}>{words.form.cancel}</Button>
          {!view.isError && (
            <Button look="primary" disabled={!view.data} onClick={open}>
              {words.link.open}
            </Button>
          )}
        </>
      }
    >
      {view.isPending && <Spinner />}
      {view.data && (
        <dl className={styles.facts}>
          <dt>{words.link.goesTo}</dt>
          <dd className={styles.host} data-testid="link-host">
            {view.data.host}
          </dd>
          <dt>{words.link.whole}</dt>
          <dd className="selectable">{view.data.url}</dd>
        </dl>
      )}
      {view.data?.warning && <Notice tone="warn">{view.data.warning}</Notice>}
    </Dialog>
  );
}
