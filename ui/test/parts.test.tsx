import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Markdown from "@/features/chat/markdown";
import { Parts, PartsContext } from "@/features/chat/parts";

const margin = 900;
const tall = 500;
const view = 600;

let parts = new Parts();
let scrolled = 0;

const box = () => screen.getByTestId("box");
const drawn = () => [...box().querySelectorAll("p")].map((paragraph) => Number(/\d+/.exec(paragraph.textContent ?? "")?.[0]));
const spaces = () => [...box().querySelectorAll<HTMLElement>("[style]")].map(({ style }) => style.blockSize);
/** Their numbers; of eight paragraphs each part is made. */
const paragraphs = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const source = (count: number) =>
  paragraphs(0, count)
    .map((number) => `number ${number}`)
    .join("\n\n");

function lookAt(top: number) {
  scrolled = top;
  act(() => parts.look(box(), margin));
}

const Shown = ({ source, growing = false }: { source: string; growing?: boolean }) => (
  <PartsContext value={parts}>
    <div data-testid="box">
      <Markdown source={source} growing={growing} />
    </div>
  </PartsContext>
);

beforeEach(() => {
  parts = new Parts();
  scrolled = 0;
  // jsdom does not lay out: below each other, all parts as tall.
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(function (this: HTMLElement) {
    if (this.dataset.testid === "box") return new DOMRect(0, 0, 0, view);
    const place = [...(this.parentElement?.children ?? [])].indexOf(this);
    return new DOMRect(0, place * tall - scrolled, 0, tall);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  getSelection()?.removeAllRanges();
});

describe("a very long answer", () => {
  it("is_drawn_near_the_view_and_keeps_its_height_elsewhere", () => {
    render(<Shown source={source(80)} />);
    expect(drawn()).toEqual(paragraphs(0, 80));
    lookAt(0);
    expect(drawn()).toEqual(paragraphs(0, 24));
    expect(spaces()).toEqual(Array.from({ length: 7 }, () => `${tall}px`));
    lookAt(2500);
    expect(drawn()).toEqual(paragraphs(24, 64));
    lookAt(4400);
    expect(drawn()).toEqual(paragraphs(56, 80));
  });

  it("loses_nothing_of_what_is_selected_so_that_it_can_be_copied", () => {
    render(<Shown source={source(80)} />);
    lookAt(0);
    const all = box().firstElementChild as HTMLElement;
    getSelection()?.setBaseAndExtent(all.children[1]?.firstElementChild as Element, 0, all, 6);
    lookAt(0);
    expect(drawn()).toEqual(paragraphs(0, 48));
    lookAt(4400);
    expect(drawn()).toEqual([...paragraphs(8, 48), ...paragraphs(56, 80)]);
  });

  it("keeps_what_has_the_focus", () => {
    render(<Shown source={`\`\`\`\ncode\n\`\`\`\n\n${source(80)}`} />);
    const code = screen.getByRole("group", { name: "Code" });
    code.focus();
    lookAt(4000);
    expect(code).toHaveFocus();
    expect(drawn().slice(0, 7)).toEqual(paragraphs(0, 7));
  });

  it("is_drawn_where_it_grows_wherever_one_looks", () => {
    const { rerender } = render(<Shown source={source(78)} growing />);
    lookAt(0);
    rerender(<Shown source={source(79)} growing />);
    expect(drawn()).toEqual([...paragraphs(0, 24), ...paragraphs(72, 79)]);
    rerender(<Shown source={source(88)} growing />);
    lookAt(0);
    expect(drawn()).toEqual([...paragraphs(0, 24), ...paragraphs(80, 88)]);
  });

  it("leads_from_a_note_back_to_a_place_that_was_not_drawn", async () => {
    const user = userEvent.setup();
    render(<Shown source={`called[^a]\n\n${source(80)}\n\n[^a]: about a\n`} />);
    lookAt(4000);
    expect(screen.queryByText("called")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Back to where footnote 1 stands" }));
    expect(screen.getByRole("button", { name: "Footnote 1" })).toHaveFocus();
    lookAt(4000);
    expect(screen.getByRole("button", { name: "Footnote 1" })).toHaveFocus();
  });
});
