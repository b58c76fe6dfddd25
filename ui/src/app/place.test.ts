import { describe, expect, it } from "vitest";
import { givesUp, move, type Place } from "./place";

const newChat: Place = {
  screen: "chat",
  audience: "owner",
  session: null,
  temporary: false,
  target: null,
  file: null,
  memory: null,
  section: null,
  before: "chat" as const,
  nonce: 0,
};
const started = { to: "started", session: "s", audience: "owner", temporary: false } as const;

describe("a new chat that became a session", () => {
  it("opens_for_one_who_waits_for_it", () => {
    expect(move(newChat, started).session).toBe("s");
  });

  it.each([
    ["another screen", { ...newChat, screen: "persona" }],
    ["another audience", { ...newChat, audience: "visitor" }],
    ["another session", { ...newChat, session: "other" }],
    ["a temporary chat", { ...newChat, temporary: true }],
  ] as [string, Place][])("does_not_pull_anybody_away_from %s", (_name, place) => {
    expect(move(place, started)).toEqual(place);
  });

  it("is_taken_along_to_another_screen_if_it_is_temporary_and_so_in_no_list", () => {
    const place: Place = { ...newChat, temporary: true, screen: "settings" };
    expect(move(place, { ...started, temporary: true })).toMatchObject({ screen: "settings", session: "s", temporary: true });
  });
});

describe("a temporary chat", () => {
  const inside: Place = { ...newChat, temporary: true, session: "s" };

  it.each([
    ["another chat", { to: "chat", session: "other" }],
    ["a new chat", { to: "new-chat" }],
    ["another temporary chat", { to: "temporary-chat" }],
    ["the other audience", { to: "audience", audience: "visitor" }],
  ] as const)("is_given_up_for %s", (_name, next) => {
    expect(givesUp(inside, next)).toBe(true);
    expect(givesUp({ ...inside, temporary: false }, next)).toBe(false);
  });

  it.each([
    ["another screen", { to: "settings" }],
    ["coming back from it", { to: "chat-section" }],
    ["a message in itself", { to: "chat", session: "s", message: "m" }],
  ] as const)("is_kept_for %s", (_name, next) => {
    expect(givesUp(inside, next)).toBe(false);
    expect(move(inside, next)).toMatchObject({ session: "s", temporary: true });
  });
});
