import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { WireError } from "@/bindings";
import { notify } from "@/host/fake/common";
import { openApp, row } from "./app";
import { openSettings } from "./settings";

type User = ReturnType<typeof userEvent.setup>;
type World = ReturnType<typeof openApp>["world"];

const open = () => openSettings("", "data");
const argsOf = (world: World, name: string) => world.calls.filter((call) => call.name === name).map(({ args }) => args);

const held = (name: string) => screen.getByTestId<HTMLInputElement>(name).value;

async function fill(user: User, name: string, text: string) {
  const field = await screen.findByTestId(name);
  await user.clear(field);
  await user.type(field, text);
}

/** From now on a job waits at its next step until it is let go. */
function hold(world: World): () => void {
  let go = () => {};
  const gate = new Promise<void>((done) => {
    go = done;
  });
  world.data.step = () => gate;
  return () => {
    world.data.step = null;
    go();
  };
}

async function lookInto(user: User, path: string) {
  await fill(user, "import-path", path);
  await user.click(screen.getByTestId("import-look"));
}

describe("exporting everything", () => {
  it("asks_for_the_passphrase_twice_and_says_where_the_file_is", async () => {
    const { user, world } = await open();
    await waitFor(() => expect(held("export-path")).toMatch(/Downloads\/digital-twin-.*\.tar\.zst$/));
    await user.click(screen.getByTestId("export-sealed"));
    expect(held("export-path")).toMatch(/\.tar\.zst\.age$/);
    await user.click(screen.getByTestId("export-run"));
    expect(screen.getByTestId("export-passphrase")).toHaveAccessibleDescription("Type a passphrase.");
    await user.type(screen.getByTestId("export-passphrase"), "open sesame");
    await user.type(screen.getByTestId("export-again"), "open sesami");
    await user.click(screen.getByTestId("export-run"));
    expect(screen.getByTestId("export-again")).toHaveAccessibleDescription("The two are not the same.");
    expect(argsOf(world, "archive_export")).toEqual([]);

    await user.type(screen.getByTestId("export-again"), "{Backspace}e");
    await user.click(screen.getByTestId("export-run"));
    const done = await screen.findByTestId("export-done");
    expect(done).toHaveTextContent(/Downloads.digital-twin-.*only with your passphrase/);
    expect(argsOf(world, "archive_export")).toMatchObject([{ passphrase: "open sesame" }]);
    expect(screen.getByTestId("export-passphrase")).toHaveValue("");
    expect(within(await screen.findByTestId("export-made")).getAllByRole("listitem")).toHaveLength(1);
    await user.click(screen.getByTestId("export-show"));
    expect(world.opened).toHaveLength(1);
  });

  it("goes_on_while_one_looks_elsewhere_and_is_called_off_from_there", async () => {
    const { user, world } = await open();
    const go = hold(world);
    await waitFor(() => expect(screen.getByTestId("export-path")).not.toHaveValue(""));
    await user.click(screen.getByTestId("export-run"));
    await screen.findByTestId("export-progress");
    await user.click(screen.getByTestId("nav-chat"));
    await user.click(await screen.findByTestId("open-settings"));
    await user.click(await screen.findByTestId("settings-data"));
    await user.click(await screen.findByTestId("export-progress-cancel"));
    expect(screen.getByTestId("export-progress")).toHaveTextContent("Stopping…");
    go();
    expect(await screen.findByTestId("export-cancelled")).toHaveTextContent("No file was written");
    expect(world.data.exports).toEqual([]);
  });

  it("a_file_that_is_there_is_replaced_only_if_one_says_so", async () => {
    const { user, world } = await open();
    await fill(user, "export-path", "/home/ada/Downloads/chatgpt.zip");
    await user.click(screen.getByTestId("export-run"));
    await screen.findByTestId("export-there");
    expect(argsOf(world, "archive_export")).toEqual([]);
    await user.click(screen.getByTestId("export-replace"));
    await screen.findByTestId("export-done");
  });

  it("an_error_says_what_to_do", async () => {
    const { user, world } = await open();
    const full: WireError = { code: "store_full", message: "the disk is full", hint: "free some space", retryable: true, id: "" };
    world.refuse.archive_export = full;
    await waitFor(() => expect(screen.getByTestId("export-path")).not.toHaveValue(""));
    await user.click(screen.getByTestId("export-run"));
    expect(await screen.findByTestId("export-failed")).toHaveTextContent("The disk is full. Free some space.");
  });
});

