import { beforeEach, describe, expect, it, vi } from "vitest";

const render = vi.hoisted(() => vi.fn());
vi.mock("mermaid", () => ({ default: { initialize: () => {}, mermaidAPI: { render } } }));

const wanted = () => true;
const fresh = async () => {
  vi.resetModules();
  return (await import("@/features/chat/mermaid")).draw;
};

describe("the drawing of diagrams", () => {
  beforeEach(() => {
    // jsdom has none.
    Object.assign(document, { adoptedStyleSheets: [] });
    render.mockReset().mockResolvedValue({ svg: '<svg viewBox="0 0 10 20"></svg>', diagramType: "flowchart" });
  });

  it("draws_the_same_source_once_for_each_theme", async () => {
    const draw = await fresh();
    const first = await draw("graph TD", wanted);
    expect(await draw("graph TD", wanted)).toBe(first);
    document.documentElement.dataset.theme = "dark";
    await draw("graph TD", wanted);
    delete document.documentElement.dataset.theme;
    expect(render).toHaveBeenCalledTimes(2);
  });

  it("skips_one_that_nobody_waits_for_any_more", async () => {
    const draw = await fresh();
    await expect(draw("graph TD", () => false)).rejects.toThrow("nobody waits");
    expect(render).not.toHaveBeenCalled();
  });

  it("gives_up_one_that_never_ends_and_puts_the_page_right_for_the_next", async () => {
    const draw = await fresh();
    const { createElement } = document;
    vi.useFakeTimers();
    render.mockReturnValueOnce(new Promise(() => {}));
    const never = expect(draw("graph TD", wanted)).rejects.toThrow("too long");
    const next = draw("graph LR", wanted);
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await never;
    expect(await next).toMatchObject({ width: 10, height: 20 });
    expect(document.createElement).toBe(createElement);
  });
});
