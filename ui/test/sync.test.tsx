import { screen, waitFor, within } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { WireError } from "@/bindings";
import { strengthOf } from "@/features/settings/passphrase-strength";
import { formatAgo } from "@/lib/format";
import { openApp, row } from "./app";
import { violations } from "./axe";
import { called, openSettings } from "./settings";

type User = ReturnType<typeof userEvent.setup>;
type World = ReturnType<typeof openApp>["world"];

const passphrase = "hazel otter lantern";
const open = (scene = "") => openSettings(scene, "sync");
const argsOf = (world: World, name: string) => world.calls.filter((call) => call.name === name).map(({ args }) => args);
const next = (user: User) => user.click(screen.getByTestId("sync-next"));

async function fill(user: User, name: string, text: string) {
  const field = await screen.findByTestId(name);
  await user.clear(field);
  await user.type(field, text);
}

/** To the second step, with that bucket. */
async function toAccess(user: User, way: "sync-set-up" | "sync-join", bucket: string) {
  await user.click(await screen.findByTestId(way));
  await fill(user, "sync-bucket", bucket);
  await next(user);
  await screen.findByTestId("sync-test");
}

async function toSecret(user: User) {
  await toAccess(user, "sync-set-up", "ada-twin");
  await next(user);
  await screen.findByTestId("sync-passphrase");
}

async function toCode(user: User) {
  await toSecret(user);
  await fill(user, "sync-device-name", "Study");
  await fill(user, "sync-passphrase", passphrase);
  await fill(user, "sync-again", passphrase);
  await next(user);
  return (await screen.findByTestId("sync-recovery-code")).textContent ?? "";
}

