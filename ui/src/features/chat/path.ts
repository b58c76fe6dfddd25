import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { commands, type MessageId, type PathPage, type SessionId } from "@/bindings";
import { errorText, toWireError } from "@/lib/errors";
import { keys } from "@/lib/query";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import { readBookmark } from "./bookmark";
import { type Branch, branchOf, isGrowing, missing, near, page, placeOf, type Range, withPage } from "./branch";

// A branch is read in pages, as far as it is looked at. Every reading tells how long the branch is and which message ends it: two readings
// that name different ends are of different branches, and then all is read again.

/** What each conversation shows just now. */
const views = new Map<SessionId, Range>();
const filling = new Set<SessionId>();
/** So many conversations are held beside the one that is shown. */
const held = 6;

const read = (client: QueryClient, session: SessionId) => client.getQueryData<Branch>(keys.path(session));
const write = (client: QueryClient, session: SessionId, change: (branch: Branch) => Branch) =>
  client.setQueryData<Branch>(keys.path(session), (branch) => branch && change(branch));

export const changeBranch = write;

export const branchStale = (client: QueryClient, session: SessionId): Promise<void> =>
  client.invalidateQueries({ queryKey: keys.messages(session) });

/** The branch that `session` shows; at first around `target`, else where one left it, else its end. `answering`: a reply is followed here. */
export function useBranch(session: SessionId | null, target: MessageId | null, answering: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (session) forgetOld(client);
  }, [client, session]);
  return useQuery<Branch>({
    queryKey: keys.path(session ?? ""),
    queryFn: () => readBranch(client, session ?? "", target),
    enabled: session !== null,
    // A reply that another window or the command line is writing sends no events here: look again until it has ended.
    refetchInterval: ({ state }) => (!answering && state.data && isGrowing(state.data) ? 1000 : false),
  });
}

async function readBranch(client: QueryClient, session: SessionId, target: MessageId | null): Promise<Branch> {
  const before = read(client, session);
  for (let attempt = 1; ; attempt += 1) {
    const pages = await (before ? readView(session, before) : readFirst(session, target));
    const one = pages.every(({ leaf }) => leaf === pages[0]?.leaf);
    // While somebody else goes on writing, the next reading is as good as any.
    if (one || attempt === 3) return branchOf(one ? pages : pages.slice(0, 1));
  }
}

async function readFirst(session: SessionId, target: MessageId | null): Promise<PathPage[]> {
  const around = target ?? readBookmark(session)?.message;
  // Where one left it may be on another branch by now, or be deleted; then it is the end that one sees. A target is said to be gone.
  const middle = target ? await reach(session, target) : around ? await pageAround(session, around).catch(() => null) : null;
  const end = await commands.sessionPath(session, { type: "end" }, page);
  return middle ? [end, middle] : [end];
}

async function readView(session: SessionId, before: Branch): Promise<PathPage[]> {
  const view = views.get(session) ?? { first: before.total - page, last: before.total - 1 };
  const first = Math.max(0, view.first - page / 2);
  const count = Math.min(view.last - first + page / 2, 4 * page);
  const fromEnd = before.total - first;
  if (fromEnd <= 2 * page) return [await commands.sessionPath(session, { type: "end" }, Math.max(page, fromEnd))];
  return Promise.all([
    commands.sessionPath(session, { type: "end" }, page),
    commands.sessionPath(session, { type: "from", index: first }, count),
  ]);
}

const pageAround = (session: SessionId, message: MessageId) => commands.sessionPath(session, { type: "around", message }, page);

/** A message may be on another branch: then that one is shown. */
async function reach(session: SessionId, message: MessageId): Promise<PathPage> {
  return pageAround(session, message).catch(async (thrown) => {
    if (toWireError(thrown).code !== "not_found") throw thrown;
    await commands.sessionShow(session, message);
    return pageAround(session, message);
  });
}

const isKnown = (branch: Branch, message: MessageId) => branch.known[placeOf(branch, message) ?? -1] !== undefined;

/** Makes `message` known, whichever branch it is on. */
export async function bringIn(client: QueryClient, session: SessionId, message: MessageId): Promise<void> {
  const branch = read(client, session);
  if (!branch || isKnown(branch, message)) return;
  keep(client, session, await reach(session, message));
}

/** Makes `message` known if it is on the branch that is shown, and says whether it is. */
export async function bringNear(client: QueryClient, session: SessionId, message: MessageId): Promise<boolean> {
  const branch = read(client, session);
  if (!branch) return false;
  if (isKnown(branch, message)) return true;
  const found = await pageAround(session, message).catch((thrown) => {
    if (toWireError(thrown).code !== "not_found") throw thrown;
    return null;
  });
  if (found) keep(client, session, found);
  return found !== null;
}

function keep(client: QueryClient, session: SessionId, found: PathPage): void {
  const now = read(client, session);
  if (now?.leaf === found.leaf) write(client, session, (one) => withPage(one, found));
  else client.setQueryData<Branch>(keys.path(session), branchOf([found]));
}

/** Says what is looked at: reads what is missing there, and lets go of what is far away. */
export function look(client: QueryClient, session: SessionId, view: Range): void {
  views.set(session, view);
  void fill(client, session);
}

// One page at a time, and always the one that is looked at now: who drags through ten thousand messages waits for none of those passed by.
async function fill(client: QueryClient, session: SessionId): Promise<void> {
  if (filling.has(session)) return;
  filling.add(session);
  try {
    for (let next = nextHole(client, session); next !== null; next = nextHole(client, session)) {
      const found = await commands.sessionPath(session, { type: "from", index: next }, page);
      if (found.leaf !== read(client, session)?.leaf || found.messages.length === 0) return void branchStale(client, session);
      write(client, session, (branch) => near(withPage(branch, found), views.get(session) ?? { first: next, last: next }));
    }
  } catch (thrown) {
    const action = { label: words.problem.again, run: () => void fill(client, session) };
    showToast(errorText(toWireError(thrown)), { tone: "warn", action });
  } finally {
    filling.delete(session);
  }
}

function nextHole(client: QueryClient, session: SessionId): number | null {
  const branch = read(client, session);
  const view = views.get(session);
  return branch && view ? missing(branch, view) : null;
}

function forgetOld(client: QueryClient): void {
  const rest = client
    .getQueryCache()
    .findAll({ queryKey: ["messages"], type: "inactive", predicate: ({ queryKey }) => queryKey[2] === "path" })
    .sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt);
  for (const { queryKey } of rest.slice(held)) {
    views.delete(queryKey[1] as SessionId);
    client.removeQueries({ queryKey });
  }
}
