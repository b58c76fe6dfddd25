import { cleanup, fireEvent, getConfig, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MessageId } from "@/bindings";
import { estimate } from "@/features/chat/list";
import { notify } from "@/host/fake/common";
import { id, sampleReport } from "@/host/fake/sample";
import { clearStores } from "@/lib/store";
import { answers, openApp } from "./app";
import { boxHeight, itemHeight, layOut, Observers, stretch } from "./layout";

const box = () => screen.getByTestId("thread");
const at = (place: number) => document.querySelector<HTMLElement>(`[data-index="${place}"]`);
const topOf = (element: Element | null) => element?.getBoundingClientRect().top;
const drawn = () => document.querySelectorAll("[data-index]").length;
const shown = (place: number) => waitFor(() => expect(at(place)?.querySelector("[data-testid=message]")).toBeInTheDocument());
const fromEnd = () => box().scrollHeight - box().scrollTop - box().clientHeight;
const paths = (world: ReturnType<typeof openApp>["world"]) => world.calls.filter((call) => call.name === "session_path");
const long = (place: number): MessageId => id(`L${place}`);

/** By its text: a search by role goes through everything that is drawn, and here that is much. */
async function open(title: string) {
  fireEvent.click((await screen.findAllByText(title))[0] as HTMLElement);
  await screen.findAllByTestId("message");
}

function scrollTo(top: number) {
  box().scrollTop = top;
  fireEvent.scroll(box());
}

/** Scrolls until `place` is at the upper edge. */
async function scrollToPlace(place: number) {
  scrollTo(place * estimate);
  await shown(place);
  scrollTo(box().scrollTop + (topOf(at(place)) ?? 0));
  await shown(place);
}

let undo = () => {};
beforeEach(() => {
  undo = layOut();
  vi.stubGlobal("ResizeObserver", Observers);
});
afterEach(() => {
  cleanup();
  undo();
  Observers.all.clear();
  vi.unstubAllGlobals();
});

async function openLong(scene = "?long=1000") {
  const app = openApp(scene);
  await open("1000 messages");
  await shown(999);
  Observers.resized();
  return app;
}

