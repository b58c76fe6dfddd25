import { useQuery } from "@tanstack/react-query";
import { Ellipsis, Eye, EyeOff, ImageOff } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Attachment, commands } from "@/bindings";
import { Button } from "@/kit/button";
import { classNames } from "@/kit/class-names";
import { Dialog } from "@/kit/dialog";
import { Menu } from "@/kit/menu";
import { formatBytes } from "@/lib/format";
import { keys } from "@/lib/query";
import { words } from "@/lib/words";
import { fileIcon, isPicture } from "./file-icon";
import styles from "./files.module.css";

type SentFilesProps = { files: Attachment[]; onLeaveOut: (file: Attachment, leftOut: boolean) => void };

/** The files that were sent with a message. */
export function SentFiles({ files, onLeaveOut }: SentFilesProps) {
  return (
    <ul className={styles.sent} aria-label={words.attachment.list}>
      {files.map((file) => {
        const menu = <FileMenu file={file} onLeaveOut={(leftOut) => onLeaveOut(file, leftOut)} />;
        return (
          <li key={file.id} data-testid="sent-file" data-name={file.name} data-left-out={file.left_out || undefined}>
            {isPicture(file.media_type) ? <Picture file={file} menu={menu} /> : <FileCard file={file} menu={menu} />}
          </li>
        );
      })}
    </ul>
  );
}

function FileMenu({ file, onLeaveOut }: { file: Attachment; onLeaveOut: (leftOut: boolean) => void }) {
  const item = file.left_out
    ? { label: words.attachment.putBack, icon: Eye, onSelect: () => onLeaveOut(false) }
    : { label: words.attachment.leaveOut, icon: EyeOff, onSelect: () => onLeaveOut(true) };
  return (
    <Menu
      trigger={
        <button type="button" className={styles.more} aria-label={words.attachment.more(file.name)} data-testid="sent-file-menu">
          <Ellipsis size={15} strokeWidth={1.8} aria-hidden />
        </button>
      }
      items={[item]}
    />
  );
}

function FileCard({ file, menu, missing }: { file: Attachment; menu: ReactNode; missing?: boolean }) {
  const Icon = missing ? ImageOff : fileIcon(file.media_type);
  return (
    <div className={classNames(styles.chip, file.left_out && styles.out)}>
      <span className={styles.thumb}>
        <Icon size={17} strokeWidth={1.7} aria-hidden />
      </span>
      <span className={styles.about}>
        <span className={styles.name} title={file.name}>
          {file.name}
        </span>
        <span className={styles.detail}>
          {file.left_out ? words.attachment.leftOut : missing ? words.attachment.missing : formatBytes(file.bytes)}
        </span>
      </span>
      {menu}
    </div>
  );
}

function Picture({ file, menu }: { file: Attachment; menu: ReactNode }) {
  const [place, seen] = useSeen();
  const [open, setOpen] = useState(false);
  const data = useQuery({ queryKey: keys.file(file.sha256), queryFn: () => commands.attachmentData(file.sha256), enabled: seen });
  const source = data.data && `data:${file.media_type};base64,${data.data}`;
  if (data.isError) return <FileCard file={file} menu={menu} missing />;
  return (
    <figure className={classNames(styles.picture, file.left_out && styles.out)} ref={place}>
      <button
        type="button"
        className={styles.enlarge}
        aria-label={words.attachment.enlarge(file.name)}
        title={file.name}
        disabled={!source}
        onClick={() => setOpen(true)}
        data-testid="sent-picture"
      >
        {source && <img src={source} alt={file.name} />}
      </button>
      {menu}
      {file.left_out && <figcaption>{words.attachment.leftOut}</figcaption>}
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        wide
        title={file.name}
        text={formatBytes(file.bytes)}
        testId="picture-dialog"
        actions={
          <Button look="primary" onClick={() => setOpen(false)}>
            {words.form.close}
          </Button>
        }
      >
        <img className={styles.large} src={source} alt={file.name} />
      </Dialog>
    </figure>
  );
}

/** Whether the element has come near what is in view: a long conversation does not read all its pictures. */
function useSeen(): [(element: HTMLElement | null) => void, boolean] {
  const [seen, setSeen] = useState(typeof IntersectionObserver === "undefined");
  const [element, setElement] = useState<HTMLElement | null>(null);
  const done = useRef(seen);
  useEffect(() => {
    if (!element || done.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        done.current = true;
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: "400px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, seen];
}
