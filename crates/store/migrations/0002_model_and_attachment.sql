-- What a reply is made of, files beside messages, a model for each session, and what answers used.

ALTER TABLE session ADD COLUMN model TEXT;

-- NULL where there are none, as in most messages.
ALTER TABLE message ADD COLUMN parts TEXT;
ALTER TABLE message ADD COLUMN attachments TEXT;
ALTER TABLE message ADD COLUMN instead_of TEXT;

-- Small, and in the order of time: a month is summed without a look at the others.
CREATE INDEX message_by_use ON message (created_at) WHERE usage IS NOT NULL AND model IS NOT NULL;

-- Local, not in the log.

ALTER TABLE reply_draft ADD COLUMN parts TEXT;

-- Files, each once, under the SHA-256 of their bytes in hexadecimal. Records name them by it. They travel beside the log
-- and not in it: the log is folded whole and kept for good, and a picture in it would be read again at every rebuild.
CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
    bytes  BLOB NOT NULL
) STRICT;

-- What each model's own answers have taught, under the model as it is written, `bedrock:ID`. Another device calls
-- through another account, region and server, and learns for itself.
CREATE TABLE model_lessons (
    model   TEXT PRIMARY KEY NOT NULL,
    lessons TEXT NOT NULL
) STRICT, WITHOUT ROWID;

DROP VIEW message_or_draft;
CREATE VIEW message_or_draft AS
    SELECT 0 AS draft, number, id, session_id, parent_id, role, content, parts, attachments, created_at, status, model,
           instead_of, usage, failure, imported
    FROM message
    UNION ALL
    SELECT 1, number, id, session_id, parent_id, 'assistant', content, parts, NULL, created_at, 'streaming', model,
           NULL, NULL, NULL, NULL
    FROM reply_draft;
