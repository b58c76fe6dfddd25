import type { Pressed } from "@/lib/keys";
import { type Action, means } from "@/lib/shortcut";

const actions = [
  "rename_chat",
  "pin_chat",
  "archive_chat",
  "tag_chat",
  "select_chat",
  "select_all_chats",
  "export_chat",
  "delete_chat",
] as const satisfies Action[];

/** What keys do while a chat of the list has the focus. */
export type ListAction = (typeof actions)[number];

/** What was asked for by a key, if anything. */
export const listAction = (event: Pressed): ListAction | null => actions.find((action) => means(event, action)) ?? null;
