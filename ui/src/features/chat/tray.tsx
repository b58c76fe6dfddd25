import { TextCursorInput, X } from "lucide-react";
import type { ModelEntry, ModelRef } from "@/bindings";
import { IconButton, Spinner } from "@/kit/button";
import { CodeText } from "@/kit/code-text";
import { Notice } from "@/kit/notice";
import { errorText } from "@/lib/errors";
import { formatBytes } from "@/lib/format";
import { modelName } from "@/lib/model";
import { words } from "@/lib/words";
import type { Refused, Waiting } from "./attachments";
import { fileIcon, isPicture } from "./file-icon";
import styles from "./files.module.css";

type TrayProps = {
  files: Waiting[];
  model: ModelRef | null;
  entry: ModelEntry | undefined;
  onRemove: (file: Waiting) => void;
  onBack: (file: Waiting, text: string) => void;
};

/** The files that go with the next message. */
export function Tray({ files, model, entry, onRemove, onBack }: TrayProps) {
  if (files.length === 0) return null;
  return (
    <ul className={styles.tray} aria-label={words.attachment.list} data-testid="tray">
      {files.map((file) => {
        const problem = model && file.staged ? notTaken(file.staged.attachment.media_type, model, entry) : null;
        return (
          <li key={file.key} className={styles.chip} data-testid="tray-file" data-name={file.name} aria-busy={!file.staged || undefined}>
            <Thumb file={file} />
            <span className={styles.about}>
              <span className={styles.name} title={file.name}>
                {file.name}
              </span>
              <span className={styles.detail}>
                {sizeText(file)}
                {problem && (
                  <span className={styles.warn} data-testid="tray-problem">
                    {" · "}
                    {problem}
                  </span>
                )}
              </span>
            </span>
            {file.text !== null && (
              <IconButton
                label={words.composer.pastedBack(file.name)}
                icon={TextCursorInput}
                size={14}
                onClick={() => onBack(file, file.text ?? "")}
                data-testid="tray-back"
              />
            )}
            <IconButton
              label={words.attachment.remove(file.name)}
              icon={X}
              size={14}
              onClick={() => onRemove(file)}
              data-testid="tray-remove"
            />
          </li>
        );
      })}
    </ul>
  );
}

function Thumb({ file }: { file: Waiting }) {
  if (!file.staged) {
    return (
      <span className={styles.thumb} role="status" aria-label={words.attachment.adding(file.name)}>
        <Spinner />
      </span>
    );
  }
  const Icon = fileIcon(file.staged.attachment.media_type);
  return (
    <span className={styles.thumb}>
      {file.picture ? <img src={file.picture} alt="" /> : <Icon size={17} strokeWidth={1.7} aria-hidden />}
    </span>
  );
}

function sizeText({ bytes, staged }: Waiting): string {
  if (!staged) return formatBytes(bytes);
  const { attachment, original_bytes: was } = staged;
  return words.attachment.size(formatBytes(attachment.bytes), was > attachment.bytes ? formatBytes(was) : null);
}

/** What is known to become of such a file at this model; null where it is taken, or nobody knows. */
function notTaken(mediaType: string, model: ModelRef, entry: ModelEntry | undefined): string | null {
  const refused = entry?.lessons.refused ?? [];
  const name = entry?.name ?? modelName(model);
  if (isPicture(mediaType)) return entry?.images === false || refused.includes("images") ? words.attachment.noImages(name) : null;
  return refused.includes("documents") && !mediaType.startsWith("text/") ? words.attachment.noDocuments(name) : null;
}

type TroublesProps = {
  refused: Refused[];
  lost: string[];
  onDismiss: (key: number) => void;
  onBack: (key: number, text: string) => void;
  onDismissLost: () => void;
};

/** The files that could not be taken, each with its reason, and those that are no longer there. */
export function TrayTroubles({ refused, lost, onDismiss, onBack, onDismissLost }: TroublesProps) {
  if (refused.length === 0 && lost.length === 0) return null;
  return (
    <div className={styles.troubles}>
      {refused.map(({ key, name, text, error }) => (
        <div key={key} className={styles.refused}>
          <Notice tone="warn" role="alert" title={words.attachment.failed(name)} testId="attach-error">
            <CodeText text={reason(name, error)} />
          </Notice>
          {text !== null && (
            <IconButton
              label={words.composer.pastedBack(name)}
              icon={TextCursorInput}
              size={14}
              onClick={() => onBack(key, text)}
              data-testid="refused-back"
            />
          )}
          <IconButton label={words.toast.dismiss} icon={X} size={14} onClick={() => onDismiss(key)} />
        </div>
      ))}
      {lost.length > 0 && (
        <div className={styles.refused}>
          <Notice role="status" title={words.composer.lost(lost)} testId="files-lost">
            {words.composer.lostText(lost.length)}
          </Notice>
          <IconButton label={words.toast.dismiss} icon={X} size={14} onClick={onDismissLost} />
        </div>
      )}
    </div>
  );
}

/** The program's sentence may begin with the file's name, which is written as the file is called. */
function reason(name: string, error: Refused["error"]): string {
  const text = errorText(error);
  return text.toLowerCase().startsWith(name.toLowerCase()) ? name + text.slice(name.length) : text;
}
