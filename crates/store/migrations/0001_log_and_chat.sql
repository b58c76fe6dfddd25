-- The record log and the conversations folded from it.
--
-- Times are milliseconds since 1970 in UTC, ids the 16 bytes of a UUID, structured columns JSON.
-- Projections carry no foreign keys: the log may hold a record that only a newer program understands (a session of
-- a later format, say), and what follows from the others must still be foldable.

PRAGMA application_id = 0x5457494E; -- "TWIN"

-- Who writes the records of this home.
CREATE TABLE this_device (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    device BLOB NOT NULL CHECK (length(device) = 16)
) STRICT;

-- The log. Appended only.
CREATE TABLE record (
    device      BLOB    NOT NULL CHECK (length(device) = 16),
    seq         INTEGER NOT NULL CHECK (seq > 0),
    hlc_wall    INTEGER NOT NULL,
    hlc_counter INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    payload     TEXT    NOT NULL,
    PRIMARY KEY (device, seq)
) STRICT;

-- Projections: dropped and folded again from the log at any time.

CREATE TABLE session (
    id         BLOB    PRIMARY KEY CHECK (length(id) = 16),
    title      TEXT    NOT NULL,
    audience   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    head       BLOB,
    deleted    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- `number` counts in the order of the log, so a parent always has a smaller one than its children.
-- The text comes last: whoever asks for another column need not walk through it.
CREATE TABLE message (
    number     INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    session_id BLOB    NOT NULL CHECK (length(session_id) = 16),
    parent_id  BLOB,
    role       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    model      TEXT,
    usage      TEXT,
    failure    TEXT,
    imported   TEXT,
    content    TEXT    NOT NULL
) STRICT;
CREATE INDEX message_by_session ON message (session_id);

CREATE TABLE context_report (
    message_id BLOB PRIMARY KEY CHECK (length(message_id) = 16),
    report     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Derived from the projections, local.

CREATE VIRTUAL TABLE message_fts USING fts5 (
    content,
    content = 'message',
    content_rowid = 'number',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

-- Local, not in the log.

CREATE TABLE device_setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Replies while they grow. `owner` names the lock file of the process that lets them grow.
CREATE TABLE reply_draft (
    number     INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    session_id BLOB    NOT NULL CHECK (length(session_id) = 16),
    parent_id  BLOB    NOT NULL,
    model      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    owner      TEXT    NOT NULL,
    content    TEXT    NOT NULL DEFAULT ''
) STRICT;

-- What a reader of a conversation sees: what was said, then what is being said.
CREATE VIEW message_or_draft AS
    SELECT 0 AS draft, number, id, session_id, parent_id, role, content, created_at, status, model, usage, failure,
           imported
    FROM message
    UNION ALL
    SELECT 1, number, id, session_id, parent_id, 'assistant', content, created_at, 'streaming', model, NULL, NULL, NULL
    FROM reply_draft;