describe("setting up", () => {
  it("says_first_what_never_leaves", async () => {
    const { world } = await open();
    expect(await screen.findByTestId("sync-off")).toHaveTextContent(/can read nothing.*never leave/);
    expect(screen.queryByTestId("sync-mark")).toBeNull();
    expect(called(world, /^sync_(?!status)/)).toEqual([]);
  });

  it("goes_from_a_bucket_to_a_device_that_syncs", async () => {
    const { user, world } = await open();
    await toCode(user);
    await fill(user, "sync-code-group", "m3ys");
    await next(user);
    expect(await screen.findByTestId("sync-state")).toHaveTextContent("Syncing…");
    await next(user);
    expect(await screen.findByTestId("sync-place")).toHaveTextContent("Bucket ada-twin");
    expect(within(screen.getAllByTestId("sync-device")[0] as HTMLElement).getByText("Study")).toBeVisible();
    expect(argsOf(world, "sync_create")).toEqual([
      {
        setup: {
          place: {
            type: "s3",
            bucket: "ada-twin",
            prefix: "",
            region: "",
            endpoint_url: "",
            path_style: false,
            credentials: { type: "chain" },
          },
          keys: null,
          device_name: "Study",
        },
        passphrase,
      },
    ]);
  });

  it("loses_nothing_when_one_goes_back_or_looks_elsewhere", async () => {
    const { user } = await open();
    await toSecret(user);
    await fill(user, "sync-passphrase", passphrase);
    await user.click(screen.getByTestId("sync-back"));
    await user.click(screen.getByTestId("sync-back"));
    expect(screen.getByTestId("sync-bucket")).toHaveValue("ada-twin");
    await user.click(screen.getByTestId("nav-chat"));
    await user.click(await screen.findByTestId("open-settings"));
    await user.click(await screen.findByTestId("settings-sync"));
    expect(await screen.findByTestId("sync-bucket")).toHaveValue("ada-twin");
    await next(user);
    await next(user);
    expect(await screen.findByTestId("sync-passphrase")).toHaveValue(passphrase);
    await user.click(screen.getByTestId("sync-cancel"));
    await screen.findByTestId("sync-off");
  });

  it("asks_for_what_is_missing_and_goes_nowhere_without_it", async () => {
    const { user, world } = await open();
    await user.click(await screen.findByTestId("sync-set-up"));
    await next(user);
    expect(screen.getByTestId("sync-bucket")).toHaveAccessibleDescription(/Enter the name of the bucket/);
    await user.click(screen.getByRole("radio", { name: /Another S3 service/ }));
    await fill(user, "sync-bucket", "ada-twin");
    await next(user);
    expect(screen.getByTestId("sync-endpoint")).toHaveAccessibleDescription(/Enter the address of the service/);
    await fill(user, "sync-endpoint", "https://s3.example.org");
    await next(user);
    await user.click(screen.getByRole("radio", { name: "Access keys" }));
    await next(user);
    expect(screen.getByTestId("sync-access-key")).toHaveAccessibleDescription("Enter both parts of the key.");
    await fill(user, "sync-access-key", "AKIAEXAMPLE");
    await fill(user, "sync-secret-key", "secret");
    await next(user);
    await fill(user, "sync-passphrase", "too short");
    await next(user);
    expect(screen.getByTestId("sync-passphrase")).toHaveAccessibleDescription("At least 10 characters.");
    expect(screen.getByTestId("sync-again")).toHaveAccessibleDescription("The two are not the same.");
    expect(screen.getByTestId("sync-device-name")).toHaveAccessibleDescription(/Give this device a name/);
    expect(called(world, /^sync_create/)).toEqual([]);
    expect(argsOf(world, "sync_test")).toMatchObject([
      { setup: { place: { endpoint_url: "https://s3.example.org", path_style: true }, keys: { access_key_id: "AKIAEXAMPLE" } } },
    ]);
  });

  it("a_failed_test_says_what_is_wrong_and_what_it_said_goes_with_what_it_was_about", async () => {
    const { user } = await open();
    await toAccess(user, "sync-set-up", "legacy");
    await user.click(screen.getByTestId("sync-test"));
    expect(await screen.findByTestId("sync-test-failed")).toHaveTextContent(/overwrote an object.*Choose another service/);
    await user.click(screen.getByTestId("sync-back"));
    await fill(user, "sync-bucket", "ada-twin");
    await next(user);
    expect(screen.queryByTestId("sync-test-failed")).toBeNull();
    await user.click(screen.getByTestId("sync-test"));
    expect(await screen.findByTestId("sync-tested")).toHaveTextContent("the first device");
  });

  it("offers_to_join_where_devices_sync_already", async () => {
    const { user } = await open();
    await toAccess(user, "sync-set-up", "shared");
    await next(user);
    expect(await screen.findByTestId("sync-there")).toHaveTextContent("the two never meet");
    await user.click(screen.getByTestId("sync-switch"));
    await screen.findByTestId("sync-open-passphrase");
  });

  it("a_folder_is_chosen_and_needs_no_credentials", async () => {
    const { user, world } = await open();
    await user.click(await screen.findByTestId("sync-set-up"));
    await user.click(screen.getByRole("radio", { name: /A folder/ }));
    await user.click(screen.getByTestId("sync-folder-choose"));
    await waitFor(() => expect(screen.getByTestId("sync-folder")).toHaveValue("/media/ada/Drive/twin"));
    await next(user);
    expect(screen.queryByTestId("sync-credentials")).toBeNull();
    await next(user);
    await screen.findByTestId("sync-passphrase");
    expect(argsOf(world, "sync_test")).toMatchObject([{ setup: { place: { type: "folder", path: "/media/ada/Drive/twin" }, keys: null } }]);
  });

  it("the_policy_is_for_the_bucket_that_was_typed", async () => {
    const { user, world } = await open();
    await user.click(await screen.findByTestId("sync-set-up"));
    expect(screen.getByTestId("sync-policy")).toBeDisabled();
    await fill(user, "sync-bucket", "ada-twin");
    await user.click(screen.getByTestId("sync-policy"));
    await waitFor(() => expect(argsOf(world, "sync_policy")).toMatchObject([{ place: { bucket: "ada-twin" } }]));
    expect(await navigator.clipboard.readText()).toContain("arn:aws:s3:::ada-twin");
  });

  it("what_could_not_be_made_is_told_and_what_was_typed_stays", async () => {
    const { user, world } = await open();
    const refused: WireError = { code: "keychain_locked", message: "the keychain is locked", hint: "unlock it", retryable: true, id: "" };
    world.refuse.sync_create = refused;
    await toSecret(user);
    await fill(user, "sync-device-name", "Study");
    await fill(user, "sync-passphrase", passphrase);
    await fill(user, "sync-again", passphrase);
    await next(user);
    expect(await screen.findByTestId("sync-create-failed")).toHaveTextContent("The keychain is locked. Unlock it.");
    expect(screen.getByTestId("sync-passphrase")).toHaveValue(passphrase);
  });
});

