import type { FindOrder } from "@/bindings";
import { count } from "./count";

const orders: Record<Exclude<FindOrder, "oldest">, string> = { newest: "Newest", best: "Best fit" };

export const find = {
  title: "Find in all messages",
  short: "Find",
  placeholder: "Find in all messages",
  order: "Order",
  orders,
  who: "Who",
  whoAny: "Anyone",
  me: "You",
  visitor: "Visitor",
  when: "When",
  times: { any: "Any time", today: "Today", week: "Last 7 days", month: "Last 30 days", year: "This year", own: "Own dates" },
  from: "From",
  to: "To",
  chat: "Chat",
  chatAny: "All chats",
  chatSearch: "Search chats",
  chatNone: "No chat has this title",
  clearFilters: "Clear filters",
  results: "Messages found",
  found: (value: number, more: boolean) =>
    more ? `The first ${count(value, "message", "messages")}` : count(value, "message", "messages"),
  more: "Show more",
  archived: "archived",
  start: "Find what was said",
  startText: "Every word must occur, in any order. Put words in “double quotes” to find them exactly so.",
  none: (text: string) => `Nothing fits “${text}”`,
  noneText: "Try fewer or shorter words.",
  noneFiltered: "Perhaps it is outside of the filters.",
  failed: "The messages could not be searched",
  here: "Find in this chat",
  of: (index: number, total: string) => `${index} of ${total}`,
  atLeast: (total: string) => `${total}+`,
  nothing: "No hits",
  next: "Next hit",
  previous: "Previous hit",
  close: "Close",
};