describe("importing", () => {
  it("shows_first_what_would_come_then_what_came_and_what_did_not", async () => {
    const { user } = await open();
    await lookInto(user, "/home/ada/Downloads/chatgpt.zip");
    const preview = await screen.findByTestId("import-preview");
    expect(preview).toHaveTextContent("An export of ChatGPT");
    expect(within(preview).getByTestId("import-chats")).toHaveTextContent("1, all new");
    await user.click(screen.getByTestId("import-run"));
    const report = await screen.findByTestId("import-report");
    expect(report).toHaveTextContent("1 chat and 0 messages are new.");
    await user.click(within(report).getByText("240 things are not taken in"));
    expect(within(report).getByTestId("import-skipped")).toHaveTextContent(/a picture, recording or file.*and 216 more/);
    await row("Greyhounds");
    await user.click(screen.getByTestId("import-done"));
    await lookInto(user, "/home/ada/Downloads/chatgpt.zip");
    expect(await screen.findByTestId("import-chats")).toHaveTextContent("1, all here already");
  });

  it("a_sealed_file_asks_for_its_passphrase_and_a_wrong_one_says_so", async () => {
    const { user, world } = await open();
    await lookInto(user, "/home/ada/Downloads/sealed.age");
    await user.type(await screen.findByTestId("import-passphrase"), "sesame{Enter}");
    await waitFor(() => expect(screen.getByTestId("import-passphrase")).toHaveAccessibleDescription(/does not fit/));
    await fill(user, "import-passphrase", "open sesame");
    await user.click(screen.getByTestId("import-open"));
    expect(await screen.findByTestId("import-messages")).toHaveTextContent("all here already");
    await user.click(screen.getByTestId("import-run"));
    expect(await screen.findByTestId("import-report")).toHaveTextContent("Nothing was new");
    expect(argsOf(world, "import_file")).toMatchObject([{ passphrase: "open sesame" }]);
  });

  it("a_dropped_file_is_looked_into_under_its_own_name", async () => {
    const { world } = await open();
    const file = new File(["a ZIP"], "chatgpt.zip");
    fireEvent.drop(screen.getByTestId("import-part"), { dataTransfer: { types: ["Files"], files: [file] } });
    expect(await screen.findByTestId("import-preview")).toHaveTextContent("chatgpt.zip");
    expect(argsOf(world, "import_drop")).toEqual([{ name: "chatgpt.zip", first: true, data: btoa("a ZIP") }]);
  });

  it("a_file_that_is_not_there_says_so_and_another_can_be_chosen", async () => {
    const { user } = await open();
    await lookInto(user, "/nowhere.zip");
    const failed = await screen.findByTestId("import-failed");
    expect(failed).toHaveTextContent("Check its name");
    await user.click(within(failed).getByRole("button", { name: "Another file" }));
    await user.click(screen.getByTestId("import-path-choose"));
    await screen.findByTestId("import-preview");
  });

  it("is_called_off", async () => {
    const { user, world } = await open();
    await lookInto(user, "/home/ada/Downloads/chatgpt.zip");
    await screen.findByTestId("import-preview");
    const go = hold(world);
    await user.click(screen.getByTestId("import-run"));
    await user.click(await screen.findByTestId("import-progress-cancel"));
    go();
    expect(await screen.findByTestId("import-cancelled")).toHaveTextContent("Import the file again to go on");
  });
});

