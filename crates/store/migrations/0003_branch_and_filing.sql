-- Branches that can be counted and hidden, sessions that can be filed, and an index of words as this program cuts them.

ALTER TABLE session ADD COLUMN title_by TEXT NOT NULL DEFAULT 'opening';
ALTER TABLE session ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN tags TEXT; -- NULL where there are none, as in most
ALTER TABLE session ADD COLUMN forked_from BLOB;

-- Until now only the owner gave another title.
UPDATE session SET title_by = 'owner' WHERE id IN (
    SELECT unhex(json_extract(payload, '$.id'), '-') FROM record WHERE kind = 'session_renamed' AND version = 1
);

DROP VIEW message_or_draft;
DROP TABLE message_fts;

-- Made anew, so that what is long comes last again: a column behind it costs a walk through all of its pages.
--
-- `depth` is the number of messages before it on its branch. `deleted` marks where a deleted branch begins, `hidden`
-- everything on one: what is deleted inside of a branch stays so when the branch comes back.
CREATE TABLE message_3 (
    number      INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    session_id  BLOB    NOT NULL CHECK (length(session_id) = 16),
    parent_id   BLOB,
    depth       INTEGER NOT NULL DEFAULT 0,
    deleted     INTEGER NOT NULL DEFAULT 0,
    hidden      INTEGER NOT NULL DEFAULT 0,
    role        TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    model       TEXT,
    instead_of  TEXT,
    usage       TEXT,
    failure     TEXT,
    imported    TEXT,
    attachments TEXT,
    content     TEXT    NOT NULL,
    parts       TEXT
) STRICT;
INSERT INTO message_3 (number, id, session_id, parent_id, role, status, created_at, model, instead_of, usage, failure,
                       imported, attachments, content, parts)
    SELECT number, id, session_id, parent_id, role, status, created_at, model, instead_of, usage, failure, imported,
           attachments, content, parts
    FROM message ORDER BY number;
DROP TABLE message;
ALTER TABLE message_3 RENAME TO message;

CREATE INDEX message_by_session ON message (session_id);
-- The first messages of a session are the children of NULL in it.
CREATE INDEX message_by_parent ON message (parent_id, session_id);
CREATE INDEX message_by_use ON message (created_at) WHERE usage IS NOT NULL AND model IS NOT NULL;

WITH RECURSIVE tree (number, id, depth) AS (
    SELECT m.number, m.id, 0 FROM message m
    WHERE NOT EXISTS (SELECT 1 FROM message p WHERE p.id = m.parent_id AND p.number < m.number)
    UNION ALL
    SELECT m.number, m.id, tree.depth + 1
    FROM tree CROSS JOIN message m ON m.parent_id = tree.id AND m.number > tree.number
)
UPDATE message SET depth = tree.depth FROM tree WHERE tree.number = message.number AND tree.depth > 0;

-- Words and stems, as `src/word.rs` makes them of a message. The text itself stands in `message`. Of beginnings up to four
-- letters, as of `that`, there are too many words to gather them anew while somebody types.
CREATE VIRTUAL TABLE message_fts USING fts5 (words, content = '', tokenize = 'ascii', prefix = '2 3 4');

-- Whether the session shows the branch on which it grows.
ALTER TABLE reply_draft ADD COLUMN shown INTEGER NOT NULL DEFAULT 1;

CREATE VIEW message_or_draft AS
    SELECT 0 AS draft, number, id, session_id, parent_id, hidden, role, content, parts, attachments, created_at, status,
           model, instead_of, usage, failure, imported
    FROM message
    UNION ALL
    SELECT 1, number, id, session_id, parent_id, 0, 'assistant', content, parts, NULL, created_at, 'streaming', model,
           NULL, NULL, NULL, NULL
    FROM reply_draft;
