import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { id } from "@/host/fake/sample";
import { answers, composer, openApp, openChat } from "./app";

const file = (name: string, type: string, bytes = 20) => new File([new Uint8Array(bytes)], name, { type });
const cat = () => file("cat.png", "image/png");
const sendCall = (world: ReturnType<typeof openApp>["world"]) => world.calls.find((call) => call.name === "chat_send");
const ready = () => waitFor(() => expect(document.querySelector("[data-testid=tray-file][aria-busy]")).toBeNull());

async function attached(scene: string, ...files: File[]) {
  const app = openApp(scene);
  await composer();
  await app.user.upload(screen.getByTestId("attach-input"), files);
  await screen.findAllByTestId("tray-file");
  await ready();
  return app;
}

describe("files with a message", () => {
  it("several_files_wait_above_the_text_with_name_and_size_and_go_along", async () => {
    const { user, world } = await attached("", cat(), file("letter.pdf", "application/pdf", 2_100_000));
    const [first, second] = screen.getAllByTestId("tray-file");
    expect(first).toHaveTextContent("cat.png20 B");
    expect(first?.querySelector("img")).toHaveAttribute("src", expect.stringContaining("blob:"));
    expect(second).toHaveTextContent("letter.pdf2.1 MB");
    await user.type(await composer(), "Who is that?{Enter}");
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(sendCall(world)?.args).toMatchObject({
      request: { text: "Who is that?", attachments: [expect.any(String), expect.any(String)] },
    });
    expect(screen.queryByTestId("tray")).not.toBeInTheDocument();
    expect(screen.getAllByTestId("sent-file").map((one) => one.dataset.name)).toEqual(["cat.png", "letter.pdf"]);
  });

  it("scaled_picture_says_what_it_was", async () => {
    await attached("", file("wide.jpg", "image/jpeg", 8_400_000));
    expect(screen.getByTestId("tray-file")).toHaveTextContent("2.1 MB, was 8.4 MB");
  });

  it("files_alone_can_be_sent", async () => {
    const { user, world } = await attached("", cat());
    await user.click(screen.getByTestId("send"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(sendCall(world)?.args).toMatchObject({ request: { text: "" } });
  });

  it("file_is_taken_away_again", async () => {
    const { user, world } = await attached("", cat());
    await user.click(screen.getByRole("button", { name: "Remove cat.png" }));
    expect(screen.queryByTestId("tray-file")).not.toBeInTheDocument();
    expect(screen.getByTestId("composer")).toHaveFocus();
    await waitFor(() => expect(world.staged.size).toBe(0));
  });

  it("nothing_is_sent_while_a_file_is_being_read", async () => {
    const { user, world } = openApp();
    await composer();
    let taken = () => {};
    world.latency = () =>
      new Promise((done) => {
        taken = done;
      });
    await user.upload(screen.getByTestId("attach-input"), [cat()]);
    await waitFor(() => expect(world.calls.some((call) => call.name === "attachment_add")).toBe(true));
    expect(screen.getByRole("status", { name: "Reading cat.png…" })).toBeInTheDocument();
    await user.type(await composer(), "now{Enter}");
    expect(sendCall(world)).toBeUndefined();
    expect(screen.getByText("Wait until the files are read.")).toBeInTheDocument();
    world.latency = () => Promise.resolve();
    taken();
    await ready();
    expect(screen.getByTestId("send")).toBeEnabled();
  });

  it("refused_file_is_named_with_its_reason_and_the_others_stay", async () => {
    const { user } = await attached("", cat(), file("tool.exe", "application/octet-stream"));
    const notice = await screen.findByTestId("attach-error");
    expect(notice).toHaveTextContent("“tool.exe” was not attached");
    expect(notice).toHaveTextContent(/tool\.exe is neither an image nor a document/);
    expect(screen.getAllByTestId("tray-file")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByTestId("attach-error")).not.toBeInTheDocument();
  });

  it("too_large_a_file_is_refused_before_it_is_read", async () => {
    const { user, world } = openApp();
    await composer();
    const large = cat();
    Object.defineProperty(large, "size", { value: 21 * 1024 * 1024 });
    await user.upload(screen.getByTestId("attach-input"), [large]);
    expect(await screen.findByTestId("attach-error")).toHaveTextContent(/It has 22\.0 MB; 20 MB is the most/);
    expect(world.calls.some((call) => call.name === "attachment_add")).toBe(false);
  });

  it("message_that_was_not_accepted_keeps_its_files", async () => {
    const { user } = await attached("", cat());
    await user.type(await composer(), "reject me{Enter}");
    await screen.findByTestId("send-error");
    expect(screen.getByTestId("tray-file")).toHaveTextContent("cat.png");
    expect(screen.getByTestId("composer")).toHaveValue("reject me");
  });

  it("files_stay_with_their_draft", async () => {
    const { user } = await attached("", cat());
    await openChat(user, "What do I love, again?");
    expect(screen.queryByTestId("tray-file")).not.toBeInTheDocument();
    await user.keyboard("{Control>}n{/Control}");
    expect(await screen.findByTestId("tray-file")).toHaveTextContent("cat.png");
  });

  it("pasted_picture_is_attached_and_pasted_text_stays_text", async () => {
    openApp();
    const field = await composer();
    fireEvent.paste(field, { clipboardData: { files: [cat()], types: ["Files", "text/plain", "text/html"] } });
    expect(screen.queryByTestId("tray-file")).not.toBeInTheDocument();
    fireEvent.paste(field, { clipboardData: { files: [cat()], types: ["Files", "text/html"] } });
    expect(await screen.findByTestId("tray-file")).toHaveTextContent("cat.png");
    await ready();
  });

  it("dropped_file_is_attached_and_the_target_shows_while_it_hovers", async () => {
    openApp();
    await composer();
    const area = screen.getByRole("main");
    fireEvent.dragEnter(area, { dataTransfer: { types: ["text/uri-list"] } });
    expect(screen.queryByTestId("drop-target")).not.toBeInTheDocument();
    fireEvent.dragEnter(area, { dataTransfer: { types: ["Files"] } });
    expect(screen.getByTestId("drop-target")).toHaveTextContent("Drop to attach");
    fireEvent.drop(area, { dataTransfer: { types: ["Files"], files: [cat()] } });
    expect(screen.queryByTestId("drop-target")).not.toBeInTheDocument();
    expect(await screen.findByTestId("tray-file")).toHaveTextContent("cat.png");
    await ready();
  });

  it("file_dropped_beside_the_conversation_does_not_replace_the_page", async () => {
    openApp();
    await composer();
    expect(fireEvent.drop(screen.getByTestId("nav-chat"), { dataTransfer: { types: ["Files"], files: [cat()] } })).toBe(false);
    expect(screen.queryByTestId("tray-file")).not.toBeInTheDocument();
  });

  it("model_that_takes_no_images_is_told_before_sending", async () => {
    await attached("?model=openai", cat(), file("letter.pdf", "application/pdf"), file("plain.txt", "text/plain"));
    const [picture, document, text] = screen.getAllByTestId("tray-file");
    expect(await within(picture as HTMLElement).findByTestId("tray-problem")).toHaveTextContent(
      "will not be sent: llama3.2 takes no images",
    );
    expect(document).toHaveTextContent("sent as text: llama3.2 takes no files");
    expect(within(text as HTMLElement).queryByTestId("tray-problem")).not.toBeInTheDocument();
  });
});

describe("files that were sent", () => {
  it("picture_is_enlarged_and_one_that_is_not_here_says_so", async () => {
    const { user } = openApp("?rich");
    await openChat(user, "Which loom was it?");
    const files = screen.getAllByTestId("sent-file");
    await waitFor(() => expect(files[3]).toHaveTextContent("gone.jpgnot on this device"));
    await user.click(await within(files[0] as HTMLElement).findByTestId("sent-picture"));
    expect(within(await screen.findByTestId("picture-dialog")).getByRole("img")).toHaveAttribute(
      "src",
      expect.stringMatching(/^data:image\/png;base64,iVBOR/),
    );
  });

  it("file_is_left_out_and_put_back", async () => {
    const { user, world } = openApp("?rich");
    await openChat(user, "Which loom was it?");
    const pdf = () => screen.getAllByTestId("sent-file")[2] as HTMLElement;
    const stored = () => world.messages.find((message) => message.id === id("ru1"))?.attachments[2]?.left_out;
    await user.click(within(pdf()).getByTestId("sent-file-menu"));
    await user.click(await screen.findByRole("menuitem", { name: "Leave out" }));
    await waitFor(() => expect(pdf()).toHaveTextContent("left out: not sent any more"));
    expect(stored()).toBe(true);
    await user.click(within(pdf()).getByTestId("sent-file-menu"));
    await user.click(await screen.findByRole("menuitem", { name: "Put back" }));
    await waitFor(() => expect(pdf()).toHaveTextContent("184 KB"));
    await waitFor(() => expect(stored()).toBe(false));
  });

  it("refused_file_can_stay_behind_and_the_question_is_answered", async () => {
    const { user, world } = await attached("?refused", cat());
    await user.type(await composer(), "Who is that?{Enter}");
    await user.click(await screen.findByTestId("send-without"));
    await waitFor(() => expect(answers().at(-1)).toHaveAttribute("data-status", "complete"));
    expect(screen.getByTestId("sent-file")).toHaveAttribute("data-left-out", "true");
    expect(world.calls.map((call) => call.name).filter((name) => /leave_out|regenerate/.test(name))).toEqual([
      "attachment_leave_out_all",
      "chat_regenerate",
    ]);
  });
});
