import { waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { id } from "@/host/fake/sample";
import { composer, openApp } from "./app";

it("what_waited_in_chats_that_are_gone_goes_at_the_start", async () => {
  const names = (session: string) => [
    `twin.draft.${session}`,
    `twin.files.${session}`,
    `twin.quick.draft.${session}`,
    `twin.quick.files.${session}`,
    `twin.draft.edit.${session}.${id("n4")}`,
  ];
  const gone = names(id("gone"));
  const kept = ["twin.draft.new:owner", "twin.quick.draft.new:owner", ...names(id("notes")), ...names(id("press"))];
  for (const name of [...kept, ...gone]) localStorage.setItem(name, "[]");
  openApp();
  await composer();
  await waitFor(() => expect(gone.filter((name) => localStorage.getItem(name) !== null)).toEqual([]));
  expect(kept.filter((name) => localStorage.getItem(name) === null)).toEqual([]);
});
