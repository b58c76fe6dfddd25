import type { Words } from "@/lib/words/en";
import { count } from "./count";

const entries = (value: number) => count(value, "Eintrag", "Einträge");
const objects = (value: number) => count(value, "Objekt", "Objekte");

/** Die Geräte und der Ort, an dem sie sich treffen. */
export const sync: Words["sync"] = {
  text: "Deine Chats, das Gemerkte, deine Persona und die Einstellungen, die mitreisen, auf jedem deiner Geräte gleich. Sie treffen sich an einem Ort, der dir gehört: in einem Bucket oder einem Ordner.",
  private:
    "Alles wird verschlüsselt, bevor es dieses Gerät verlässt. Wer den Bucket betreibt, sieht, wann und wie viel, kann aber nichts lesen. Passwörter, Schlüssel und der Zugang zu Modellen verlassen das Gerät nie.",
  first: "Auf diesem ersten Gerät einrichten",
  joinOther: "Geräten beitreten, die schon synchronisieren",
  unreadable: "Der Stand der Synchronisierung war nicht zu lesen",

  setup: {
    title: "Synchronisieren einrichten",
    joinTitle: "Deinen anderen Geräten beitreten",
    step: (step, of) => `Schritt ${step} von ${of}`,
    steps: { where: "Ort", access: "Zugang", secret: "Passphrase", code: "Wiederherstellungscode", open: "Öffnen", done: "Fertig" },
    back: "Zurück",
    next: "Weiter",
    cancel: "Abbrechen",
    end: "Fertig",

    place: "Wo treffen sich deine Geräte?",
    placeJoin: "Wo treffen sich deine Geräte? Gib es so an wie auf dem anderen Gerät.",
    places: { aws: "Amazon S3", other: "Ein anderer S3-Dienst", folder: "Ein Ordner" },
    placeTexts: {
      aws: "Ein Bucket in deinem eigenen AWS-Konto.",
      other: "MinIO, Backblaze B2, Cloudflare R2, Wasabi und andere, die wie S3 sprechen.",
      folder: "Ein Netzlaufwerk, ein USB-Speicher, oder ein Ordner, den ein anderes Programm zwischen deinen Computern überträgt.",
    },
    bucket: "Bucket",
    bucketHint: "Es muss ihn schon geben. Anderes darf auch darin liegen.",
    needBucket: "Gib den Namen des Buckets ein.",
    endpoint: "Adresse des Dienstes",
    endpointHint: "So, wie der Dienst sie nennt, mit https://.",
    needEndpoint: "Gib die Adresse des Dienstes ein.",
    region: "Region",
    regionHint: "Leer: wie deine AWS-Konfiguration sagt.",
    regionHintOther: "Leer: us-east-1, was die meisten Dienste annehmen.",
    prefix: "Präfix",
    prefixHint: "Womit die Namen aller Objekte beginnen, etwa twin/. Auf allen Geräten gleich.",
    pathStyle: "Der Name des Buckets steht im Pfad",
    pathStyleHint: "Eigene Dienste brauchen das meist. Amazon S3 nicht.",
    more: "Mehr",
    folder: "Ordner",
    folderChoose: "Durchsuchen …",
    folderHint: "Am besten ein leerer.",
    needFolder: "Wähle den Ordner, oder gib seinen ganzen Pfad ein.",
    policyText: "Das Mindeste, was einer AWS-Identität in diesem Bucket erlaubt sein muss, als JSON für IAM.",
    policy: "Richtlinie kopieren",
    policyCopied: "Richtlinie kopiert",

    access: "Mit wessen Zugang?",
    ways: { chain: "AWS-Kette", profile: "AWS-Profil", keys: "Zugriffsschlüssel" },
    keysHint: "Sie kommen in den Schlüsselbund dieses Computers.",
    folderAccess: "Ein Ordner braucht keine Zugangsdaten. Es wird nur geprüft, ob er sich beschreiben lässt und hält, was er verspricht.",
    test: "Prüfen",
    testing: "Wird geprüft …",
    testText:
      "Schreibt ein kleines Objekt, liest es, versucht es zu überschreiben, wie es zwei Geräte zugleich täten, und löscht es wieder.",
    good: "Es funktioniert",
    goodFirst: "Hier ist noch nichts: Dies wird das erste Gerät.",
    goodThere: (value) => (value === 1 ? "Die Daten deiner Geräte sind da." : `${count(value, "Tresor ist", "Tresore sind")} da.`),
    bad: "Es funktioniert noch nicht",
    there: "Hier synchronisieren schon Geräte",
    thereText:
      "Wenn es deine sind, tritt ihnen bei. Gehst du weiter, beginnt neben dem ersten ein zweiter Tresor, und die beiden finden nie zusammen.",
    thereJoin: "Stattdessen beitreten",
    nobody: "Hier synchronisiert noch kein Gerät",
    nobodyText: "Sieh nach, ob Bucket und Präfix so geschrieben sind wie auf dem anderen Gerät. Ist dies dein erstes Gerät, richte es ein.",
    nobodySetUp: "Als erstes Gerät einrichten",

    secretTitle: "Ein Name und eine Passphrase",
    device: "Name dieses Geräts",
    deviceHint: "Daran erkennst du es in der Liste deiner Geräte.",
    needDevice: "Gib diesem Gerät einen Namen.",
    passphrase: "Passphrase",
    passphraseText: "Sie öffnet deine Daten auf jedem neuen Gerät. Mehrere Wörter ohne Zusammenhang sind gut und leicht zu tippen.",
    again: "Passphrase noch einmal",
    short: "Mindestens 10 Zeichen.",
    different: "Die beiden stimmen nicht überein.",
    reveal: "Zeigen, was eingegeben ist",
    strength: "Stärke",
    strengths: ["leicht zu erraten", "schwach", "mäßig", "gut", "stark"],
    noReset:
      "Niemand kann diese Passphrase zurücksetzen. Wer sie und den Wiederherstellungscode verliert, kann im Bucket nichts mehr lesen.",
    create: "Einrichten",
    creating: "Wird eingerichtet …",
    createFailed: "Es ließ sich nicht einrichten",

    code: "Dein Wiederherstellungscode",
    codeText: "Er öffnet deine Daten, wenn du die Passphrase vergisst. Er wird nur jetzt gezeigt und nirgends gespeichert.",
    codeCopy: "Kopieren",
    codeCopied: "Wiederherstellungscode kopiert",
    codeKeep: "Schreib ihn auf oder druck ihn, und bewahre ihn fern von diesem Computer auf. Ein Passwortmanager ist auch gut.",
    codeGroup: "Gib seine letzte Gruppe ein, um weiterzugehen",
    codeGroupWrong: "Das ist nicht die letzte Gruppe des Codes.",

    vault: "Welcher?",
    vaultText:
      "Hier treffen sich mehrere Gruppen von Geräten. Weißt du nicht, welche deine ist, probier sie nacheinander: Deine Passphrase öffnet nur deinen Tresor.",
    vaultOf: (beginning) => `Tresor ${beginning}`,
    needVault: "Wähle einen.",
    openTitle: "Was öffnet deine Daten?",
    by: "Öffnen mit",
    bys: { passphrase: "Passphrase", code: "Wiederherstellungscode" },
    openHint: "Die, die du dir auf dem ersten Gerät ausgedacht hast.",
    codeHint: "Sieben Gruppen zu vier. Kleinbuchstaben und Leerzeichen sind egal.",
    needPassphrase: "Gib die Passphrase ein.",
    needCode: "Gib den Wiederherstellungscode ein.",
    join: "Beitreten",
    joining: "Tritt bei …",
    joinFailed: "Der Beitritt ist nicht gelungen",

    done: "Dieses Gerät synchronisiert",
    doneFirst: "Das erste Hochladen läuft im Hintergrund. Du kannst weiterarbeiten.",
    doneJoin: "Was die anderen Geräte haben, kommt gerade. Du kannst weiterarbeiten.",
    doneNext: "Wähle auf dem nächsten Gerät hier „Geräten beitreten, die schon synchronisieren“, und gib denselben Ort an.",
  },

  states: {
    off: "Synchronisieren ist aus",
    settled: "Alles ist synchron",
    running: "Wird synchronisiert …",
    offline: "Wartet auf eine Verbindung",
    paused: "Synchronisieren ist angehalten",
    failed: "Synchronisieren steht still",
  },
  last: (ago) => `Zuletzt synchronisiert: ${ago}`,
  never: "Seit dem Start noch nicht synchronisiert",
  waiting: (records) => `${count(records, "Änderung wartet", "Änderungen warten")} auf das Senden`,
  waitingFiles: (files) => `${count(files, "Datei wartet", "Dateien warten")} auf das Senden`,
  sparing: { metered: "getaktete Verbindung: wird seltener nachgesehen", battery: "Akkubetrieb: wird seltener nachgesehen" },
  now: "Jetzt synchronisieren",
  pause: "Anhalten",
  resume: "Fortsetzen",
  pausedText: "Was du tust, bleibt hier und wird gesendet, sobald du es fortsetzt.",
  background: "Alles im Hintergrund ist angehalten, deshalb wird nichts von selbst synchronisiert.",
  offlineText: "Es wird von selbst wieder versucht. Was du tust, bleibt bis dahin hier.",
  failed: "Von selbst geht es nicht weiter",
  couldNot: "Das hat nicht geklappt",
  problems: {
    access_denied: "Der Zugriff wurde verweigert. Erlaube die Aktionen der Richtlinie in diesem Bucket, und versuch es noch einmal.",
    not_found: "Diesen Bucket oder Ordner gibt es nicht. Prüfe die Schreibweise, oder leg ihn erst an.",
    unreachable: "Dort antwortet niemand. Prüfe das Netzwerk und die Adresse.",
    timed_out: "Der Dienst antwortet nicht mehr. Versuch es gleich noch einmal.",
    provider_failed: "Der Dienst ist ausgefallen. Versuch es gleich noch einmal.",
    request_refused: "Der Dienst hat die Anfrage abgelehnt. Prüfe Region, Adresse und Bucket.",
    keychain_unavailable:
      "Hier gibt es keinen Schlüsselbund, und die Schlüssel dieses Geräts müssen das Programm überdauern. Starte einen (GNOME-Schlüsselbund, KWallet oder KeePassXC mit seinem Secret Service) und versuche es noch einmal.",
  },
  in: {
    bucket: (bucket, prefix) => (prefix ? `Bucket ${bucket}, Präfix ${prefix}` : `Bucket ${bucket}`),
    folder: (path) => `Ordner ${path}`,
  },

  alarms: {
    removed: {
      title: "Dieses Gerät wurde entfernt",
      text: () =>
        "Ein anderes deiner Geräte hat es entfernt. Alles hier bleibt, aber nichts kommt oder geht mehr. War das ein Versehen, beende das Synchronisieren auf diesem Gerät, und tritt dann neu bei.",
    },
    keyring_missing: {
      title: "Die Datei mit den Schlüsseln fehlt",
      text: () =>
        "Das Objekt `keyring` ist nicht mehr da, wo es war, deshalb wird nichts gesendet oder gelesen. Spiel es aus einer älteren Version oder einer Sicherung jenes Ortes zurück. Gibt es keine, beende das Synchronisieren auf jedem Gerät, und richte es neu ein.",
    },
    keyring_refused: {
      title: "Jemand hat ältere Schlüssel zurückgespielt",
      text: () =>
        "Das Objekt `keyring` ist älter als das hier bekannte, oder es stammt von jemandem, der deine Schlüssel nicht hatte. Es wird nicht benutzt. Spiel die neueste Version zurück, und finde heraus, wer dort schreiben kann.",
    },
    damaged: {
      title: "Etwas ist nicht glaubwürdig",
      text: (device) =>
        `Was ${device} geschrieben haben soll, ist beschädigt oder stammt nicht von dort. Von diesem Gerät wird nichts mehr gelesen. Prüfe alles, um zu sehen, welche Objekte es sind; entferne dann das Gerät, und lass es neu beitreten.`,
    },
    missing: {
      title: "Etwas ist verschwunden",
      text: (device, records) =>
        `${entries(records)} von ${device}, die ein anderes Gerät gesehen hat, sind nicht mehr da: Jemand hat einen älteren Stand zurückgespielt. Was deine Geräte haben, bleibt. Prüfe alles, und finde heraus, wer jenen Ort ändern kann.`,
    },
    newer_format: {
      title: "Ein anderes Gerät ist weiter",
      text: (device) =>
        `Auf ${device} läuft ein neueres Digital Twin. Was es schreibt, wartet, und nichts geht verloren. Aktualisiere Digital Twin auf diesem Gerät.`,
    },
    removed_writes: {
      title: "Ein entferntes Gerät schreibt noch",
      text: (device) =>
        `${device} wurde entfernt und schreibt weiter. Nichts davon wird gelesen. Hast du das Gerät weggegeben, nimm ihm auch die Zugriffsschlüssel.`,
    },
    forked: {
      title: "Es gab dieses Gerät zweimal",
      text: () =>
        "Die Daten dieses Computers wurden kopiert oder zurückgespielt, und die Kopie ist auch in Gebrauch. Dieser macht als eigenes Gerät weiter; nichts ist verloren, und es ist nichts zu tun.",
    },
  },
  alarmCheck: "Alles prüfen",

  devices: "Geräte",
  thisDevice: "dieses Gerät",
  deviceAdded: (day) => `seit ${day}`,
  deviceLast: (ago) => `letzte Änderung ${ago}`,
  deviceNone: "noch keine Änderung",
  deviceRemoved: (day) => `entfernt am ${day}`,
  unknownDevice: "einem anderen Gerät",
  remove: "Entfernen …",
  removeOf: (name) => `${name} entfernen`,
  removeTitle: (name) => `${name} entfernen?`,
  removeText:
    "Von nun an kann es nichts Neues lesen, und nichts, was es schreibt, wird gelesen. Was schon auf jenem Gerät ist, bleibt dort: Das lässt sich von hier nicht zurückholen.",
  removeKeys: "Ging es verloren, entzieh auch seine Zugriffsschlüssel für den Bucket.",
  removeYes: "Entfernen",
  removedDone: (name) => `${name} wurde entfernt`,

  versions: "Andere Fassungen",
  versionsText: "Auf zwei Geräten zugleich geändert. Die neuere Änderung gilt; dies stand in der anderen.",
  versionOf: {
    title: (now) => `Titel von „${now}“`,
    tags: (title) => `Schlagwörter von „${title}“`,
    file: (path) => `Datei ${path} der Persona`,
    setting: (name) => `Einstellung: ${name}`,
  },
  versionFrom: (device, at) => `von ${device}, ${at}`,
  versionNow: (now) => `Jetzt: ${now}`,
  versionEmpty: "leer",
  versionTake: "Diese nehmen",
  versionTakeOf: (value) => `„${value}“ nehmen`,
  versionDrop: "Verwerfen",
  versionDropOf: (value) => `„${value}“ verwerfen`,
  versionTaken: "Sie gilt jetzt, auf allen Geräten",
  on: "an",
  off: "aus",

  keys: "Passphrase und Schlüssel",
  change: "Passphrase ändern …",
  changeTitle: "Die Passphrase ändern",
  changeText: "Neue Geräte treten mit der neuen bei. Die, die schon synchronisieren, merken nichts davon.",
  changeYes: "Ändern",
  changed: "Die Passphrase ist geändert",
  newCode: "Neuer Wiederherstellungscode …",
  newCodeTitle: "Einen neuen Wiederherstellungscode machen?",
  newCodeText: "Der alte öffnet dann nichts mehr. Der neue wird einmal gezeigt.",
  newCodeYes: "Neuen machen",
  codeKept: "Ich habe ihn aufbewahrt",
  access: "Neuer Zugriffsschlüssel …",
  accessTitle: "Einen anderen Zugriffsschlüssel verwenden",
  accessText: "Er wird zuerst ausprobiert. Bis er funktioniert, bleibt der bisherige in Gebrauch.",
  accessYes: "Ausprobieren und verwenden",
  accessChanged: "Der neue Zugriffsschlüssel ist in Gebrauch",
  more: "Mehr",
  rotate: "Neue Schlüssel",
  rotateText:
    "Von da an wird alles mit neuen Schlüsseln verschlüsselt. Nur nötig, wenn Schlüssel eines Geräts bekannt geworden sein könnten.",
  rotateYes: "Neue Schlüssel machen",
  rotated: "Neue Schlüssel sind in Gebrauch",

  verify: "Alles prüfen",
  verifyRun: "Jetzt prüfen",
  verifyText: "Liest alles zurück, was im Bucket liegt, und öffnet es. Das kann dauern und kostet, was dein Dienst für das Lesen verlangt.",
  verifying: "Alles wird zurückgelesen",
  verifyStopped: "Angehalten. Ein Ergebnis gibt es erst, wenn alles gelesen ist.",
  verifyFailed: "Es ließ sich nicht prüfen",
  verifyGood: "Alles ist da und lässt sich öffnen",
  verifyBad: "Nicht alles ist, wie es sein soll",
  verifyRead: (value, records, size) => `${objects(value)} mit ${records} Einträgen, ${size}.`,
  verifyMissing: (records) =>
    `${count(records, "Eintrag fehlt, der", "Einträge fehlen, die")} einmal da ${records === 1 ? "war" : "waren"}.`,
  verifyDamaged: (value) => `${objects(value)} ${value === 1 ? "ließ" : "ließen"} sich nicht öffnen`,
  verifyNext: "Was deine Geräte haben, ist nicht betroffen. Spiel diese Objekte aus einer Sicherung des Buckets zurück, wenn du eine hast.",

  leave: "Auf diesem Gerät nicht mehr synchronisieren …",
  leaveTitle: "Auf diesem Gerät nicht mehr synchronisieren?",
  leaveText:
    "Alles, was hier ist, bleibt hier, und was im Bucket liegt, bleibt dort für deine anderen Geräte. Spätere Änderungen werden nicht gesendet. Um wieder zu synchronisieren, tritt mit der Passphrase oder dem Wiederherstellungscode neu bei.",
  leaveWaiting: (records) =>
    `${count(records, "Änderung wurde", "Änderungen wurden")} noch nicht gesendet. Synchronisiere erst, wenn die anderen Geräte sie brauchen.`,
  leaveYes: "Nicht mehr synchronisieren",
  left: "Dieses Gerät synchronisiert nicht mehr",

  mark: (state) => `Synchronisieren: ${state}`,
  attention: "Hier wirst du gebraucht",
};
