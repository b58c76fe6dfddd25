-- Syncing: where each record stands among those of all devices, what its device knew of the others when it made it, and
-- what is on its way.

-- `order_*` is the record's clock, until syncing says that the clock went wrong: the order in which the log is folded.
-- `seen` names a row of the table below; NULL: nothing of others.
ALTER TABLE record ADD COLUMN order_wall INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN order_counter INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN seen INTEGER;
UPDATE record SET order_wall = hlc_wall, order_counter = hlc_counter;
DROP INDEX record_by_clock;
CREATE INDEX record_by_order ON record (order_wall, order_counter, device, seq);

-- How many records of each other device were known, as JSON. Few: it changes only when something came.
CREATE TABLE seen (
    number INTEGER PRIMARY KEY,
    heads  TEXT NOT NULL UNIQUE
) STRICT;

-- The files of the persona, as they are to be on every device: which content each has, by its hash among the blobs. Folded
-- from the log.
CREATE TABLE persona_file (
    path   TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Local, not in the log.

-- What this device last read from, or wrote to, its own persona folder.
CREATE TABLE persona_base (
    path   TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What this home syncs with; no row: with nothing. `seen` is what a record that is made now has seen, `refold_*` the place
-- from which the log has to be folded again because something came that belongs before what was there.
CREATE TABLE vault (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    keyring        BLOB    NOT NULL,
    seen           INTEGER,
    refold_wall    INTEGER,
    refold_counter INTEGER
) STRICT;

-- Of each device, the own one too, how much is known here or was sent.
CREATE TABLE chain (
    device        BLOB PRIMARY KEY CHECK (length(device) = 16),
    segments      INTEGER NOT NULL,
    records       INTEGER NOT NULL,
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),
    order_wall    INTEGER NOT NULL,
    order_counter INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which records lie in which segment. `unclean`: it holds something in the bucket that was forgotten here. `new`: what it
-- brought was not yet looked through for what was forgotten.
CREATE TABLE segment (
    device  BLOB    NOT NULL CHECK (length(device) = 16),
    number  INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    digest  BLOB    NOT NULL CHECK (length(digest) = 32),
    unclean INTEGER NOT NULL DEFAULT 0,
    new     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_unclean ON segment (device, number) WHERE unclean;
CREATE INDEX segment_new ON segment (device, number) WHERE new;

-- A segment on its way, sealed. `orders` as JSON; `forgotten`: something of it was, after it was sealed.
CREATE TABLE outgoing (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    device    BLOB    NOT NULL CHECK (length(device) = 16),
    number    INTEGER NOT NULL,
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    digest    BLOB    NOT NULL CHECK (length(digest) = 32),
    put_id    TEXT    NOT NULL,
    orders    TEXT    NOT NULL,
    forgotten INTEGER NOT NULL DEFAULT 0,
    bytes     BLOB    NOT NULL
) STRICT;

-- Attached files, by their hash: in the bucket; named by a message and not here; forgotten, and perhaps in the bucket.
CREATE TABLE file_sent (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE file_missing (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE file_forgotten (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER blob_came AFTER INSERT ON blob BEGIN
    DELETE FROM file_missing WHERE sha256 = new.sha256;
    DELETE FROM file_forgotten WHERE sha256 = new.sha256;
END;
CREATE TRIGGER blob_went AFTER DELETE ON blob WHEN EXISTS (SELECT 1 FROM vault) BEGIN
    DELETE FROM file_sent WHERE sha256 = old.sha256;
    INSERT INTO file_forgotten VALUES (old.sha256) ON CONFLICT DO NOTHING;
END;

-- Edits that lost to others which did not know of them: one for each thing and device. `session` where it is one's.
CREATE TABLE other_version (
    id      INTEGER PRIMARY KEY,
    about   TEXT    NOT NULL,
    session BLOB,
    device  BLOB    NOT NULL CHECK (length(device) = 16),
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    payload TEXT    NOT NULL,
    UNIQUE (about, device)
) STRICT;
