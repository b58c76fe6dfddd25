-- Vectors of the persona's paragraphs, which stand in its files and nowhere else: here they have a digest. Otherwise the model would
-- make them anew at every start, and stay in memory for that.
CREATE TABLE paragraph_vector (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    vector BLOB NOT NULL
) STRICT, WITHOUT ROWID;
