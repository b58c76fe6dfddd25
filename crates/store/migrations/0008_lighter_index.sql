-- The index of words with beginnings of two and three letters only: those of four were a third of what an import writes, and
-- are put together as quickly as longer ones are, of few words each. It is filled anew (`projection::fill_index`).
DROP TABLE message_fts;
CREATE VIRTUAL TABLE message_fts USING fts5 (words, content = '', tokenize = 'ascii', prefix = '2 3');

-- What a record that is made now has seen of other devices, where this home does not sync (any more): a row of `seen`.
ALTER TABLE this_device ADD COLUMN seen INTEGER;
