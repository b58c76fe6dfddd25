import { useQueryClient } from "@tanstack/react-query";
import { Check, Cloud, type LucideIcon, Quote, Server } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { PersonaView, Provider, WireError } from "@/bindings";
import { useWindowReady } from "@/host/window";
import { Avatar } from "@/kit/avatar";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { ErrorText } from "@/kit/error-text";
import { Notice } from "@/kit/notice";
import { toWireError } from "@/lib/errors";
import { formatList } from "@/lib/format";
import { useFoundServers } from "@/lib/found";
import { saveSettings } from "@/lib/settings";
import { words } from "@/lib/words";
import styles from "./welcome.module.css";

type WelcomeProps = {
  persona: PersonaView;
  /** The form of one kind of model; it belongs to Settings, and the shell brings it here. */
  form: (provider: Provider, onCancel: () => void) => ReactNode;
  onDone: (then: "chat" | "persona") => void;
};

type Choice = { provider: Provider; icon: LucideIcon; name: string; tag: string; text: string; where: string; action: string };

const choices: Choice[] = [
  {
    provider: "offline",
    icon: Quote,
    name: words.settings.offline,
    tag: words.welcome.noAccount,
    text: words.settings.offlineText,
    where: words.settings.offlineWhere,
    action: words.welcome.offlineStart,
  },
  {
    provider: "bedrock",
    icon: Cloud,
    name: words.settings.bedrock,
    tag: words.welcome.yourAccount,
    text: words.settings.bedrockText,
    where: words.settings.bedrockWhere,
    action: words.welcome.set,
  },
  {
    provider: "openai",
    icon: Server,
    name: words.settings.openai,
    tag: words.welcome.localOrKey,
    text: words.settings.openaiText,
    where: words.settings.openaiWhere,
    action: words.welcome.set,
  },
];

export default function Welcome({ persona, form, onDone }: WelcomeProps) {
  useWindowReady();
  const client = useQueryClient();
  const formBox = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<Provider | null>(null);
  const found = useFoundServers().data ?? [];
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);

  // Whoever asked for the form goes on in its first field.
  useEffect(() => {
    if (!open) return;
    const box = formBox.current;
    // A group of choices is entered at its chosen one; the inputs behind them are hidden from everybody.
    const field = () => box?.querySelector<HTMLElement>("[role=radio][aria-checked=true], input:not([aria-hidden])");
    const focus = () => {
      box?.scrollIntoView({ block: "nearest" });
      field()?.focus();
    };
    if (field()) return focus();
    // The form is a part of the program that is read when it is first needed.
    const observer = new MutationObserver(() => {
      if (!field()) return;
      observer.disconnect();
      focus();
    });
    if (box) observer.observe(box, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [open]);

  const startOffline = async (then: "chat" | "persona") => {
    setBusy(true);
    setError(null);
    try {
      await saveSettings(client, (current) => ({ ...current, model: { provider: "offline", id: "" } }));
      onDone(then);
    } catch (thrown) {
      setError(toWireError(thrown));
      setBusy(false);
    }
  };

  return (
    <main className={styles.welcome} data-testid="welcome">
      <div className={styles.column} data-open={open ?? undefined}>
        <header className={styles.header}>
          <Avatar name={persona.name} picture={persona.avatar} size={56} />
          <h1>{words.welcome.title}</h1>
          <p>{words.welcome.text}</p>
        </header>
        <h2 className={styles.choose}>{words.welcome.choose}</h2>
        <div className={styles.choices}>
          {choices.map(({ provider, icon: Icon, name, tag, text, where, action }) => (
            <section
              key={provider}
              className={classNames(styles.choice, open === provider && styles.open)}
              aria-label={name}
              data-testid={`welcome-${provider}`}
            >
              <Icon size={20} strokeWidth={1.6} aria-hidden />
              <h3>{name}</h3>
              <p className={styles.tag}>
                {provider === "openai" && found.length > 0 ? words.welcome.foundHere(formatList(found.map(({ name }) => name))) : tag}
              </p>
              <p className={styles.text}>{text}</p>
              <p className={styles.where}>
                <Check size={13} strokeWidth={2.2} aria-hidden />
                {where}
              </p>
              {open !== provider && (
                <Button
                  look={provider === "offline" ? "primary" : "secondary"}
                  busy={provider === "offline" && busy}
                  aria-label={words.welcome.chooseThis(action, name)}
                  onClick={() => (provider === "offline" ? void startOffline("chat") : setOpen(provider))}
                  data-testid={`choose-${provider}`}
                >
                  {action}
                </Button>
              )}
            </section>
          ))}
        </div>
        {open && (
          <div className={styles.form} ref={formBox}>
            {form(open, () => setOpen(null))}
          </div>
        )}
        {error && (
          <Notice tone="danger" role="alert">
            <ErrorText error={error} />
          </Notice>
        )}
        <footer className={styles.footer}>
          <p>
            {words.welcome.persona(persona.name)}{" "}
            <button type="button" onClick={() => void startOffline("persona")} disabled={busy} data-testid="welcome-persona">
              {words.welcome.personaAction}
            </button>
          </p>
          <p>{words.welcome.later}</p>
        </footer>
      </div>
    </main>
  );
}
