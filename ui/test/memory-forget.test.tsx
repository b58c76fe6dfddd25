import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { memoryChanged } from "@/host/fake/memory";
import { id } from "@/host/fake/sample";
import { openApp, openChat } from "./app";
import { violations } from "./axe";

const failure = { code: "store_full", message: "the disk is full", hint: "free some space", retryable: true, id: "" } as const;

async function openMemory() {
  const app = openApp();
  await app.user.click(await screen.findByTestId("nav-memory"));
  await screen.findAllByTestId("memory-row");
  return app;
}
type App = Awaited<ReturnType<typeof openMemory>>;

async function openForget({ user }: App, text: RegExp) {
  await waitFor(() => expect(screen.getAllByTestId("memory-row").some((row) => text.test(row.textContent ?? ""))).toBe(true));
  const row = screen.getAllByTestId("memory-row").find((one) => text.test(one.textContent ?? "")) as HTMLElement;
  await user.click(row);
  await user.click(await screen.findByTestId("memory-forget"));
  return await screen.findByTestId("forget-dialog");
}
const forgets = ({ world }: App) => world.calls.filter(({ name }) => name === "forget").map(({ args }) => args.scope);

describe("forgetting", () => {
  it("shows_first_what_it_reaches_and_leaves_a_receipt_without_content", async () => {
    const app = await openMemory();
    const { user, world } = app;
    const dialog = await openForget(app, /St James’s Square/);
    const plan = await within(dialog).findByTestId("forget-plan");
    await waitFor(() => expect(plan).toHaveTextContent(/2 memories.*6 reports of answers/));
    expect(plan).toHaveTextContent("The messages stay");
    expect(forgets(app)).toEqual([]);
    await user.click(screen.getByTestId("forget-sure"));
    const receipt = await screen.findByTestId("receipt");
    expect(receipt).toHaveTextContent(/A memory.*2 memories.*Receipt /);
    expect(receipt).not.toHaveTextContent(/James|Ockham/);
    expect(await violations()).toEqual([]);
    await user.click(screen.getByTestId("forgotten-close"));
    expect(screen.queryByTestId("memory-detail")).not.toBeInTheDocument();
    await waitFor(() => expect(document.body).not.toHaveTextContent(/James’s|Ockham/));
    expect(world.memory.memories.some(({ text }) => /James|Ockham/.test(text))).toBe(false);
    await user.click(screen.getByTestId("memory-menu"));
    await user.click(await screen.findByRole("menuitem", { name: "Receipts" }));
    await waitFor(() => expect(screen.getAllByTestId("receipt")).toHaveLength(2));
  });

  it("reaches_as_far_as_one_chooses", async () => {
    const app = await openMemory();
    const { user } = app;
    const dialog = within(await openForget(app, /St James’s Square/));
    await user.click(dialog.getByRole("radio", { name: "Only this memory" }));
    await waitFor(() => expect(dialog.getByTestId("forget-plan")).toHaveTextContent("1 memory"));
    await user.click(dialog.getByRole("radio", { name: "What was learned from facts.json" }));
    await waitFor(() => expect(dialog.getByTestId("forget-plan")).toHaveTextContent("It reaches nothing."));
    expect(screen.getByTestId("forget-sure")).toBeDisabled();
    await user.click(dialog.getByRole("radio", { name: /^The message/ }));
    await waitFor(() => expect(dialog.getByTestId("forget-plan")).toHaveTextContent("5 messages"));
    await user.click(screen.getByTestId("forget-sure"));
    await screen.findByTestId("receipt");
    expect(forgets(app)).toEqual([{ type: "message", id: id("u1") }]);
  });

  it("of_the_chat_that_is_open_elsewhere_takes_it_and_its_draft_away", async () => {
    const { user, world } = openApp();
    await openChat(user, "What do I love, again?");
    await user.type(await screen.findByTestId("composer"), "Unsent words");
    await user.click(screen.getByTestId("nav-memory"));
    await screen.findAllByTestId("memory-row");
    const dialog = within(await openForget({ user, world } as App, /St James’s Square/));
    await user.click(dialog.getByRole("radio", { name: "The whole chat “What do I love, again?”" }));
    await waitFor(() => expect(dialog.getByTestId("forget-plan")).toHaveTextContent("1 chat"));
    await user.click(screen.getByTestId("forget-sure"));
    await screen.findByTestId("receipt");
    await user.click(screen.getByTestId("forgotten-close"));
    await waitFor(() => expect(Object.values(localStorage).join()).not.toContain("Unsent words"));
    await waitFor(() => expect(screen.queryByRole("button", { name: "What do I love, again?" })).not.toBeInTheDocument());
    await user.click(screen.getByTestId("nav-chat"));
    expect(await screen.findByTestId("session-title")).toHaveTextContent("New chat");
  });

  it("leaves_a_temporary_chat_alone", async () => {
    const { user, world } = openApp();
    await user.click(await screen.findByTestId("temporary-chat"));
    await user.type(await screen.findByTestId("composer"), "Between us{Enter}");
    await waitFor(() => expect(screen.getAllByTestId("message")).toHaveLength(2));
    await user.click(screen.getByTestId("nav-memory"));
    await openForget({ user, world } as App, /St James’s Square/);
    await waitFor(() => expect(screen.getByTestId("forget-sure")).toBeEnabled());
    await user.click(screen.getByTestId("forget-sure"));
    await user.click(await screen.findByTestId("forgotten-close"));
    await waitFor(() => expect(world.calls.filter(({ name }) => name === "session_list").length).toBeGreaterThan(2));
    await user.click(screen.getByTestId("nav-chat"));
    expect(await screen.findByText("Between us")).toBeInTheDocument();
  });

  const drafts = (said: string) => {
    const quote = `Is it true? “${said}”`;
    const edit = JSON.stringify({ text: "Something else", without: [] });
    const paste = [
      { name: "paste.txt", text: quote },
      { name: "other.txt", text: "nothing of it" },
    ];
    localStorage.setItem("twin.draft.new:owner", quote);
    localStorage.setItem(`twin.quick.draft.${id("notes")}`, quote);
    localStorage.setItem(`twin.draft.edit.${id("love")}.${id("u1")}`, edit);
    localStorage.setItem("twin.files.new:owner", JSON.stringify(paste));
    localStorage.setItem(`twin.draft.${id("notes")}`, "another thing altogether, of which nothing is said");
  };
  const kept = () => Object.keys(localStorage).filter((name) => /^twin\.(?:quick\.)?(?:draft|files)\./.test(name));

  it("takes_drafts_along_that_quote_it_and_leaves_the_others", async () => {
    const app = await openMemory();
    const { user, world } = app;
    const said = world.messages.find((one) => one.id === id("u1"))?.content ?? "";
    drafts(said);
    const dialog = within(await openForget(app, /St James’s Square/));
    await user.click(dialog.getByRole("radio", { name: /^The message/ }));
    await waitFor(() => expect(dialog.getByTestId("drafts-go")).toHaveTextContent("4 unsent drafts quote it and will be discarded."));
    expect(kept()).toHaveLength(5);
    await user.click(screen.getByTestId("forget-sure"));
    await screen.findByTestId("receipt");
    expect(kept().sort()).toEqual([`twin.draft.${id("notes")}`, "twin.files.new:owner"]);
    expect(Object.values(localStorage).join()).not.toContain(said);
    expect(localStorage.getItem("twin.files.new:owner")).toContain("other.txt");
  });

  it("that_fails_leaves_every_draft_where_it_was", async () => {
    const app = await openMemory();
    const { user, world } = app;
    drafts(world.messages.find((one) => one.id === id("u1"))?.content ?? "");
    const written = () => kept().map((name) => `${name} ${localStorage.getItem(name)}`);
    const before = written().sort();
    const dialog = within(await openForget(app, /St James’s Square/));
    await user.click(dialog.getByRole("radio", { name: /^The message/ }));
    await waitFor(() => expect(screen.getByTestId("forget-sure")).toBeEnabled());
    world.refuse.forget = failure;
    await user.click(screen.getByTestId("forget-sure"));
    await screen.findByTestId("forget-error");
    expect(written().sort()).toEqual(before);
  });

  it("of_a_span_of_time_needs_both_days", async () => {
    const app = await openMemory();
    const { user } = app;
    await user.click(screen.getByTestId("memory-menu"));
    await user.click(await screen.findByRole("menuitem", { name: "Forget a span of time…" }));
    expect(screen.getByTestId("forget-sure")).toBeDisabled();
    expect(screen.queryByTestId("forget-plan")).not.toBeInTheDocument();
    await user.type(screen.getByTestId("forget-from"), "2020-01-01");
    await user.type(screen.getByTestId("forget-to"), "2999-01-01");
    await waitFor(() => expect(screen.getByTestId("forget-plan")).toHaveTextContent(/13 memories.*1 summary/));
    const before = new Date(2999, 0, 2).toISOString();
    await user.click(screen.getByTestId("forget-sure"));
    await screen.findByTestId("receipt");
    expect(forgets(app)).toEqual([{ type: "span", from: new Date(2020, 0, 1).toISOString(), before }]);
  });

  it("that_fails_says_so_and_nothing_is_gone", async () => {
    const app = await openMemory();
    const { user, world } = app;
    const dialog = within(await openForget(app, /St James’s Square/));
    world.refuse.forget = failure;
    await waitFor(() => expect(screen.getByTestId("forget-sure")).toBeEnabled());
    await user.click(screen.getByTestId("forget-sure"));
    expect(await screen.findByTestId("forget-error")).toHaveTextContent("The disk is full. Free some space.");
    expect(screen.queryByTestId("receipt")).not.toBeInTheDocument();
    expect(world.memory.memories.some(({ id: one }) => one === id("m-home"))).toBe(true);
    await user.click(dialog.getByRole("radio", { name: /^The message/ }));
    expect(screen.queryByTestId("forget-error")).not.toBeInTheDocument();
  });
});

