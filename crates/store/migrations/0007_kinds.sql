-- The log by kind, without those that most of it is of, so that looking for one does not read through all of it; and what only
-- a newer program understands. A query uses such an index where it repeats the condition.
CREATE INDEX record_by_kind ON record (kind, order_wall, order_counter) WHERE kind NOT IN ('message', 'context_report', 'erased');
CREATE INDEX record_newer ON record (kind) WHERE version <> 1;
