import type { SyncAlarm, SyncSparing, SyncState } from "@/bindings";
import { count } from "./count";

const states: Record<SyncState, string> = {
  off: "Syncing is off",
  settled: "Everything is synced",
  running: "Syncing…",
  offline: "Waiting for a connection",
  paused: "Syncing is paused",
  failed: "Syncing has stopped",
};

type AlarmWords = Record<SyncAlarm["type"], { title: string; text: (device: string, records: number) => string }>;

const alarms: AlarmWords = {
  removed: {
    title: "This device was taken out",
    text: () =>
      "Another of your devices removed it. Everything here stays, but nothing comes or goes. If that was a mistake, stop syncing on this device, then join again.",
  },
  keyring_missing: {
    title: "The file with the keys is gone",
    text: () =>
      "The object `keyring` is not where it was, so nothing is sent or read. Put it back from an older version or a backup of that place. If there is none, stop syncing on every device and set it up anew.",
  },
  keyring_refused: {
    title: "Somebody put older keys back",
    text: () =>
      "The object `keyring` is older than the one known here, or was made by somebody who did not have your keys. It is not used. Put the newest version back, and find out who can write to that place.",
  },
  damaged: {
    title: "Something cannot be believed",
    text: (device) =>
      `What ${device} is said to have written is damaged or not from it. Nothing more of that device is read. Check everything to see which objects it is; then remove the device and let it join again.`,
  },
  missing: {
    title: "Something has disappeared",
    text: (device, records) =>
      `${count(records, "entry", "entries")} of ${device} that another device has seen are not there any more: somebody put an older state back. What your devices have stays. Check everything, and find out who can change that place.`,
  },
  newer_format: {
    title: "Another device is ahead",
    text: (device) => `${device} runs a newer Digital Twin. What it writes waits, and nothing is lost. Update Digital Twin on this device.`,
  },
  removed_writes: {
    title: "A removed device still writes",
    text: (device) =>
      `${device} was taken out and goes on writing. Nothing of that is read. If you have given the device away, also take its access keys away.`,
  },
  forked: {
    title: "There were two copies of this device",
    text: () =>
      "This computer’s data were copied or restored, and the copy is in use as well. This one goes on as a device of its own; nothing is lost, and there is nothing to do.",
  },
};

/** What the codes of failures mean here, where the general words speak of models. */
const problems: Record<
  "access_denied" | "not_found" | "unreachable" | "timed_out" | "provider_failed" | "request_refused" | "keychain_unavailable",
  string
> = {
  access_denied: "Access was denied. Allow the actions of the policy in this bucket, then try again.",
  not_found: "There is no such bucket or folder. Check how it is written, or make it first.",
  unreachable: "Nobody answers there. Check the network and the address.",
  timed_out: "The service stopped answering. Try again in a moment.",
  provider_failed: "The service failed. Try again in a moment.",
  request_refused: "The service refused the request. Check region, address and bucket.",
  keychain_unavailable:
    "There is no keychain here, and the keys of this device have to outlast the program. Start one (GNOME Keyring, KWallet, or KeePassXC with its Secret Service), then try again.",
};

