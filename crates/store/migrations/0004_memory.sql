-- What is remembered, folded from the log; and, local, what waits to be learned from and what texts mean as vectors.

-- `valid_until` as it was learned; what follows from an ending is worked out in `memory_standing`.
CREATE TABLE memory (
    number      INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    kind        TEXT    NOT NULL,
    topic       TEXT    NOT NULL,
    audience    TEXT    NOT NULL,
    teller      TEXT    NOT NULL,
    valid_from  INTEGER,
    valid_until INTEGER,
    learned_at  INTEGER NOT NULL,
    importance  INTEGER NOT NULL,
    pinned      INTEGER NOT NULL,
    undone      INTEGER NOT NULL DEFAULT 0,
    ended_at    INTEGER,
    ending      TEXT,
    ended_by    BLOB, -- the memory in its place, where there is one
    said_in     BLOB, -- the message that ended it
    text        TEXT    NOT NULL
) STRICT;
CREATE INDEX memory_by_ender ON memory (ended_by) WHERE ended_by IS NOT NULL;
CREATE INDEX memory_by_saying ON memory (said_in) WHERE said_in IS NOT NULL;

CREATE TABLE memory_source (
    memory_id  BLOB    NOT NULL CHECK (length(memory_id) = 16),
    position   INTEGER NOT NULL,
    evidence   TEXT    NOT NULL,
    session_id BLOB, -- NULL where it is no conversation
    message_id BLOB, -- of a whole conversation the last one that was read
    path       TEXT, -- NULL where it is no file
    PRIMARY KEY (memory_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_source_by_session ON memory_source (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE memory_person (
    memory_id BLOB    NOT NULL CHECK (length(memory_id) = 16),
    position  INTEGER NOT NULL,
    person_id BLOB    NOT NULL CHECK (length(person_id) = 16),
    PRIMARY KEY (memory_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_person_by_person ON memory_person (person_id);

-- In both directions.
CREATE TABLE memory_contradiction (
    memory_id BLOB NOT NULL CHECK (length(memory_id) = 16),
    other_id  BLOB NOT NULL CHECK (length(other_id) = 16),
    PRIMARY KEY (memory_id, other_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id          BLOB    PRIMARY KEY CHECK (length(id) = 16),
    name        TEXT    NOT NULL,
    aliases     TEXT,
    relation    TEXT    NOT NULL,
    merged_into BLOB,
    learned_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which memories an answer was given, as its report says.
CREATE TABLE memory_use (
    memory_id  BLOB NOT NULL CHECK (length(memory_id) = 16),
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    PRIMARY KEY (memory_id, message_id)
) STRICT, WITHOUT ROWID;

-- Memories as they stand: without those that were undone, and without the endings that undone ones brought. What was
-- superseded was true until what took its place was.
CREATE VIEW memory_standing AS
    SELECT m.number, m.id, m.kind, m.topic, m.audience, m.teller, m.valid_from, m.valid_until, m.learned_at,
           m.importance, m.pinned, m.text,
           CASE WHEN by.undone THEN NULL ELSE m.said_in END AS said_in,
           CASE WHEN by.undone THEN NULL ELSE m.ended_at END AS ended_at,
           CASE WHEN by.undone THEN NULL ELSE m.ending END AS ending,
           CASE WHEN by.undone THEN NULL ELSE m.ended_by END AS ended_by,
           coalesce(m.valid_until, CASE WHEN by.undone IS NOT 1 AND m.ending ->> '$.type' = 'superseded'
                                        THEN coalesce(by.valid_from, m.ended_at) END) AS true_until
    FROM memory m LEFT JOIN memory by ON by.id = m.ended_by
    WHERE NOT m.undone;

-- What is left of what was forgotten: numbers, no content.
CREATE TABLE receipt (
    id    BLOB    PRIMARY KEY CHECK (length(id) = 16),
    at    INTEGER NOT NULL,
    scope TEXT    NOT NULL,
    reach TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Words and stems of text and topic, as `src/word.rs` makes them.
CREATE VIRTUAL TABLE memory_fts USING fts5 (words, content = '', tokenize = 'ascii', prefix = '2 3 4');

-- Local, not in the log.

-- Answers, with the questions before them, that wait to be learned from.
CREATE TABLE learning (
    number     INTEGER PRIMARY KEY,
    message_id BLOB    NOT NULL UNIQUE CHECK (length(message_id) = 16),
    session_id BLOB    NOT NULL CHECK (length(session_id) = 16),
    tries      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- `month` as 2026-11.
CREATE TABLE learning_usage (
    month  TEXT    NOT NULL,
    model  TEXT    NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (month, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE embedding_model (
    number INTEGER PRIMARY KEY,
    name   TEXT    NOT NULL UNIQUE
) STRICT;

-- `subject` is the id of a message or a memory. The signs of all vectors are read at once, the vectors of a few: they
-- stand apart.
CREATE TABLE embedding (
    number  INTEGER PRIMARY KEY,
    model   INTEGER NOT NULL,
    subject BLOB    NOT NULL CHECK (length(subject) = 16),
    bits    BLOB    NOT NULL,
    UNIQUE (subject, model)
) STRICT;
CREATE TABLE embedding_vector (
    number INTEGER PRIMARY KEY,
    vector BLOB    NOT NULL
) STRICT;

-- One row from the moment that something is erased until the last traces of it are gone from the file and what lies beside
-- it.
CREATE TABLE clearing (
    one INTEGER PRIMARY KEY CHECK (one = 1)
) STRICT;