describe("a long conversation", () => {
  it("opens_at_its_end_having_read_one_page_and_drawn_what_is_near", async () => {
    const { world } = await openLong();
    expect(fromEnd()).toBe(0);
    expect(paths(world).map((call) => call.args.place)).toEqual([{ type: "end" }]);
    expect(drawn()).toBeLessThan((boxHeight + 2 * 1000) / itemHeight);
    expect(at(999)?.querySelector("article")).toHaveAttribute("aria-posinset", "1000");
    expect(at(999)?.querySelector("article")).toHaveAttribute("aria-setsize", "1000");
  });

  it("reads_what_is_scrolled_to_and_shows_its_shape_until_it_is_there", async () => {
    const { world } = await openLong();
    let go = () => {};
    world.latency = () => new Promise((done) => (go = done));
    scrollTo(400 * estimate);
    expect(screen.getAllByTestId("message-missing").length).toBeGreaterThan(0);
    world.latency = () => Promise.resolve();
    await waitFor(() => expect(paths(world)).toHaveLength(2));
    go();
    await waitFor(() => expect(screen.queryByTestId("message-missing")).not.toBeInTheDocument());
    expect(drawn()).toBeLessThan(40);
  });

  it("who_looks_far_up_stays_there_while_what_lies_above_is_read_and_measured", async () => {
    await openLong();
    await scrollToPlace(400);
    const message = at(400)?.querySelector("article") ?? null;
    const top = topOf(message);
    const above = at(396) as HTMLElement;
    stretch(above, 250);
    Observers.resized();
    expect(topOf(message)).toBe(top);
  });

  it("nothing_sets_the_place_while_one_scrolls_and_at_rest_everything_is_where_it_was", async () => {
    await openLong();
    await scrollToPlace(400);
    const message = at(400)?.querySelector("article") ?? null;
    const content = box().firstElementChild as HTMLElement;
    await waitFor(() => expect(content.style.marginBlockStart).toBe(""));
    scrollTo(box().scrollTop - 40);
    const [top, place] = [topOf(message), box().scrollTop];
    stretch(at(396) as HTMLElement, 250);
    Observers.resized();
    expect([topOf(message), box().scrollTop]).toEqual([top, place]);
    expect(content.style.marginBlockStart).not.toBe("");
    // By how much the place is set then is not asked: of what came into view meanwhile the height was only thought.
    await waitFor(() => expect(content.style.marginBlockStart).toBe(""));
    expect(box().scrollTop).not.toBe(place);
    expect(topOf(message)).toBe(top);
  });

  it("what_grows_within_the_message_at_the_edge_does_not_move_what_is_read_of_it", async () => {
    const { world } = openApp("?long=1000");
    const message = world.messages.find((one) => one.id === long(401));
    if (message) message.content = "one\n\ntwo\n\nthree";
    await open("1000 messages");
    await shown(999);
    await scrollToPlace(401);
    const paragraphs = await waitFor(() => {
      const found = [...(at(401)?.querySelectorAll("p") ?? [])];
      expect(found.length).toBeGreaterThan(2);
      return found;
    });
    for (const paragraph of paragraphs) stretch(paragraph, 90);
    Observers.resized();
    scrollTo(box().scrollTop + (topOf(paragraphs[1] as Element) ?? 0) + 40);
    expect(topOf(paragraphs[1] as Element)).toBe(-40);
    stretch(paragraphs[0] as Element, 290);
    Observers.resized();
    expect(topOf(paragraphs[1] as Element)).toBe(-40);
    expect(topOf(at(401))).toBe(-330);
  });

  it("at_the_end_one_stays_at_the_end_and_above_it_one_does_not_follow", async () => {
    await openLong();
    stretch(at(998) as Element, 300);
    Observers.resized();
    expect(fromEnd()).toBe(0);
    scrollTo(box().scrollTop - 40);
    const top = topOf(at(990));
    stretch(at(999) as Element, 300);
    Observers.resized();
    expect(topOf(at(990))).toBe(top);
    expect(fromEnd()).toBe(340);
  });

  it("scrolling_that_has_only_begun_is_not_taken_back", async () => {
    await openLong();
    // As the first frame of Page Up has it.
    scrollTo(box().scrollTop - 1);
    Observers.resized();
    expect(fromEnd()).toBe(1);
    scrollTo(box().scrollTop - 59);
    Observers.resized();
    expect(fromEnd()).toBe(60);
  });

  it("what_becomes_shorter_and_longer_again_between_two_looks_does_not_take_one_from_the_end", async () => {
    await openLong();
    stretch(at(998) as Element, -80);
    // Whoever asks for a measure has the page laid out, and the place cut off at the end that there is then.
    expect(box().scrollTop).toBeGreaterThan(0);
    stretch(at(998) as Element, 700);
    Observers.resized();
    expect(fromEnd()).toBe(0);
    expect(screen.queryByTestId("jump-to-latest")).not.toBeInTheDocument();
    // What stays shorter leaves nothing behind.
    const height = box().scrollHeight;
    stretch(at(998) as Element, 0);
    Observers.resized();
    expect(fromEnd()).toBe(0);
    expect(box().scrollHeight).toBe(height - 700);
  });

  it("jump_to_latest_counts_what_is_below_and_what_is_new", async () => {
    const { user, world } = await openLong();
    expect(screen.queryByTestId("jump-to-latest")).not.toBeInTheDocument();
    scrollTo(box().scrollTop - 3000);
    Observers.resized();
    // Not `waitFor` of the library, which asks again at once when an attribute changes, as it does here by being looked at.
    await vi.waitFor(() => {
      Observers.resized();
      const inView = [...document.querySelectorAll<HTMLElement>("[data-index]")].filter((one) => (topOf(one) ?? 0) < boxHeight);
      const below = 999 - Number(inView.at(-1)?.dataset.index);
      expect(screen.getByTestId("jump-to-latest")).toHaveAccessibleName(`Jump to latest: ${below} messages below`);
    }, getConfig().asyncUtilTimeout);
    // Another window writes; this one hears of it.
    const last = world.messages.find((one) => one.id === long(999));
    if (last) world.messages.push({ ...last, id: id("new"), parent_id: last.id, role: "user", content: "From elsewhere" });
    const session = world.sessions.find((one) => one.id === id("long"));
    if (session) session.head = id("new");
    notify({ type: "messages_changed", session_id: id("long") }, "messages");
    await user.click(await screen.findByRole("button", { name: "Jump to latest: 1 new message" }));
    expect(fromEnd()).toBe(0);
    expect(await screen.findByText("From elsewhere")).toBeInTheDocument();
    expect(screen.queryByTestId("jump-to-latest")).not.toBeInTheDocument();
  });

  it("place_is_kept_over_another_chat_and_over_a_new_window", async () => {
    await openLong();
    await scrollToPlace(300);
    scrollTo(box().scrollTop + 30);
    await open("What do I love, again?");
    expect(fromEnd()).toBe(0);
    await open("1000 messages");
    await shown(300);
    expect(topOf(at(300))).toBe(-30);
    cleanup();
    clearStores();
    const again = openApp("?long=1000");
    await open("1000 messages");
    await shown(300);
    expect(topOf(at(300))).toBe(-30);
    expect(paths(again.world).map((call) => (call.args.place as { type: string }).type)).toContain("around");
  });

  it("message_asked_for_from_elsewhere_is_read_centred_marked_and_focused", async () => {
    const app = openApp("?long=1000");
    const said = {
      session_id: id("long"),
      message_id: long(120),
      session_title: "",
      role: "user",
      audience: "owner",
      at: "2026-11-01T10:00:00Z",
    };
    app.world.reports.set(id("a2b"), sampleReport([{ text: "far away", score: null, source: { kind: "message", ...said } as never }]));
    await open("What do I love, again?");
    await app.user.click(screen.getByTestId("why-toggle"));
    await app.user.click(await screen.findByTestId("passage"));
    await shown(120);
    const message = at(120)?.querySelector("article") as HTMLElement;
    expect(message).toHaveAttribute("data-flash");
    await waitFor(() => expect(message).toHaveFocus());
    expect(topOf(at(120))).toBe((boxHeight - itemHeight) / 2);
    expect(paths(app.world).every((call) => (call.args.count as number) <= 200)).toBe(true);
  });

  it("message_on_another_branch_is_shown_on_its_branch", async () => {
    const { user, world } = openApp();
    const said = {
      session_id: id("love"),
      message_id: id("a2a"),
      session_title: "",
      role: "assistant",
      audience: "owner",
      at: "2026-11-01T10:00:00Z",
    };
    world.reports.set(id("a2b"), sampleReport([{ text: "elsewhere", score: null, source: { kind: "message", ...said } as never }]));
    await open("What do I love, again?");
    await user.click(screen.getByTestId("why-toggle"));
    await user.click(await screen.findByTestId("passage"));
    await waitFor(() => expect(answers().at(-1)).toHaveTextContent("Fred, and Python."));
    expect(answers().at(-1)).toHaveAttribute("data-flash");
    // Once: it does not come back when one turns to another version.
    const brought = () => paths(world).filter((call) => (call.args.place as { type: string }).type === "around").length;
    const before = brought();
    await user.click(within(answers().at(-1) as HTMLElement).getByRole("button", { name: "Next version" }));
    await waitFor(() => expect(answers().at(-1)).not.toHaveTextContent("Fred, and Python."));
    expect(brought()).toBe(before);
    expect(world.calls.filter(({ name }) => name === "session_show")).toHaveLength(2);
  });

  it("page_that_cannot_be_read_says_why_and_is_read_on_request", async () => {
    const { user, world } = await openLong();
    world.refuse.session_path = { code: "store_busy", message: "the database is busy", hint: "wait a moment", retryable: true, id: "" };
    scrollTo(200 * estimate);
    const toast = await screen.findByText(/database is busy/i);
    world.refuse = {};
    await user.click(
      within(toast.closest("[role=status], [role=alert], li, div") as HTMLElement).getByRole("button", { name: "Try again" }),
    );
    await waitFor(() => expect(screen.queryByTestId("message-missing")).not.toBeInTheDocument());
  });

  it("version_that_is_turned_to_stays_under_the_pointer", async () => {
    const { user } = await openLong();
    await user.click(within(at(999) as HTMLElement).getByRole("button", { name: "Again" }));
    await waitFor(() => expect(within(at(999) as HTMLElement).getByTestId("versions")).toHaveTextContent("2 / 2"));
    const before = within(at(999) as HTMLElement).getByRole("button", { name: "Previous version" });
    await user.click(before);
    await waitFor(() => expect(within(at(999) as HTMLElement).getByTestId("versions")).toHaveTextContent("1 / 2"));
    expect(within(at(999) as HTMLElement).getByRole("button", { name: "Previous version" })).toBe(before);
  });
});

describe("a reply that somebody else writes", () => {
  it("is_looked_at_again_until_it_has_ended", async () => {
    const { world } = openApp();
    const growing = world.messages.find((one) => one.id === id("n4"));
    if (!growing) throw new Error("the sample has changed");
    growing.status = "streaming";
    await open("Notes on the Bernoulli programme");
    expect(answers().at(-1)).toHaveTextContent("Being written…");
    growing.content += " goes on.";
    growing.status = "complete";
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(answers().at(-1)).toHaveTextContent("goes on.");
  });
});