/** The owner's devices and the place where they meet. */
export const sync = {
  text: "Your chats, what is remembered, your persona and the settings that travel, the same on each of your devices. They meet in a place of yours: a bucket or a folder.",
  private:
    "Everything is encrypted before it leaves this device. Whoever runs the bucket can see when and how much, but can read nothing. Passwords, keys and the access to models never leave.",
  first: "Set up on this first device",
  joinOther: "Join devices that sync already",
  unreadable: "How syncing stands could not be read",

  setup: {
    title: "Set up syncing",
    joinTitle: "Join your other devices",
    step: (step: number, of: number) => `Step ${step} of ${of}`,
    steps: { where: "Where", access: "Access", secret: "Passphrase", code: "Recovery code", open: "Open", done: "Done" },
    back: "Back",
    next: "Next",
    cancel: "Cancel",
    end: "Done",

    place: "Where do your devices meet?",
    placeJoin: "Where do your devices meet? Say it as on the other device.",
    places: { aws: "Amazon S3", other: "Another S3 service", folder: "A folder" },
    placeTexts: {
      aws: "A bucket in your own AWS account.",
      other: "MinIO, Backblaze B2, Cloudflare R2, Wasabi and others that speak like S3.",
      folder: "A network drive or a USB disk, or a folder that another program carries between your computers.",
    },
    bucket: "Bucket",
    bucketHint: "It has to exist already. Other things may be in it.",
    needBucket: "Enter the name of the bucket.",
    endpoint: "Address of the service",
    endpointHint: "As the service names it, with https://.",
    needEndpoint: "Enter the address of the service.",
    region: "Region",
    regionHint: "Empty: as your AWS configuration says.",
    regionHintOther: "Empty: us-east-1, which most services take.",
    prefix: "Prefix",
    prefixHint: "What the names of all objects begin with, such as twin/. The same on all devices.",
    pathStyle: "The bucket’s name stands in the path",
    pathStyleHint: "Services of one’s own mostly need it. Amazon S3 does not.",
    more: "More",
    folder: "Folder",
    folderChoose: "Browse…",
    folderHint: "Best an empty one.",
    needFolder: "Choose the folder, or type its whole path.",
    policyText: "The least that an AWS identity must be allowed in this bucket, as JSON for IAM.",
    policy: "Copy policy",
    policyCopied: "Policy copied",

    access: "Who asks for the objects?",
    ways: { chain: "AWS chain", profile: "AWS profile", keys: "Access keys" },
    keysHint: "They are kept in the keychain of this computer.",
    folderAccess: "A folder needs no credentials. It is only tried whether it can be written, and keeps its promises.",
    test: "Test",
    testing: "Testing…",
    testText: "Writes a small object, reads it, tries to overwrite it as two devices would at once, and deletes it again.",
    good: "It works",
    goodFirst: "Nothing is there yet: this is going to be the first device.",
    goodThere: (value: number) => (value === 1 ? "Your devices’ data are there." : `${count(value, "vault is", "vaults are")} there.`),
    bad: "It does not work yet",
    there: "Devices sync here already",
    thereText: "If they are yours, join them. If you go on, a second vault begins beside the first, and the two never meet.",
    thereJoin: "Join them instead",
    nobody: "No device syncs here yet",
    nobodyText: "Look whether bucket and prefix are written as on the other device. If this is your first device, set it up.",
    nobodySetUp: "Set up as the first device",

    secretTitle: "A name and a passphrase",
    device: "Name of this device",
    deviceHint: "By which you recognize it in the list of your devices.",
    needDevice: "Give this device a name.",
    passphrase: "Passphrase",
    passphraseText: "It opens your data on every new device. Several unrelated words are good and easy to type.",
    again: "Passphrase again",
    short: "At least 10 characters.",
    different: "The two are not the same.",
    reveal: "Show what is typed",
    strength: "Strength",
    strengths: ["easy to guess", "weak", "fair", "good", "strong"],
    noReset: "Nobody can reset this passphrase. Whoever loses it and the recovery code can read nothing in the bucket any more.",
    create: "Set up",
    creating: "Setting up…",
    createFailed: "It could not be set up",

    code: "Your recovery code",
    codeText: "It opens your data if you forget the passphrase. It is shown only now, and is stored nowhere.",
    codeCopy: "Copy",
    codeCopied: "Recovery code copied",
    codeKeep: "Write it down or print it, and keep it away from this computer. A password manager is good, too.",
    codeGroup: "Type its last group to go on",
    codeGroupWrong: "This is not the last group of the code.",

    vault: "Which one?",
    vaultText:
      "Several groups of devices meet here. If you do not know which one is yours, try one after the other: your passphrase opens only yours.",
    vaultOf: (beginning: string) => `Vault ${beginning}`,
    needVault: "Choose one.",
    openTitle: "What opens your data?",
    by: "Open with",
    bys: { passphrase: "Passphrase", code: "Recovery code" },
    openHint: "The one that you thought of on the first device.",
    codeHint: "Seven groups of four. Small letters and blanks do not matter.",
    needPassphrase: "Type the passphrase.",
    needCode: "Type the recovery code.",
    join: "Join",
    joining: "Joining…",
    joinFailed: "It could not be joined",

    done: "This device syncs",
    doneFirst: "The first upload runs in the background. You can go on working.",
    doneJoin: "What the other devices have is coming. You can go on working.",
    doneNext: "On your next device, choose “Join devices that sync already” here and enter the same place.",
  },

  states,
  last: (ago: string) => `Last synced ${ago}`,
  never: "Not synced yet since the start",
  waiting: (records: number) => `${count(records, "change waits", "changes wait")} to be sent`,
  waitingFiles: (files: number) => `${count(files, "file waits", "files wait")} to be sent`,
  sparing: { metered: "metered connection: looked at less often", battery: "on battery: looked at less often" } satisfies Record<
    SyncSparing,
    string
  >,
  now: "Sync now",
  pause: "Pause",
  resume: "Go on",
  pausedText: "What you do is kept here and sent when you let it go on.",
  background: "Everything in the background is paused, so nothing is synced by itself.",
  offlineText: "It is tried again by itself. What you do is kept here until then.",
  failed: "It will not go on by itself",
  couldNot: "That did not work",
  problems,
  in: {
    bucket: (bucket: string, prefix: string) => (prefix ? `Bucket ${bucket}, prefix ${prefix}` : `Bucket ${bucket}`),
    folder: (path: string) => `Folder ${path}`,
  },

  alarms,
  alarmCheck: "Check everything",

  devices: "Devices",
  thisDevice: "this device",
  deviceAdded: (day: string) => `since ${day}`,
  deviceLast: (ago: string) => `last change ${ago}`,
  deviceNone: "no change yet",
  deviceRemoved: (day: string) => `removed ${day}`,
  unknownDevice: "another device",
  remove: "Remove…",
  removeOf: (name: string) => `Remove ${name}`,
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText:
    "From now on it can read nothing new, and nothing that it writes is read. What is on that device already stays there: this cannot be taken back from here.",
  removeKeys: "If it was lost, also take its access keys to the bucket away.",
  removeYes: "Remove",
  removedDone: (name: string) => `${name} was removed`,

  versions: "Other versions",
  versionsText: "Edited on two devices at once. The newer edit is in use; this is what the other one said.",
  versionOf: {
    title: (now: string) => `Title of “${now}”`,
    tags: (title: string) => `Tags of “${title}”`,
    file: (path: string) => `Persona file ${path}`,
    setting: (name: string) => `Setting: ${name}`,
  },
  versionFrom: (device: string, at: string) => `from ${device}, ${at}`,
  versionNow: (now: string) => `Now: ${now}`,
  versionEmpty: "empty",
  versionTake: "Use this one",
  versionTakeOf: (value: string) => `Use “${value}”`,
  versionDrop: "Dismiss",
  versionDropOf: (value: string) => `Dismiss “${value}”`,
  versionTaken: "It is used now, on all devices",
  on: "on",
  off: "off",

  keys: "Passphrase and keys",
  change: "Change passphrase…",
  changeTitle: "Change the passphrase",
  changeText: "New devices join with the new one. Those that sync already notice nothing.",
  changeYes: "Change",
  changed: "The passphrase is changed",
  newCode: "New recovery code…",
  newCodeTitle: "Make a new recovery code?",
  newCodeText: "The old one opens nothing any more. The new one is shown once.",
  newCodeYes: "Make it",
  codeKept: "I have kept it",
  access: "New access key…",
  accessTitle: "Use another access key",
  accessText: "It is tried out first. Until it works, the one before stays in use.",
  accessYes: "Try and use it",
  accessChanged: "The new access key is in use",
  more: "More",
  rotate: "New keys",
  rotateText: "From now on everything is encrypted with new keys. Only needed if keys of a device may have leaked.",
  rotateYes: "Make new keys",
  rotated: "New keys are in use",

  verify: "Check everything",
  verifyRun: "Check now",
  verifyText:
    "Reads back all that lies in the bucket and opens it. This can take a while, and costs what your service charges for reading.",
  verifying: "Reading everything back",
  verifyStopped: "Stopped. There is a result only when everything was read.",
  verifyFailed: "It could not be checked",
  verifyGood: "Everything is there and can be opened",
  verifyBad: "Not everything is as it should be",
  verifyRead: (objects: number, records: string, size: string) =>
    `${count(objects, "object", "objects")} with ${records} entries, ${size}.`,
  verifyMissing: (records: number) => `${count(records, "entry", "entries")} that were there once are missing.`,
  verifyDamaged: (objects: number) => `${count(objects, "object", "objects")} could not be opened`,
  verifyNext: "What your devices have is not affected. Put these objects back from a backup of the bucket if you have one.",

  leave: "Stop syncing on this device…",
  leaveTitle: "Stop syncing on this device?",
  leaveText:
    "Everything that is here stays here, and what lies in the bucket stays there for your other devices. Changes from then on are not sent. To sync again, join again with the passphrase or the recovery code.",
  leaveWaiting: (records: number) =>
    `${count(records, "change was", "changes were")} not sent yet. Sync first if the other devices need them.`,
  leaveYes: "Stop syncing",
  left: "This device does not sync any more",

  mark: (state: string) => `Sync: ${state}`,
  attention: "Sync needs you",
};
