import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import Markdown from "@/features/chat/markdown";
import { kinds } from "@/lib/code/kind";
import { canPaint } from "@/lib/code/paint";
import { piecesOf, tokensIn } from "@/lib/code/piece";
import { tokensOf } from "@/lib/code/tokens";
import { GrowingText } from "@/lib/markdown/grow";
import { answers, openApp, openChat } from "./app";
import { violations } from "./axe";

// Mermaid measures what it draws, and jsdom lays nothing out.
const draw = vi.hoisted(() => vi.fn());
vi.mock("@/features/chat/mermaid", () => ({ draw }));

describe("Markdown as it is shown", () => {
  it.each(["Show me all that you can write.", "And code?", "And diagrams?"])("%s is shown without a violation", async (title) => {
    draw.mockResolvedValue({ url: "data:image/svg+xml,%3Csvg/%3E", width: 10, height: 10, kind: "flowchart" });
    const { user } = openApp("markdown");
    await openChat(user, title);
    await waitFor(() => expect(answers()[0]?.querySelector("h2, figure")).not.toBeNull());
    expect(await violations(answers()[0])).toEqual([]);
  });

  it("makes_no_element_of_html_and_loads_no_picture", async () => {
    render(
      <Markdown
        source={
          '<img src="https://e.org/x.png"> <b>x</b>\n\n<script>alert(1)</script>\n\n![alt](https://e.org/y.png) [bad](javascript:alert(1))'
        }
      />,
    );
    expect(document.querySelector("img, script:not([type]), b, a")).toBeNull();
    expect(screen.getByText(/<script>/)).toBeInTheDocument();
    expect(screen.getByText("[picture not shown: alt]")).toBeInTheDocument();
    expect(screen.getByText("bad").closest("button")).toBeNull();
  });

  it("keeps_the_elements_of_finished_blocks_while_the_text_grows", () => {
    const start = "first\n\n- one\n- two\n- three";
    const { rerender, container } = render(<Markdown source={start} growing />);
    const [first, item] = [container.querySelector("p"), container.querySelector("li")];
    rerender(<Markdown source={`${start} and\n- four\n\n**last`} growing />);
    expect(container.querySelector("p")).toBe(first);
    expect(container.querySelector("li")).toBe(item);
    expect(container.querySelector("strong")).toHaveTextContent("last");
  });

  it("numbers_notes_in_the_order_of_their_calls_and_leads_there_and_back", async () => {
    const user = userEvent.setup();
    render(<Markdown source={"b[^b] a[^a]\n\n[^a]: about a\n[^b]: about b\n[^c]: nobody asked\n"} />);
    const notes = within(screen.getByRole("region", { name: "Footnotes" })).getAllByRole("listitem");
    expect(notes.map((note) => note.textContent)).toEqual(["about b↩", "about a↩"]);
    await user.click(screen.getByRole("button", { name: "Footnote 2" }));
    expect(notes[1]).toHaveFocus();
    await user.click(screen.getByRole("button", { name: "Back to where footnote 2 stands" }));
    expect(screen.getByRole("button", { name: "Footnote 2" })).toHaveFocus();
  });

  it("leaves_a_note_that_nobody_wrote_as_its_text_and_leads_back_to_the_first_of_two_calls", async () => {
    const user = userEvent.setup();
    const { container } = render(<Markdown source={"[^constructor] [^toString] one[^a] two[^a]\n\n[^a]: about a\n"} />);
    expect(container.querySelector("p")).toHaveTextContent("[^constructor] [^toString] one1 two1");
    const ids = [...container.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await user.click(screen.getByRole("button", { name: "Back to where footnote 1 stands" }));
    expect(screen.getAllByRole("button", { name: "Footnote 1" })[0]).toHaveFocus();
  });

  it("shows_tasks_as_boxes_that_say_whether_they_are_done", () => {
    render(<Markdown source={"- [x] read\n- [ ] write"} />);
    expect(screen.getByRole("checkbox", { name: "Done" })).toBeChecked();
    expect(screen.getByRole("checkbox", { name: "Not done" })).toBeDisabled();
  });

  it("cuts_long_tables_and_lists_and_shows_the_rest_on_demand", async () => {
    const user = userEvent.setup();
    const rows = Array.from({ length: 1_205 }, (_, at) => `| ${at} |`).join("\n");
    const items = Array.from({ length: 600 }, (_, at) => `- ${at}`).join("\n");
    const { container } = render(<Markdown source={`| n |\n|--:|\n${rows}\n\n${items}`} />);
    expect(container.querySelectorAll("tbody tr")).toHaveLength(200);
    expect(container.querySelectorAll("li")).toHaveLength(500);
    await user.click(screen.getByRole("button", { name: "Show all 1,205 rows" }));
    await user.click(screen.getByRole("button", { name: "Show all 600 items" }));
    expect(container.querySelectorAll("tbody tr")).toHaveLength(1_205);
    expect(container.querySelectorAll("li")).toHaveLength(600);
  });

  it("draws_formulas_with_mathml_and_shows_the_source_of_one_that_cannot_be_read", async () => {
    const { container } = render(<Markdown source={"so $x^2$ and\n\n$$\n\\frac{a}{b}\n$$\n\nbut not \\(\\frac{1\\)"} />);
    await waitFor(() => expect(container.querySelectorAll("math")).toHaveLength(2));
    expect(container.querySelector("[style]")?.closest(".katex")).not.toBeNull();
    expect(screen.getByTitle("This formula could not be read, so its source is shown.")).toHaveTextContent("\\frac{1");
  });

  it("draws_a_formula_as_soon_as_its_end_has_come_and_again_when_a_broken_one_is_mended", async () => {
    const { rerender, container } = render(<Markdown source={"$$\nx^2\n"} growing />);
    await screen.findByText("x^2");
    expect(container.querySelector("math")).toBeNull();
    rerender(<Markdown source={"$$\nx^2\n$$\n"} growing />);
    await waitFor(() => expect(container.querySelector("math")).not.toBeNull());
    rerender(<Markdown source={"$$\n\\frac{\n$$\n"} />);
    await waitFor(() => expect(container.querySelector("math")).toBeNull());
    rerender(<Markdown source={"$$\ny^2\n$$\n"} />);
    await waitFor(() => expect(container.querySelector("math")?.textContent).toContain("y^2"));
  });

  it("draws_a_diagram_only_when_its_fence_is_closed", async () => {
    draw.mockReset().mockResolvedValue({ url: "data:image/svg+xml,%3Csvg/%3E", width: 10, height: 10, kind: "flowchart" });
    const user = userEvent.setup();
    const source = "```mermaid\ngraph TD\n A --> B\n";
    const { rerender } = render(<Markdown source={source} growing />);
    expect(screen.getByTestId("code-block")).toHaveTextContent("A --> B");
    expect(draw).not.toHaveBeenCalled();
    rerender(<Markdown source={`${source}\`\`\`\n`} growing />);
    expect(await screen.findByRole("img", { name: /^Diagram \(flowchart\)/ })).toHaveAttribute("src", "data:image/svg+xml,%3Csvg/%3E");
    await user.click(screen.getByRole("button", { name: "Code" }));
    expect(screen.getByTestId("code-block")).toHaveTextContent("graph TD A --> B");
  });

  it("shows_the_source_of_a_diagram_that_cannot_be_drawn_and_says_so", async () => {
    draw.mockReset().mockRejectedValue(new Error("no"));
    render(<Markdown source={"```mermaid\ngraph\n```"} />);
    expect(await screen.findByText("This diagram could not be drawn, so its source is shown.")).toBeInTheDocument();
    expect(screen.getByRole("group", { name: "Code, mermaid" })).toHaveTextContent("graph");
  });

  it("takes_over_what_was_read_when_the_growing_answer_becomes_a_stored_one", () => {
    const read = vi.spyOn(GrowingText.prototype, "read");
    const source = "one\n\ntwo\n\nthree";
    const growing = render(<Markdown source={source} growing />);
    growing.unmount();
    render(<Markdown source={`${source} and more`} />);
    const readers = new Set(read.mock.contexts);
    expect(readers.size).toBe(1);
    expect(screen.getByText("three and more")).toBeInTheDocument();
  });

  it("stays_small", () => {
    const paragraph = "The engine weaves **algebraical patterns** just as the `Jacquard loom` weaves flowers, and *leaves*. ".repeat(4);
    const code = `\`\`\`ts\n${"const a = [1, 2, 3]; // numbers\n".repeat(60)}\`\`\``;
    const source = Array.from({ length: 24 }, (_, at) => (at % 6 === 5 ? code : `${paragraph}\n\n- one\n- two`)).join("\n\n");
    expect(source.length).toBeGreaterThan(16_000);
    const { container } = render(<Markdown source={source} />);
    expect(container.querySelectorAll("*").length).toBeLessThan(1_000);
  });
});

describe("colours of code", () => {
  const seen = (text: string, language: string) => {
    const numbers = tokensOf(text, language) ?? new Uint32Array();
    return Array.from({ length: numbers.length / 3 }, (_, at) => {
      const [start, end, kind = 0] = numbers.subarray(at * 3, at * 3 + 3);
      return `${kinds[kind]} ${text.slice(start, end)}`;
    });
  };

  it.each([
    ["python", 'z = "a # b" + 12  # why', ['string "a # b"', "number 12", "comment # why"]],
    ["rust", "let a = 1; // no", ["keyword let", "number 1", "comment // no"]],
    ["tsx", "const a = <b/>;", ["keyword const", "keyword b"]],
    ["diff", "- a\n+ b", ["removed - a", "added + b"]],
  ])("%s has its tokens", (language, text, tokens) => expect(seen(text, language)).toEqual(expect.arrayContaining(tokens)));

  it("unknown_language_has_none", () => expect(tokensOf("if x then", "brainflower")).toBeNull());

  it("pieces_hold_all_lines_and_no_piece_but_the_last_ends_empty", () => {
    const text = Array.from({ length: 500 }, (_, at) => (at % 41 < 3 ? "" : `line ${at}`)).join("\n");
    const pieces = piecesOf(text);
    expect(pieces.length).toBeGreaterThan(8);
    expect(pieces.map((piece) => piece.text).join("\n")).toBe(text);
    for (const piece of pieces.slice(0, -1)) expect(piece.text.endsWith("\n")).toBe(false);
    // Adding to the end moves none of them.
    expect(piecesOf(`${text}\nmore`).slice(0, pieces.length - 1)).toEqual(pieces.slice(0, -1));
  });

  it("a_token_over_the_edge_of_a_piece_is_cut_there", () => {
    expect([...tokensIn(new Uint32Array([0, 3, 1, 5, 12, 2, 20, 21, 3]), { from: 4, text: "abcdef" })]).toEqual([1, 6, 2]);
  });

  // jsdom has neither workers nor highlights: this is what a web view without them shows.
  it("code_stays_plain_and_whole_where_ranges_cannot_be_painted", () => {
    expect(canPaint).toBe(false);
    render(<Markdown source={"```js\nconst a = 1;\n```"} />);
    expect(screen.getByRole("group", { name: "Code, js" })).toHaveTextContent("const a = 1;");
  });
});
