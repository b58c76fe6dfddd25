import type { OpenaiServer } from "@/bindings";

/** A key is for the server that it was given for: what decides is where requests go, and not the rest of the address. */
export const origin = (url: string): string => (URL.canParse(url.trim()) ? new URL(url.trim()).origin : url.trim());

/** As the program writes addresses down. */
export const address = (url: string): string => url.trim().replace(/\/+$/, "");

export const isLocal = (url: string): boolean => /^https?:\/\/(?:localhost|127\.|\[::1\])/i.test(url.trim());

/** As `is_server_name` of the program's core: safe inside `openai@SERVER:ID`. */
export const isServerName = (name: string): boolean => /^[\p{L}\p{N}._-]{1,40}$/u.test(name);

/** `name`, or with a number where it is taken. */
export function freeName(name: string, servers: OpenaiServer[]): string {
  const taken = (one: string) => servers.some((server) => server.name === one);
  if (!taken(name)) return name;
  for (let number = 2; ; number += 1) if (!taken(`${name}-${number}`)) return `${name}-${number}`;
}

/** A name for whoever answers at `url`. */
export function nameAt(url: string, servers: OpenaiServer[]): string {
  const host = URL.canParse(url.trim()) ? new URL(url.trim()).host : "";
  return freeName(host.replace(/[^\p{L}\p{N}.]+/gu, "-").slice(0, 36) || "server", servers);
}
