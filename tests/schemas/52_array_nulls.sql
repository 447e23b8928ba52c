-- min: 12
-- broken: pg_dump does not pin array_nulls, so psql reads NULL as a string there
-- covers: 38
-- about: a database in which NULL inside an array means the string "NULL": whoever writes rows there must pin array_nulls, which pg_dump does not

CREATE TABLE arrays (id integer PRIMARY KEY, words text[], numbers integer[]);
INSERT INTO arrays VALUES (1, '{NULL,"NULL",a}', '{1,NULL}'), (2, NULL, NULL);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database()); END $$;
