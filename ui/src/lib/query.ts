import {
  type InvalidateOptions,
  type InvalidateQueryFilters,
  keepPreviousData,
  QueryCache,
  QueryClient,
  type QueryKey,
  useQuery,
} from "@tanstack/react-query";
import {
  type Audience,
  type Cache,
  type Catalogue,
  type CredentialsView,
  commands,
  type FindQuery,
  type ForgetScope,
  type Found,
  type MemoryDetail,
  type MemoryId,
  type MemoryNotice,
  type MemoryPage,
  type MemoryQuery,
  type MemoryStats,
  type MessageId,
  type Notice,
  type PersonaView,
  type PersonRow,
  type Session,
  type SessionId,
  type Settings,
  type Spend,
  type SyncStatus,
} from "@/bindings";
import { toWireError } from "./errors";
import { readSettings } from "./settings";

class Client extends QueryClient {
  /**
   * What is just being read for the first time may have been read before the change: the library would keep it and take it for
   * fresh. So that is called stale once more when it is there.
   */
  override invalidateQueries<Key extends QueryKey = QueryKey>(
    filters?: InvalidateQueryFilters<Key>,
    options?: InvalidateOptions,
  ): Promise<void> {
    for (const query of this.getQueryCache().findAll({ ...filters, fetchStatus: "fetching" })) {
      if (query.state.data !== undefined) continue;
      const again = () => super.invalidateQueries({ queryKey: query.queryKey, exact: true });
      query.promise?.then(again, again);
    }
    return super.invalidateQueries(filters, options);
  }
}

export function makeQueryClient(): QueryClient {
  const queryCache = new QueryCache({
    // A home that turns out to be damaged is not gone on with: the start is asked for again, and says so in place of all else.
    onError: (error, { queryKey }) => {
      if (queryKey[0] === keys.bootstrap[0] || toWireError(error).code !== "store_damaged") return;
      void client.invalidateQueries({ queryKey: keys.bootstrap });
    },
  });
  const client = new Client({
    queryCache,
    defaultOptions: {
      // The data lives in this process's own program, which says when it changes: nothing goes stale by itself.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        retry: false,
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return client;
}

export const keys = {
  bootstrap: ["bootstrap"] as const,
  sessions: (audience: Audience) => ["sessions", audience] as const,
  messages: (session: SessionId) => ["messages", session] as const,
  /** What is known of the branch that is shown. */
  path: (session: SessionId) => ["messages", session, "path"] as const,
  // Below the messages: whatever makes those stale has changed the sum as well.
  usage: (session: SessionId) => ["messages", session, "usage"] as const,
  /** The bytes of a sent file never change, and neither does their hash. */
  file: (sha256: string) => ["file", sha256] as const,
  /** Messages that were found: another question, another key. */
  found: (query: FindQuery) => ["found", query] as const,
  report: (message: MessageId) => ["report", message] as const,
  claims: (message: MessageId) => ["report", message, "claims"] as const,
  persona: ["persona", "view"] as const,
  personaText: (path: string) => ["persona", "text", path] as const,
  settings: ["settings", "values"] as const,
  credentials: ["settings", "credentials"] as const,
  desktop: ["settings", "desktop"] as const,
  models: ["models", "catalogue"] as const,
  memories: (query: MemoryQuery) => ["memory", "list", query] as const,
  memory: (id: MemoryId) => ["memory", "detail", id] as const,
  memoryStats: ["memory", "stats"] as const,
  notices: (session: SessionId) => ["memory", "notices", session] as const,
  people: ["memory", "people"] as const,
  receipts: ["memory", "receipts"] as const,
  sync: ["sync", "status"] as const,
  plan: (scope: ForgetScope) => ["memory", "plan", scope] as const,
  planDrafts: (scope: ForgetScope) => ["memory", "plan-drafts", scope] as const,
};

/** An event names the caches that it makes stale; messages of one session do not disturb the others. */
export function applyNotice(client: QueryClient, notice: Notice): void {
  const { event } = notice;
  for (const cache of notice.stale satisfies Cache[]) {
    const queryKey = cache === "messages" && event.type === "messages_changed" ? keys.messages(event.session_id) : [cache];
    void client.invalidateQueries({ queryKey });
    // What was found are messages, under the titles of their sessions.
    if (cache === "messages" || cache === "sessions") void client.invalidateQueries({ queryKey: ["found"] });
  }
}

/** What was found before stays until there is something new, so that nothing flickers while one types; an answer that comes too late is for nobody. */
export const useFound = (query: FindQuery, enabled: boolean) =>
  useQuery<Found>({
    queryKey: keys.found(query),
    queryFn: () => commands.messageFind(query),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    enabled,
  });

export const useMemories = (query: MemoryQuery, enabled = true) =>
  useQuery<MemoryPage>({
    queryKey: keys.memories(query),
    queryFn: () => commands.memoryList(query),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    enabled,
  });

export const useMemory = (id: MemoryId) => useQuery<MemoryDetail>({ queryKey: keys.memory(id), queryFn: () => commands.memoryGet(id) });

export const useMemoryStats = () => useQuery<MemoryStats>({ queryKey: keys.memoryStats, queryFn: () => commands.memoryStats() });

export const usePeople = () => useQuery<PersonRow[]>({ queryKey: keys.people, queryFn: () => commands.personList() });

/** What was learned from the messages of a session; of a chat that has not begun, nothing. */
export const useNotices = (session: SessionId | null) =>
  useQuery<MemoryNotice[]>({
    queryKey: keys.notices(session ?? ""),
    queryFn: () => commands.memoryNotices(session ?? ""),
    enabled: session !== null,
  });

export const useSessions = (audience: Audience) =>
  useQuery<Session[]>({ queryKey: keys.sessions(audience), queryFn: () => commands.sessionList(audience) });

export const usePersona = () => useQuery<PersonaView>({ queryKey: keys.persona, queryFn: () => commands.personaView() });

export const useSettings = () => useQuery<Settings>({ queryKey: keys.settings, queryFn: ({ client }) => readSettings(client) });

export const useCredentials = () => useQuery<CredentialsView>({ queryKey: keys.credentials, queryFn: () => commands.credentialsView() });

/** Asked for only where `needed`, because providers answer it; without need it gives what is known already. */
export const useCatalogue = (needed: boolean) =>
  useQuery<Catalogue>({ queryKey: keys.models, queryFn: () => commands.modelCatalogue(false), enabled: needed });

export const useSync = () => useQuery<SyncStatus>({ queryKey: keys.sync, queryFn: () => commands.syncStatus() });

export const useUsage = (session: SessionId | null) =>
  useQuery<Spend>({
    queryKey: keys.usage(session ?? ""),
    queryFn: () => commands.usageSession(session ?? ""),
    enabled: session !== null,
  });
