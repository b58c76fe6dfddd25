import { type AttachmentId, commands, type StagedAttachment, type WireError } from "@/bindings";
import { readBase64 } from "@/host/file";
import { type DraftKey, onTakenAway, readDraftFiles, writeDraftFiles } from "@/lib/drafts";
import { toWireError } from "@/lib/errors";
import { formatBytes } from "@/lib/format";
import { keyedStore } from "@/lib/store";
import { words } from "@/lib/words";

/** A file that waits above the text to be sent. */
export type Waiting = {
  /** Its place in the row; the program's own id comes only when it has taken the file. */
  key: number;
  name: string;
  bytes: number;
  /** For the eye, while the window has the file itself; null for what is no image. */
  picture: string | null;
  /** The text that was pasted and made a file of. */
  text: string | null;
  /** Null while the program reads it. */
  staged: StagedAttachment | null;
};

/** A file that could not be taken; of a text that was pasted this is now the only place. */
export type Refused = { key: number; name: string; text: string | null; error: Pick<WireError, "message" | "hint"> };

/** `going`: keys of the files that are on their way with a message; `lost`: names of those that waited here before the window was opened. */
type Tray = { files: Waiting[]; refused: Refused[]; going: number[]; lost: string[] };

const empty: Tray = { files: [], refused: [], going: [], lost: [] };
const mostBytes = 20 * 1024 * 1024;

const trays = keyedStore<DraftKey, Tray>();
let last = 0;

const texts = ({ refused }: Tray) => refused.filter(({ text }) => text !== null);

function change(at: DraftKey, how: (tray: Tray) => Tray) {
  const tray = how(trays.get(at) ?? empty);
  trays.set(at, tray);
  writeDraftFiles(at, [...tray.files, ...texts(tray)]);
}

const staying = ({ files, going }: Tray) => files.filter(({ key }) => !going.includes(key));

/** What waits to be sent in a chat, without what is on its way. */
export function useTray(at: DraftKey): Omit<Tray, "going"> {
  const tray = trays.use(at) ?? empty;
  return { ...tray, files: staying(tray) };
}

export const filesOf = (at: DraftKey): Waiting[] => trays.get(at)?.files ?? [];

/** Whether something would be lost with it. */
export function holdsFiles(at: DraftKey): boolean {
  const tray = trays.get(at) ?? empty;
  return tray.files.length > 0 || texts(tray).length > 0;
}

/**
 * What is written down behind what waits here: of the last time that the window was open, or handed over by another one. A pasted text is
 * there again; of other files only their names are known.
 */
export function recover(at: DraftKey): void {
  const tray = trays.get(at) ?? empty;
  const known = readDraftFiles(at).slice(tray.files.length + texts(tray).length);
  if (known.length === 0) return;
  const names = known.flatMap(({ name, text }) => (text === null ? [name] : []));
  change(at, (tray) => ({ ...tray, lost: [...tray.lost, ...names] }));
  for (const { name, text } of known) if (text !== null) void take(at, textFile(name, text), text);
}

export const idsOf = (files: Waiting[]): AttachmentId[] => files.flatMap(({ staged }) => (staged ? [staged.attachment.id] : []));

export function attach(at: DraftKey, files: Iterable<File>): void {
  for (const file of files) void take(at, file);
}

const textFile = (name: string, text: string) => new File([text], name, { type: "text/plain" });

export function attachText(at: DraftKey, text: string): void {
  const names = filesOf(at).map(({ name }) => name);
  let place = 1;
  while (names.includes(words.composer.pastedName(place))) place += 1;
  void take(at, textFile(words.composer.pastedName(place), text), text);
}

async function take(at: DraftKey, file: File, text: string | null = null) {
  last += 1;
  const key = last;
  const refuse = (error: Refused["error"]) =>
    change(at, (tray) => ({ ...tray, refused: [...tray.refused, { key, name: file.name, text, error }] }));
  if (file.size > mostBytes) return refuse({ message: words.attachment.tooLarge(formatBytes(file.size)), hint: "" });
  const picture = /^image\/(?:png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : null;
  change(at, (tray) => ({ ...tray, files: [...tray.files, { key, name: file.name, bytes: file.size, picture, text, staged: null }] }));
  try {
    const data = await readBase64(file).catch(() => {
      throw { code: "invalid_input", message: words.attachment.unreadable, hint: "" };
    });
    const staged = await commands.attachmentAdd(file.name, data);
    const isThere = trays.get(at)?.files.some((one) => one.key === key);
    // Taken away again while it was being read.
    if (!isThere) return void commands.attachmentDiscard(staged.attachment.id).catch(() => {});
    change(at, (tray) => ({ ...tray, files: tray.files.map((one) => (one.key === key ? { ...one, staged } : one)) }));
  } catch (thrown) {
    drop(at, key);
    refuse(toWireError(thrown));
  }
}

function drop(at: DraftKey, key: number) {
  const gone = trays.get(at)?.files.find((one) => one.key === key);
  if (gone?.picture) URL.revokeObjectURL(gone.picture);
  change(at, (tray) => ({ ...tray, files: tray.files.filter((one) => one.key !== key) }));
}

export function takeAway(at: DraftKey, { key, staged }: Waiting): void {
  drop(at, key);
  if (staged) void commands.attachmentDiscard(staged.attachment.id).catch(() => {});
}

onTakenAway(({ key, file }) => {
  const tray = file && trays.get(key);
  if (!tray) return;
  for (const one of tray.files) if (one.name === file.name && one.text === file.text) takeAway(key, one);
  for (const one of tray.refused) if (one.name === file.name && one.text === file.text) dismissRefused(key, one.key);
});

/** All of it, as when its chat is given up. */
export function discard(at: DraftKey): void {
  for (const file of filesOf(at)) takeAway(at, file);
  trays.remove(at);
  writeDraftFiles(at, []);
}

export const dismissLost = (at: DraftKey): void => change(at, (tray) => ({ ...tray, lost: [] }));

export function dismissRefused(at: DraftKey, key: number): void {
  change(at, (tray) => ({ ...tray, refused: tray.refused.filter((one) => one.key !== key) }));
}

/** What waits goes along with a message; {@link notSent} brings it back, {@link sent} lets it go. */
export function send(at: DraftKey): Waiting[] {
  const files = staying(trays.get(at) ?? empty);
  change(at, (tray) => ({ ...tray, refused: texts(tray), going: files.map(({ key }) => key) }));
  return files;
}

export const notSent = (at: DraftKey): void => change(at, (tray) => ({ ...tray, going: [] }));

export function sent(at: DraftKey): void {
  for (const key of trays.get(at)?.going ?? []) drop(at, key);
  notSent(at);
}