describe("people", () => {
  async function openPerson(name: string) {
    const app = await openMemory();
    await app.user.click(screen.getByTestId("memory-tab-social"));
    const person = (await screen.findAllByTestId("person-row")).find((row) => row.textContent?.startsWith(name));
    await app.user.click(person as HTMLElement);
    return { ...app, panel: within(await screen.findByTestId("person-detail")) };
  }

  it("are_listed_with_relation_other_names_and_how_much_is_known", async () => {
    const { user, panel } = await openPerson("Charles");
    expect(screen.getAllByTestId("person-row").map((row) => row.textContent)).toEqual([
      "Charles Babbagefriend · Babbage1 memory",
      "Fredfriend · Freddy1 memory",
      "Mary Somervilletutor1 memory",
      "Mr B.1 memory",
    ]);
    expect(await panel.findByTestId("person-memories")).toHaveTextContent("Babbage cannot bear organ grinders");
    expect(await violations()).toEqual([]);
    await user.type(screen.getByTestId("memory-search"), "tutor");
    await waitFor(() => expect(screen.getAllByTestId("person-row")).toHaveLength(1));
  });

  it("are_renamed_and_get_other_names", async () => {
    const { user, world } = await openPerson("Fred");
    await user.type(await screen.findByTestId("person-aliases"), ", Frédéric");
    await user.clear(screen.getByTestId("person-relation"));
    await user.type(screen.getByTestId("person-relation"), "neighbour");
    await user.click(screen.getByTestId("person-save"));
    await waitFor(() =>
      expect(world.memory.people.find(({ id: one }) => one === id("p-fred"))).toMatchObject({
        relation: "neighbour",
        aliases: ["Freddy", "Frédéric"],
      }),
    );
    await waitFor(() => expect(screen.queryByTestId("person-save")).not.toBeInTheDocument());
  });

  it("keep_what_is_being_typed_of_them_when_something_is_learned_meanwhile", async () => {
    const { user, world } = await openPerson("Fred");
    await user.type(await screen.findByTestId("person-aliases"), ", Frédéric");
    world.memory.people = world.memory.people.map((one) => (one.id === id("p-fred") ? { ...one, relation: "neighbour" } : one));
    act(() => memoryChanged());
    await waitFor(() => expect(screen.getByTestId("person-relation")).toHaveValue("neighbour"));
    expect(screen.getByTestId("person-aliases")).toHaveValue("Freddy, Frédéric");
  });

  it("are_found_to_be_one_and_after_all_are_not", async () => {
    const { user, panel } = await openPerson("Charles");
    await user.click(await panel.findByTestId("person-same"));
    await user.type(await screen.findByTestId("person-same-field"), "Mr B{Enter}");
    await waitFor(() => expect(screen.getByTestId("person-memories")).toHaveTextContent("Mr B. dines on Saturdays"));
    await waitFor(() => expect(screen.getAllByTestId("person-row")).toHaveLength(3));
    await user.click(await screen.findByRole("button", { name: "Separate Mr B. again" }));
    await waitFor(() => expect(screen.getAllByTestId("person-row")).toHaveLength(4));
    await waitFor(() => expect(screen.getByTestId("person-memories")).not.toHaveTextContent("Saturdays"));
  });

  it("are_forgotten_with_all_that_is_about_them", async () => {
    const { user, world } = await openPerson("Charles");
    await user.click(await screen.findByTestId("person-forget"));
    await waitFor(() => expect(screen.getByTestId("forget-plan")).toHaveTextContent(/1 memory.*1 person/));
    await user.click(screen.getByTestId("forget-sure"));
    await user.click(await screen.findByTestId("forgotten-close"));
    await waitFor(() => expect(screen.getAllByTestId("person-row")).toHaveLength(3));
    expect(world.memory.memories.some(({ text }) => text.includes("Babbage"))).toBe(false);
  });
});

describe("the timeline", () => {
  it("shows_what_replaced_what_and_leads_to_it", async () => {
    const { user } = await openMemory();
    await user.click(within(screen.getByTestId("memory-view")).getByRole("radio", { name: "Timeline" }));
    const bar = async (text: string) => {
      await waitFor(() => expect(screen.getAllByTestId("timeline-bar").some((one) => one.textContent === text)).toBe(true));
      return screen.getAllByTestId("timeline-bar").find((one) => one.textContent === text) as HTMLElement;
    };
    expect(await bar("Lives at Ockham Park")).toHaveAttribute("data-ended");
    expect(await bar("Lives at St James’s Square")).not.toHaveAttribute("data-ended");
    expect(await bar("Never takes tea after six")).toHaveAttribute("data-contradicted");
    expect(await violations()).toEqual([]);
    await user.click(screen.getByRole("radio", { name: "90 days" }));
    await waitFor(() => expect(screen.getByTestId("timeline-outside")).toHaveTextContent("1 memory lies outside of this time"));
    await user.click(await bar("Lives at St James’s Square"));
    expect(await screen.findByTestId("memory-text")).toHaveTextContent("Lives at St James’s Square");
  });
});