describe("a folder that is watched", () => {
  it("is_chosen_says_what_became_of_its_files_and_is_let_go", async () => {
    const { user, world } = await open();
    const card = within(await screen.findByTestId("import-folder"));
    expect(card.queryByTestId("import-folder-came")).toBeNull();
    await waitFor(() => expect(card.getByTestId("import-folder-choose")).toBeEnabled());
    await user.click(card.getByTestId("import-folder-choose"));
    await card.findByText("/home/ada/twin/sessions");
    await waitFor(() =>
      expect(card.getByTestId("import-folder-came")).toHaveTextContent(/2 chats and 9 messages.*came in since the start/),
    );
    expect(card.getByTestId("import-folder-foreign")).toHaveTextContent("1 other file lies there");
    await user.click(card.getByText("One thing is not taken in"));
    expect(card.getByTestId("import-folder-skipped")).toHaveTextContent(/damaged, or not what should be there.*holiday\.json/);

    await user.click(card.getByTestId("import-folder-stop"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("What came in stays");
    expect(card.queryByText("/home/ada/twin/sessions")).toBeNull();
    expect(argsOf(world, "import_folder_set")).toEqual([{ folder: "/home/ada/twin/sessions" }, { folder: null }]);
  });

  it("that_is_gone_or_rests_says_so", async () => {
    const { world } = await open();
    const gone = { path: "/media/ada/Drive", missing: true, sessions: 0, messages: 0, last: null, foreign: 0 };
    world.data.folder = { ...gone, skipped: { count: 0, named: [] } };
    world.settings.background_paused = true;
    notify({ type: "import_folder_changed" }, "settings");
    expect(await screen.findByTestId("import-folder-missing")).toHaveTextContent("watched again as soon as it is there");
    expect(await screen.findByTestId("import-folder-paused")).toBeVisible();
    expect(screen.getByTestId("import-folder-came")).toHaveTextContent("Nothing new has come in");
  });

  it("that_cannot_be_watched_says_why", async () => {
    const { user, world } = await open();
    world.refuse.import_folder_set = {
      code: "invalid_input",
      message: "that is not a folder",
      hint: "choose another",
      retryable: false,
      id: "",
    };
    await waitFor(() => expect(screen.getByTestId("import-folder-choose")).toBeEnabled());
    await user.click(screen.getByTestId("import-folder-choose"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("Choose another");
    expect(screen.queryByTestId("import-folder-stop")).toBeNull();
  });
});

describe("backups", () => {
  it("are_listed_made_and_restored_after_a_question", async () => {
    const { user, world } = await open();
    expect(await screen.findAllByTestId("backup-row")).toHaveLength(5);
    expect(screen.getByTestId("backup-last")).toHaveTextContent("Last backup:");
    await user.click(screen.getByTestId("backup-now"));
    expect(await screen.findByText("Backed up")).toBeVisible();
    await waitFor(() => expect(screen.getAllByTestId("backup-row")).toHaveLength(6));

    await user.click(screen.getAllByTestId("backup-restore")[2] as HTMLElement);
    expect(await screen.findByTestId("restore-dialog")).toHaveTextContent(/it is copied first.*Your persona files stay/);
    expect(argsOf(world, "backup_restore")).toEqual([]);
    await user.click(screen.getByTestId("restore-yes"));
    await waitFor(() => expect(screen.getAllByTestId("backup-row")).toHaveLength(7));
    expect(screen.getAllByTestId("backup-row")[0]).toHaveTextContent("Before a restore");
    expect(screen.queryByTestId("restore-dialog")).toBeNull();
  });

  it("another_program_in_the_way_is_named_in_the_question", async () => {
    const { user, world } = await open();
    const busy = { code: "store_busy", message: "another process has the home open", hint: "close the other windows", id: "" } as const;
    world.refuse.backup_restore = { ...busy, retryable: true };
    await user.click((await screen.findAllByTestId("backup-restore"))[0] as HTMLElement);
    await user.click(await screen.findByTestId("restore-yes"));
    expect(await screen.findByTestId("restore-failed")).toHaveTextContent("Close the other windows.");
    expect(screen.getByTestId("restore-yes")).toBeEnabled();
  });

  it("none_yet", async () => {
    await openSettings("?empty", "data");
    await screen.findByTestId("backup-empty");
  });

  it("a_damaged_home_is_repaired_in_one_step_and_says_what_is_lost", async () => {
    const { user } = openApp("?trouble=damaged");
    await user.click(await screen.findByTestId("rescue-offer"));
    expect(await screen.findByTestId("rescued")).toHaveTextContent("12 messages, 31 changes in all");
    expect(screen.getByTestId("rescued-lost")).toHaveTextContent("3 changes that could not be read");
    expect(screen.getByTestId("rescued")).toHaveTextContent("The damaged file is kept as");
    await user.click(screen.getByTestId("rescued-go-on"));
    await screen.findByTestId("composer");
  });

  it("an_encrypted_home_is_opened_with_what_was_typed", async () => {
    const { user } = openApp("?trouble=locked");
    await user.type(await screen.findByTestId("unlock-secret"), "four words of hers{Enter}");
    expect(await screen.findByTestId("unlock-failed")).toHaveTextContent("does not open");
    await user.clear(screen.getByTestId("unlock-secret"));
    await user.type(screen.getByTestId("unlock-secret"), "four words of mine");
    await user.click(screen.getByTestId("unlock-open"));
    await screen.findByTestId("composer");
  });

  it("a_home_that_turns_out_to_be_damaged_is_not_gone_on_with", async () => {
    const { user, world } = openApp();
    await screen.findByTestId("composer");
    const damaged = { code: "store_damaged" as const, message: "the database is damaged", hint: "", retryable: false, id: "01" };
    world.trouble = damaged;
    world.refuse.backup_list = damaged;
    await user.click(await screen.findByTestId("open-settings"));
    await user.click(await screen.findByTestId("settings-data"));
    await screen.findByTestId("trouble");
    await screen.findByTestId("rescue-offer");
  });

  it("a_home_that_is_too_new_offers_none", async () => {
    openApp("?trouble");
    await screen.findByTestId("trouble");
    expect(screen.queryByTestId("rescue")).toBeNull();
  });
});

describe("exporting chats", () => {
  it("from_the_menu_of_one_in_a_format_that_is_remembered", async () => {
    const { user, world } = openApp();
    fireEvent.contextMenu(await row("What do I love, again?"));
    await user.click(await screen.findByRole("menuitem", { name: /Export…/ }));
    expect(await screen.findByTestId("export-dialog")).toHaveTextContent("Export “What do I love, again?”");
    await waitFor(() => expect(screen.getByTestId("export-chat-path")).toHaveValue("/home/ada/Downloads/What do I love again.md"));
    await user.click(screen.getByRole("radio", { name: /Web page/ }));
    expect(screen.getByTestId("export-chat-path")).toHaveValue("/home/ada/Downloads/What do I love again.html");
    await user.click(screen.getByTestId("export-chat-run"));
    expect(await screen.findByTestId("toast")).toHaveTextContent("Exported to /home/ada/Downloads/What do I love again.html");
    expect(argsOf(world, "session_export")).toMatchObject([{ format: "html" }]);
    expect(screen.queryByTestId("export-dialog")).toBeNull();
  });

  it("several_become_one_zip", async () => {
    const { user, world } = openApp();
    const rows = within(await screen.findByTestId("session-list")).getAllByTestId("session-item");
    const titles = rows.slice(0, 2).map((one) => one.querySelector("[data-open]") as HTMLElement);
    fireEvent.click(titles[0] as HTMLElement, { ctrlKey: true });
    fireEvent.click(titles[1] as HTMLElement, { ctrlKey: true });
    await user.click(await screen.findByTestId("selection-export"));
    expect(await screen.findByTestId("export-dialog")).toHaveTextContent("Export 2 chats");
    await waitFor(() => expect(held("export-chat-path")).toMatch(/Chats .*\.zip$/));
    await user.click(screen.getByTestId("export-chat-run"));
    await waitFor(() => expect(argsOf(world, "session_export")[0]?.sessionIds).toHaveLength(2));
  });

  it("from_the_palette_and_so_are_the_other_ways", async () => {
    const { user } = openApp();
    await user.click(await row("What do I love, again?"));
    await screen.findAllByTestId("message");
    const pick = async (text: string) => {
      await user.keyboard("{Control>}k{/Control}");
      await waitFor(() => expect(screen.getByTestId("palette-field")).toHaveFocus());
      await user.keyboard(`${text}{Enter}`);
    };
    await pick("Export the chat");
    await screen.findByTestId("export-dialog");
    await user.keyboard("{Escape}");
    await pick("Back up now");
    await screen.findByText("Backed up");
    await pick("Import a file");
    await waitFor(() => expect(screen.getByRole("heading", { name: "Import" })).toHaveFocus());
  });
});

describe("encryption", () => {
  const state = () => screen.findByTestId("encryption-state");

  async function keepCode(user: User) {
    const code = (await screen.findByTestId("sync-recovery-code")).textContent ?? "";
    await user.keyboard("{Escape}");
    await user.click(screen.getByTestId("encryption-code-done"));
    expect(screen.getByTestId("sync-code-group")).toHaveAccessibleDescription(/not the last group/);
    await user.type(screen.getByTestId("sync-code-group"), code.split("-").at(-1) ?? "");
    await user.click(screen.getByTestId("encryption-code-done"));
    expect(screen.queryByTestId("encryption-code-dialog")).toBeNull();
    return code;
  }

  it("is_off_until_it_is_asked_for_and_shows_a_code_that_has_to_be_kept", async () => {
    const { user, world } = await open();
    expect(await state()).toHaveTextContent("Not encrypted.");
    await user.click(screen.getByTestId("encryption-on"));
    expect(screen.getByTestId("encryption-on-dialog")).toHaveTextContent(/Not encrypted: your persona files/);
    expect(argsOf(world, "encryption_on")).toEqual([]);
    await user.click(screen.getByTestId("encryption-on-dialog-yes"));
    const first = await keepCode(user);
    expect(argsOf(world, "encryption_on")).toEqual([{ passphrase: null }]);
    await waitFor(async () => expect(await state()).toHaveTextContent("in this computer’s keychain"));
    expect(screen.queryByTestId("encryption-passphrase")).toBeNull();

    await user.click(screen.getByTestId("encryption-code"));
    await user.click(screen.getByTestId("encryption-new-code-yes"));
    expect(await keepCode(user)).not.toBe(first);

    await user.click(screen.getByTestId("encryption-off"));
    await user.click(screen.getByTestId("encryption-off-dialog-yes"));
    await waitFor(async () => expect(await state()).toHaveTextContent("Not encrypted."));
    expect(argsOf(world, "encryption_off")).toHaveLength(1);
  });

  it("asks_for_a_passphrase_twice_where_there_is_no_keychain_and_changes_it", async () => {
    const { user, world } = await openSettings("?keychain=none", "data");
    await user.click(await screen.findByTestId("encryption-on"));
    expect(screen.queryByTestId("encryption-ask")).toBeNull();
    await user.type(screen.getByTestId("sync-passphrase"), "short");
    await user.click(screen.getByTestId("encryption-on-dialog-yes"));
    expect(argsOf(world, "encryption_on")).toEqual([]);
    await user.type(screen.getByTestId("sync-passphrase"), " is not what this is");
    await user.type(screen.getByTestId("sync-again"), "short is not what this is");
    await user.click(screen.getByTestId("encryption-on-dialog-yes"));
    await keepCode(user);
    await waitFor(async () => expect(await state()).toHaveTextContent("asked for at each start"));

    await user.click(screen.getByTestId("encryption-passphrase"));
    await user.type(screen.getByTestId("sync-passphrase"), "another four of them");
    await user.type(screen.getByTestId("sync-again"), "another four of them");
    await user.click(screen.getByTestId("encryption-change-yes"));
    await waitFor(() => expect(screen.queryByTestId("encryption-change")).toBeNull());
    expect(argsOf(world, "encryption_passphrase_change")).toEqual([{ passphrase: "another four of them" }]);
  });

  it("says_why_it_was_not_encrypted_and_stays", async () => {
    const { user, world } = await open();
    await user.click(await screen.findByTestId("encryption-on"));
    world.credentials.status = "session_only";
    await user.click(screen.getByTestId("encryption-on-dialog-yes"));
    expect(await screen.findByTestId("encryption-on-dialog-failed")).toHaveTextContent(/no keychain/i);
    expect(screen.queryByTestId("encryption-code-dialog")).toBeNull();
    expect(await state()).toHaveTextContent("Not encrypted.");
  });
});