describe("the recovery code", () => {
  it("is_gone_on_from_only_by_one_who_types_its_last_group", async () => {
    const { user } = await open();
    const code = await toCode(user);
    await next(user);
    expect(screen.getByTestId("sync-code-group")).toHaveAccessibleDescription("This is not the last group of the code.");
    await user.type(screen.getByTestId("sync-code-group"), code.slice(0, 4));
    await next(user);
    expect(screen.getByTestId("sync-recovery-code")).toBeVisible();
    await fill(user, "sync-code-group", code.slice(-4));
    await next(user);
    await screen.findByTestId("sync-state");
    expect(screen.queryByText(code)).toBeNull();
  });

  it("waits_for_one_who_looked_elsewhere", async () => {
    const { user } = await open();
    const code = await toCode(user);
    expect(screen.queryByTestId("sync-cancel")).toBeNull();
    await user.click(screen.getByTestId("settings-general"));
    await user.click(screen.getByTestId("settings-sync"));
    expect(await screen.findByTestId("sync-recovery-code")).toHaveTextContent(code);
  });

  it("a_new_one_is_not_taken_away_by_esc", async () => {
    const { user, world } = await open("?sync");
    await user.click(await screen.findByTestId("sync-new-code"));
    await user.click(await screen.findByTestId("sync-code-dialog-yes"));
    const code = (await screen.findByTestId("sync-recovery-code")).textContent ?? "";
    expect(code).toBe(world.sync.code);
    await user.keyboard("{Escape}");
    expect(screen.getByTestId("sync-made-dialog")).toBeVisible();
    await fill(user, "sync-code-group", code.slice(-4));
    await user.click(screen.getByTestId("sync-code-kept"));
    await waitFor(() => expect(screen.queryByTestId("sync-made-dialog")).toBeNull());
  });
});

describe("joining", () => {
  it("a_wrong_passphrase_is_told_and_stays_to_be_corrected", async () => {
    const { user, world } = await open();
    await toAccess(user, "sync-join", "shared");
    await next(user);
    await fill(user, "sync-open-passphrase", "hazel otter lanten");
    await fill(user, "sync-device-name", "Laptop");
    await next(user);
    expect(await screen.findByTestId("sync-join-failed")).toHaveTextContent(/does not open.*Check it/);
    expect(screen.getByTestId("sync-open-passphrase")).toHaveValue("hazel otter lanten");
    expect(screen.getByTestId("sync-device-name")).toHaveValue("Laptop");
    await fill(user, "sync-open-passphrase", passphrase);
    await next(user);
    await screen.findByTestId("sync-state");
    expect(argsOf(world, "sync_join")[1]).toMatchObject({ vault: null, secret: { type: "passphrase", passphrase } });
  });

  it("by_the_recovery_code_into_the_vault_that_was_chosen", async () => {
    const { user, world } = await open();
    await toAccess(user, "sync-join", "crowded");
    await next(user);
    await user.click(await screen.findByRole("radio", { name: "Recovery code" }));
    await fill(user, "sync-open-code", world.sync.code);
    await fill(user, "sync-device-name", "Laptop");
    await next(user);
    expect(await screen.findByText("Choose one.")).toBeVisible();
    await user.click(screen.getByRole("radio", { name: "Vault b81e33f0" }));
    await next(user);
    await screen.findByTestId("sync-state");
    expect(argsOf(world, "sync_join")).toEqual([
      expect.objectContaining({
        vault: "b81e33f07c5a4d2e8f6a90c1d7e4b253",
        secret: { type: "recovery_code", code: world.sync.code },
      }),
    ]);
  });

  it("where_nobody_syncs_it_says_so_and_offers_to_begin", async () => {
    const { user } = await open();
    await toAccess(user, "sync-join", "ada-twin");
    await next(user);
    expect(await screen.findByTestId("sync-nobody")).toHaveTextContent("as on the other device");
    expect(screen.queryByTestId("sync-open-passphrase")).toBeNull();
    await user.click(screen.getByTestId("sync-switch"));
    await screen.findByTestId("sync-passphrase");
  });
});

