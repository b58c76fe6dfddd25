import { Paperclip, TextCursorInput } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { words } from "@/lib/words";
import styles from "./drop.module.css";

type Carried = "files" | "text";

type DropAreaProps = {
  className: string | undefined;
  onFiles: (files: File[]) => void;
  onText: (text: string) => void;
  children: ReactNode;
};

/** Takes files and text that are dropped anywhere on the conversation, and says so while they hover. */
export function DropArea({ className, onFiles, onText, children }: DropAreaProps) {
  const [over, setOver] = useState<Carried | null>(null);
  // Entering a child comes before leaving its parent: only leaving what was entered last is to leave. A count would go wrong with each element
  // that is taken away under the pointer, as a growing answer does.
  const last = useRef<EventTarget | null>(null);
  // What is dragged about in the conversation itself goes only where it is put down, in the field.
  const ours = useRef(false);

  /** What is carried, if it is for us: text over the field is the field's own, which shows where it would go. */
  const carried = ({ dataTransfer: { types }, target }: DragEvent): Carried | null => {
    if (types.includes("Files")) return "files";
    if (!types.includes("text/plain") || ours.current) return null;
    return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement ? null : "text";
  };
  return (
    <main
      className={className}
      onDragStart={() => {
        ours.current = true;
      }}
      onDragEnd={() => {
        ours.current = false;
      }}
      onDragEnter={(event) => {
        last.current = event.target;
        const what = carried(event);
        setOver(what);
        if (what) event.preventDefault();
      }}
      onDragOver={(event) => {
        if (!carried(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDragLeave={(event) => {
        if (event.target === last.current) setOver(null);
      }}
      onDrop={(event) => {
        const what = carried(event);
        setOver(null);
        if (!what) return;
        event.preventDefault();
        if (what === "files") onFiles([...event.dataTransfer.files]);
        else onText(event.dataTransfer.getData("text/plain"));
      }}
    >
      {children}
      {over && (
        <div className={styles.target} data-testid="drop-target">
          {over === "files" ? (
            <Paperclip size={22} strokeWidth={1.7} aria-hidden />
          ) : (
            <TextCursorInput size={22} strokeWidth={1.7} aria-hidden />
          )}
          <p>{over === "files" ? words.attachment.drop : words.composer.dropText}</p>
          {over === "files" && <p>{words.attachment.dropText}</p>}
        </div>
      )}
    </main>
  );
}
