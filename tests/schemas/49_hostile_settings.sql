-- min: 12
-- covers: 1 4 5 6 8 9 10 14 38
-- about: a database whose settings change how values are written and read, and end sessions that dawdle: whatever is not pinned goes wrong here

CREATE TABLE written (id integer PRIMARY KEY, d date, ts timestamptz, i interval, f double precision, r real, b bytea, t text, x xml, n numeric, a text[]);
INSERT INTO written
SELECT k, date '2024-02-03' + k, timestamptz '2024-02-03 04:05:06.789+00' + k * interval '1 day', k * interval '-1 day -02:03:04.5', 1.0::double precision / k, (1.0 / k)::real,
    decode(lpad(to_hex(k % 256), 2, '0'), 'hex'), E'back\\slash ''' || k, xmlparse(content '<a/>text'), 1.10 * k, ARRAY['x', 'null ' || k]
FROM generate_series(1, 500) k;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.written (id integer);
INSERT INTO elsewhere.written VALUES (-1);
CREATE VIEW reads AS SELECT count(*) FROM written WHERE ts < '2030-01-01 00:00:00+00';
CREATE FUNCTION not_there_yet() RETURNS integer LANGUAGE sql AS 'SELECT id FROM public.written LIMIT 1';

-- Last of all: these are the settings of every session that comes after.
DO $$
DECLARE
    s text[];
BEGIN
    FOREACH s SLICE 1 IN ARRAY ARRAY[
        ['DateStyle', 'SQL, DMY'], ['IntervalStyle', 'sql_standard'], ['TimeZone', 'Asia/Kathmandu'], ['extra_float_digits', '-15'], ['bytea_output', 'escape'],
        ['xmloption', 'document'], ['xmlbinary', 'hex'], ['standard_conforming_strings', 'off'], ['backslash_quote', 'off'], ['client_encoding', 'SQL_ASCII'],
        ['row_security', 'off'], ['statement_timeout', '2s'], ['lock_timeout', '100ms'], ['idle_in_transaction_session_timeout', '150ms'], ['synchronize_seqscans', 'on'],
        ['quote_all_identifiers', 'on'], ['default_transaction_isolation', 'serializable'], ['default_transaction_deferrable', 'on'], ['client_min_messages', 'debug1'],
        ['default_transaction_read_only', 'on'], ['enable_seqscan', 'off'], ['default_tablespace', 'pg_default'], ['application_name', 'not yours'], ['transform_null_equals', 'on']]
    LOOP
        EXECUTE format('ALTER DATABASE %I SET %I = %L', current_database(), s[1], s[2]);
    END LOOP;
    EXECUTE format('ALTER DATABASE %I SET search_path = elsewhere, public', current_database());
    IF current_setting('server_version_num')::integer >= 140000 THEN EXECUTE format('ALTER DATABASE %I SET idle_session_timeout = ''200ms''', current_database()); END IF;
    IF current_setting('server_version_num')::integer >= 170000 THEN EXECUTE format('ALTER DATABASE %I SET transaction_timeout = ''3s''', current_database()); END IF;
END $$;
