import { describe, expect, it } from "vitest";
import { fitOf, fold } from "./fuzzy";
import { keysOf, keysTrouble, type Pressed, parseKeys, showKeys } from "./keys";
import { conflictOf, keysFor, troubleOf, withKeys } from "./shortcut";
import { rangesIn, spansOf, termsOf } from "./text-highlight";

const press = (key: string, code: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  keyCode: 0,
  ...more,
});
const ctrl = { ctrlKey: true };

describe("keys", () => {
  it.each([
    ["a letter, whatever Shift makes of it", press("K", "KeyK", { ...ctrl, shiftKey: true }), "Mod+Shift+K"],
    ["nothing with Super", press("k", "KeyK", { metaKey: true }), null],
    ["the letter that is printed, not its place", press("q", "KeyA", ctrl), "Mod+Q"],
    ["the place where no Latin letter is printed", press("л", "KeyK", ctrl), "Mod+K"],
    ["the place of a sign on an Arabic layout", press("ظ", "Slash", ctrl), "Mod+/"],
    ["a sign that needs Shift on this layout", press("/", "Digit7", { ...ctrl, shiftKey: true }), "Mod+/"],
    ["what Alt makes of a letter on a Mac", press("å", "KeyA", { altKey: true }), "Alt+A"],
    ["a key without a character", press("ArrowUp", "ArrowUp", { altKey: true, shiftKey: true }), "Alt+Shift+ArrowUp"],
    ["Esc", press("Escape", "Escape"), "Esc"],
    ["plus, which also joins", press("+", "Equal", { ...ctrl, shiftKey: true }), "Mod+Plus"],
    ["no modifier alone", press("Control", "ControlLeft", ctrl), null],
    ["nothing of a word that is being composed", press("Enter", "Enter", { isComposing: true }), null],
    ["nor where only the key code says so", press("k", "KeyK", { ...ctrl, keyCode: 229 }), null],
    ["nor what AltGr types", press("€", "KeyE", { ...ctrl, altKey: true, getModifierState: () => true }), null],
  ])("are read as %s", (_, event, keys) => expect(keysOf(event)).toBe(keys));

  it("are_held_with_cmd_on_a_mac_where_ctrl_moves_through_text", () => {
    expect(keysOf(press("k", "KeyK", { metaKey: true }), true)).toBe("Mod+K");
    expect(keysOf(press("a", "KeyA", ctrl), true)).toBeNull();
  });

  it.each([
    ["shift+ctrl+k", "Mod+Shift+K"],
    ["Cmd+,", "Mod+,"],
    ["F3", "F3"],
    ["Hyper+K", null],
    ["", null],
  ])("kept as %s are %s", (text, keys) => expect(parseKeys(text)).toBe(keys));

  it.each([
    ["K", "plain"],
    ["Shift+K", "plain"],
    ["Tab", "plain"],
    ["Enter", "plain"],
    ["Mod+C", "taken"],
    ["Mod+Enter", "taken"],
    ["Mod+ArrowLeft", "taken"],
    ["Alt+F4", "taken"],
    ["Alt+ArrowUp", null],
    ["F9", null],
    ["Mod+Alt+J", null],
  ])("%s is refused because it is %s", (keys, trouble) => expect(keysTrouble(keys)).toBe(trouble));

  it("are shown as they are printed", () => expect(showKeys("Mod+Shift+ArrowUp")).toBe("Ctrl Shift ↑"));
});

describe("the keys of actions", () => {
  it("the_owners_count_also_where_they_are_none_and_unreadable_ones_do_not", () => {
    expect(keysFor("new_chat", {})).toBe("Mod+N");
    expect(keysFor("new_chat", { new_chat: "ctrl+j" })).toBe("Mod+J");
    expect(keysFor("new_chat", { new_chat: "" })).toBe("");
    expect(keysFor("new_chat", { new_chat: "nonsense+" })).toBe("Mod+N");
  });

  it("two_actions_conflict_where_both_can_be_meant", () => {
    expect(conflictOf("why", "Mod+K", {})).toBe("palette");
    expect(conflictOf("why", "Mod+K", { palette: "" })).toBeNull();
    expect(conflictOf("find_here", "Mod+S", {})).toBeNull();
    expect(conflictOf("why", "", { new_chat: "" })).toBeNull();
  });

  it("usual_keys_are_not_kept_and_are_never_refused", () => {
    expect(withKeys({ stop: "F8" }, "stop", "Esc")).toEqual({});
    expect(troubleOf("stop", "Esc")).toBeNull();
    expect(troubleOf("why", "Esc")).toBe("plain");
  });
});

describe("fuzzy", () => {
  const rank = (query: string, texts: string[]) =>
    texts
      .map((text) => ({ text, fit: fitOf(fold(query), fold(text)) }))
      .filter(({ fit }) => fit !== null)
      .sort((a, b) => (b.fit ?? 0) - (a.fit ?? 0))
      .map(({ text }) => text);

  it("beginnings_come_before_words_before_middles_before_abbreviations", () => {
    expect(rank("set", ["Reset all", "The settings", "Settings", "Some early tea", "Nothing"])).toEqual([
      "Settings",
      "The settings",
      "Reset all",
      "Some early tea",
    ]);
  });

  it("accents_case_and_the_order_of_words_do_not_matter", () => expect(rank("UBER cafe", ["Café über alles"])).toHaveLength(1));
  it("letters_strewn_over_words_are_no_fit", () => expect(rank("wee", ["Write a message"])).toEqual([]));
});

describe("finding words in a text", () => {
  const found = (query: string, text: string) => spansOf(text, termsOf(query)).map(({ start, end }) => text.slice(start, end));

  it.each([
    ["engine", "The Engine, engines and engineers", ["Engine", "engines", "engineers"]],
    ["engine ", "The Engine, engines and engineering works", ["Engine", "engines"]],
    ["numb", "number and numbness", ["number", "numbness"]],
    ["cafe", "Ein Café", ["Café"]],
    ["love dogs", "dogs that loved", ["dogs", "loved"]],
    ['"the engine"', "the big engine, the engine", ["the engine"]],
    ["cat ", "category", []],
    ["引擎", "分析引擎是机器", ["引擎"]],
    ["", "anything", []],
  ])("%s in “%s”", (query, text, spans) => expect(found(query, text)).toEqual(spans));

  it("ranges_go_over_elements_but_not_over_paragraphs_and_leave_buttons_out", () => {
    const root = document.createElement("div");
    root.innerHTML = "<p>the ana<b>lytical</b> engine</p><p>analytical</p><p>engine</p><button>engine</button><footer>engine</footer>";
    expect(rangesIn(root, termsOf('"analytical engine"')).map(String)).toEqual(["analytical engine"]);
    expect(rangesIn(root, termsOf("engine"))).toHaveLength(2);
  });
});
