import { keepPreviousData, QueryClient, useQuery } from "@tanstack/react-query";
import {
  type Audience,
  type Cache,
  type Catalogue,
  type CredentialsView,
  commands,
  type FindQuery,
  type Found,
  type MessageId,
  type Notice,
  type PersonaView,
  type Session,
  type SessionId,
  type Settings,
  type Spend,
} from "@/bindings";

export function makeQueryClient(): QueryClient {
  return new QueryClient({
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
  persona: ["persona", "view"] as const,
  personaText: (path: string) => ["persona", "text", path] as const,
  settings: ["settings", "values"] as const,
  credentials: ["settings", "credentials"] as const,
  desktop: ["settings", "desktop"] as const,
  models: ["models", "catalogue"] as const,
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

export const useSessions = (audience: Audience) =>
  useQuery<Session[]>({ queryKey: keys.sessions(audience), queryFn: () => commands.sessionList(audience) });

export const usePersona = () => useQuery<PersonaView>({ queryKey: keys.persona, queryFn: () => commands.personaView() });

export const useSettings = () =>
  useQuery<Settings>({ queryKey: keys.settings, queryFn: async () => (await commands.bootstrap()).settings });

export const useCredentials = () => useQuery<CredentialsView>({ queryKey: keys.credentials, queryFn: () => commands.credentialsView() });

/** Asked for only where `needed`, because providers answer it; without need it gives what is known already. */
export const useCatalogue = (needed: boolean) =>
  useQuery<Catalogue>({ queryKey: keys.models, queryFn: () => commands.modelCatalogue(false), enabled: needed });

export const useUsage = (session: SessionId | null) =>
  useQuery<Spend>({
    queryKey: keys.usage(session ?? ""),
    queryFn: () => commands.usageSession(session ?? ""),
    enabled: session !== null,
  });
