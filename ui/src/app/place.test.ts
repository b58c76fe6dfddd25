import { describe, expect, it } from "vitest";
import { move, type Place } from "./place";

const newChat: Place = { screen: "chat", audience: "owner", session: null, target: null, file: null, nonce: 0 };
const started = { to: "started", session: "s", audience: "owner" } as const;

describe("a new chat that became a session", () => {
  it("opens_for_one_who_waits_for_it", () => {
    expect(move(newChat, started).session).toBe("s");
  });

  it.each([
    ["another screen", { ...newChat, screen: "persona" }],
    ["another audience", { ...newChat, audience: "visitor" }],
    ["another session", { ...newChat, session: "other" }],
  ] as [string, Place][])("does_not_pull_anybody_away_from %s", (_name, place) => {
    expect(move(place, started)).toEqual(place);
  });
});
