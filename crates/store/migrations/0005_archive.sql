-- Records of several devices, and what left the home.

-- The order in which the log is folded: without it a rebuild sorts the whole log in memory.
CREATE INDEX record_by_clock ON record (hlc_wall, hlc_counter, device, seq);

-- Local, not in the log.

-- Files that this program wrote at the owner's wish outside of the home: forgetting does not reach them, and says so.
-- `sessions` as a JSON list of ids; NULL where everything went.
CREATE TABLE export (
    path     TEXT    PRIMARY KEY,
    at       INTEGER NOT NULL,
    what     TEXT    NOT NULL,
    sessions TEXT
) STRICT, WITHOUT ROWID;
