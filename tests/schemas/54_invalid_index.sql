-- min: 12
-- loses: left_behind (pg_dump does not write an invalid index)
-- covers: 38
-- about: what a failed CREATE INDEX CONCURRENTLY leaves behind: an invalid index, which a dump leaves out

CREATE TABLE twice (id integer, v text);
INSERT INTO twice VALUES (1, 'a'), (1, 'b');
\set ON_ERROR_STOP off
CREATE UNIQUE INDEX CONCURRENTLY left_behind ON twice (id);
\set ON_ERROR_STOP on
CREATE INDEX valid_one ON twice (id);
DO $$
BEGIN
    ASSERT (SELECT NOT indisvalid FROM pg_index WHERE indexrelid = 'left_behind'::regclass), 'the index should be invalid';
END $$;