describe("a device that syncs", () => {
  it("shows_how_it_stands_and_syncs_when_asked", async () => {
    const { user, world } = await open("?sync=running");
    expect(await screen.findByTestId("sync-status")).toHaveTextContent(
      /Syncing….*3 minutes ago · 14 changes wait to be sent · 2 files wait/,
    );
    await user.click(screen.getByTestId("sync-now"));
    await waitFor(() => expect(screen.getByTestId("sync-state")).toHaveTextContent("Everything is synced"));
    expect(screen.getByTestId("sync-status")).toHaveTextContent("Last synced now");
    expect(called(world, /^sync_now/)).toEqual(["sync_now"]);
  });

  it("rests_and_goes_on", async () => {
    const { user, world } = await open("?sync");
    await user.click(await screen.findByTestId("sync-pause"));
    expect(await screen.findByTestId("sync-paused")).toHaveTextContent("kept here");
    await user.click(screen.getByTestId("sync-pause"));
    await waitFor(() => expect(screen.queryByTestId("sync-paused")).toBeNull());
    expect(argsOf(world, "sync_pause")).toEqual([{ paused: true }, { paused: false }]);
  });

  it("a_device_is_taken_out_only_after_it_was_said_what_stays_there", async () => {
    const { user, world } = await open("?sync");
    const devices = await screen.findAllByTestId("sync-device");
    expect(devices.map((device) => device.querySelector("bdi")?.textContent)).toEqual(["Study computer", "Laptop", "Phone", "Old tablet"]);
    expect(within(devices[0] as HTMLElement).queryByRole("button")).toBeNull();
    expect(within(devices[3] as HTMLElement).queryByRole("button")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Remove Laptop" }));
    expect(await screen.findByTestId("sync-remove")).toHaveTextContent("What is on that device already stays there");
    expect(called(world, /device_remove/)).toEqual([]);
    await user.click(screen.getByTestId("sync-remove-yes"));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Remove Laptop" })).toBeNull());
    expect(argsOf(world, "sync_device_remove")).toEqual([{ id: world.sync.status.devices.find(({ name }) => name === "Laptop")?.id }]);
    expect(screen.queryByTestId("sync-remove")).toBeNull();
  });

  it("what_could_not_be_done_stays_with_its_reason", async () => {
    const { user, world } = await open("?sync");
    const unreachable: WireError = { code: "unreachable", message: "nobody answers", hint: "check the network", retryable: true, id: "" };
    world.refuse.sync_device_remove = unreachable;
    await user.click(await screen.findByRole("button", { name: "Remove Laptop" }));
    await user.click(await screen.findByTestId("sync-remove-yes"));
    expect(await screen.findByTestId("sync-remove-failed")).toHaveTextContent("Nobody answers. Check the network.");
    expect(screen.getByTestId("sync-remove-yes")).toBeEnabled();
  });

  it("another_version_is_taken_or_dropped", async () => {
    const { user, world } = await open("?sync=versions");
    const [title, tags, setting, file] = await screen.findAllByTestId("sync-version");
    expect(title).toHaveTextContent(/Title of “Notes on the Bernoulli programme”.*Bernoulli, second attempt.*from Laptop/);
    expect(tags).toHaveTextContent(/engine, numbers.*from Phone.*Now: engine/);
    expect(setting).toHaveTextContent(/Setting: Theme.*Light.*Now: Dark/);
    expect(file).toHaveTextContent(/Persona file summary\.md.*I count what others leave uncounted/);
    expect(within(file as HTMLElement).getByRole("button", { name: "Use “summary.md”" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Dismiss “engine, numbers”" }));
    await waitFor(() => expect(screen.getAllByTestId("sync-version")).toHaveLength(3));
    await user.click(screen.getByRole("button", { name: "Use “Bernoulli, second attempt”" }));
    await waitFor(() => expect(screen.getAllByTestId("sync-version")).toHaveLength(2));
    expect(argsOf(world, "sync_other_version_drop")).toEqual([{ id: 2 }]);
    expect(argsOf(world, "sync_other_version_take")).toEqual([{ id: 1 }]);
  });

  it("every_alarm_has_words_and_a_next_step", async () => {
    const { user, world } = await open("?sync=alarms");
    const alarms = await screen.findAllByTestId("sync-alarm");
    expect(alarms).toHaveLength(world.sync.status.alarms.length);
    expect(alarms[4]).toHaveTextContent(/12 entries of Laptop/);
    expect(screen.getByTestId("sync-state")).not.toHaveTextContent("Everything is synced");
    await user.click(screen.getAllByTestId("sync-alarm-check")[0] as HTMLElement);
    expect(await screen.findByTestId("sync-verified")).toHaveTextContent("Everything is there");
  });

  it("a_failure_says_what_to_do", async () => {
    await open("?sync=failed");
    expect(await screen.findByTestId("sync-failed")).toHaveTextContent(/PutObject was denied.*Allow it in the policy/);
  });

  it("checking_is_followed_called_off_and_tells_what_is_amiss", async () => {
    const { user, world } = await open("?sync");
    let go = () => {};
    const gate = new Promise<void>((done) => {
      go = done;
    });
    world.data.step = () => gate;
    await user.click(await screen.findByTestId("sync-verify"));
    await user.click(await screen.findByTestId("sync-verifying-cancel"));
    world.data.step = null;
    go();
    await screen.findByTestId("sync-verify-stopped");
    world.sync.verified = { ...world.sync.verified, damaged: ["7f/s/a1/00000003"], missing: 2 };
    await user.click(screen.getByTestId("sync-verify"));
    const verified = await screen.findByTestId("sync-verified");
    expect(verified).toHaveTextContent(/Not everything.*214 objects with 8,930 entries, 12.4 MB.*2 entries.*7f\/s\/a1\/00000003/);
  });

  it("the_passphrase_is_changed_after_it_was_typed_twice", async () => {
    const { user, world } = await open("?sync");
    await user.click(await screen.findByTestId("sync-change-passphrase"));
    await fill(user, "sync-passphrase", "walled garden at noon");
    await user.click(screen.getByTestId("sync-passphrase-dialog-yes"));
    expect(screen.getByTestId("sync-again")).toHaveAccessibleDescription("The two are not the same.");
    await fill(user, "sync-again", "walled garden at noon");
    await user.click(screen.getByTestId("sync-passphrase-dialog-yes"));
    await waitFor(() => expect(world.sync.passphrase).toBe("walled garden at noon"));
  });

  it("takes_another_access_key_once_it_works", async () => {
    const { user, world } = await open("?sync=keyed");
    await user.click(await screen.findByTestId("sync-change-access"));
    const use = screen.getByTestId("sync-access-dialog-yes");
    await user.click(use);
    expect(screen.getByTestId("sync-access-key")).toHaveAccessibleDescription("Enter both parts of the key.");
    await fill(user, "sync-access-key", "AKIAWRONG");
    await fill(user, "sync-secret-key", "word");
    await user.click(use);
    expect(await screen.findByTestId("sync-access-dialog-failed")).toHaveTextContent(/not known to the bucket/);
    expect(world.sync.accessKey).toBe("AKIAFIRST");
    await fill(user, "sync-access-key", " AKIASECOND ");
    expect(await violations()).toEqual([]);
    await user.click(use);
    await waitFor(() => expect(world.sync.accessKey).toBe("AKIASECOND"));
    await waitFor(() => expect(screen.queryByTestId("sync-access-dialog")).toBeNull());
  });

  it("offers_another_access_key_only_where_there_is_one", async () => {
    await open("?sync");
    await screen.findByTestId("sync-change-passphrase");
    expect(screen.queryByTestId("sync-change-access")).toBeNull();
  });

  it("says_that_it_looks_less_often_on_battery", async () => {
    await open("?sync=battery");
    expect(await screen.findByTestId("sync-details")).toHaveTextContent(/on battery: looked at less often/);
  });

  it("stops_after_it_was_said_what_is_not_sent", async () => {
    const { user } = await open("?sync=offline");
    await user.click(await screen.findByTestId("sync-leave"));
    expect(await screen.findByTestId("sync-leave-dialog")).toHaveTextContent(/stays here.*14 changes were not sent/);
    await user.click(screen.getByTestId("sync-leave-dialog-yes"));
    await screen.findByTestId("sync-off");
    expect(screen.queryByTestId("sync-mark")).toBeNull();
  });
});

describe("beside the chats", () => {
  it.each([
    ["", "settled", "Sync: Everything is synced"],
    ["=offline", "offline", "Sync: Waiting for a connection"],
    ["=failed", "urgent", "Sync: Sync needs you"],
    ["=alarms", "urgent", "Sync: Sync needs you"],
  ])("with sync%s the mark is %s and leads there", async (scene, state, name) => {
    const { user } = openApp(`?sync${scene}`);
    const mark = await screen.findByRole("button", { name });
    expect(mark).toHaveAttribute("data-state", state);
    await user.click(mark);
    await screen.findByTestId("sync-on");
  });

  it("the_palette_syncs_only_where_it_is_on", async () => {
    const { user, world } = openApp("?sync=running");
    await row("What do I love, again?");
    await screen.findByTestId("sync-mark");
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(screen.getByTestId("palette-field")).toHaveFocus());
    await user.keyboard("sync now");
    await user.click(await screen.findByRole("option", { name: /^Sync now/ }));
    await waitFor(() => expect(called(world, /^sync_now/)).toEqual(["sync_now"]));
  });

  it("the_palette_does_not_offer_it_where_it_is_off", async () => {
    const { user } = openApp();
    await row("What do I love, again?");
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(screen.getByTestId("palette-field")).toHaveFocus());
    await user.keyboard("sync");
    await screen.findByRole("option", { name: /Settings: Sync|Sync/ });
    expect(screen.queryByRole("option", { name: /^Sync now/ })).toBeNull();
  });

  it("coming_back_to_the_window_looks_what_came", async () => {
    const { world } = openApp("?sync");
    await row("What do I love, again?");
    expect(called(world, /^sync_look/)).toEqual([]);
    window.dispatchEvent(new Event("focus"));
    await waitFor(() => expect(called(world, /^sync_look/)).toEqual(["sync_look"]));
  });
});

describe("the strength of a passphrase", () => {
  it("is_what_guessing_at_home_would_cost", async () => {
    const guessed = await Promise.all(["password123", "summer2024!", "hazel otter lantern", "9v#Kq2!rTz8&Lw"].map(strengthOf));
    expect(guessed[0]).toBe(0);
    expect(guessed[1]).toBeLessThan(2);
    expect(guessed[2]).toBeGreaterThanOrEqual(2);
    expect(guessed[3]).toBeGreaterThanOrEqual(3);
  });
});

describe("how long ago", () => {
  it.each([
    [0, "now"],
    [5, "5 minutes ago"],
    [130, "2 hours ago"],
    [26 * 60, "yesterday"],
    [-90, "now"],
  ])("%d minutes are told as %s", (minutes, told) => {
    const now = new Date(2026, 10, 22, 12).getTime();
    expect(formatAgo(new Date(now - minutes * 60_000).toISOString(), now)).toBe(told);
  });
});

describe("accessibility", () => {
  it.each([
    ["off", "", () => screen.findByTestId("sync-off")],
    ["on", "?sync=versions", () => screen.findAllByTestId("sync-version")],
    ["alarms", "?sync=alarms", () => screen.findAllByTestId("sync-alarm")],
    ["failed", "?sync=failed", () => screen.findByTestId("sync-failed")],
  ] as const)("no violation when %s", async (_, scene, seen) => {
    await open(scene);
    await seen();
    expect(await violations()).toEqual([]);
  });

  it("no_violation_in_any_step", async () => {
    const { user } = await open();
    await user.click(await screen.findByTestId("sync-set-up"));
    await user.click(screen.getByText("More"));
    expect(await violations()).toEqual([]);
    await fill(user, "sync-bucket", "shared");
    await next(user);
    await user.click(screen.getByRole("radio", { name: "Access keys" }));
    await fill(user, "sync-access-key", "AKIAEXAMPLE");
    await fill(user, "sync-secret-key", "secret");
    await user.click(screen.getByTestId("sync-test"));
    await screen.findByTestId("sync-there");
    expect(await violations()).toEqual([]);
    await next(user);
    await fill(user, "sync-passphrase", passphrase);
    await fill(user, "sync-again", passphrase);
    await fill(user, "sync-device-name", "Study");
    expect(await violations()).toEqual([]);
    await next(user);
    await screen.findByTestId("sync-recovery-code");
    expect(await violations()).toEqual([]);
  });

  it("no_violation_when_joining", async () => {
    const { user } = await open();
    await toAccess(user, "sync-join", "crowded");
    await next(user);
    await next(user);
    await screen.findByText("Choose one.");
    expect(await violations()).toEqual([]);
  });

  it("no_violation_in_the_questions", async () => {
    const { user } = await open("?sync");
    await user.click(await screen.findByRole("button", { name: "Remove Laptop" }));
    await screen.findByTestId("sync-remove");
    expect(await violations()).toEqual([]);
  });
});
