-- slow
-- min: 12
-- covers: 15 17 21
-- about: 10,000 tables in 100 schemas, of nought to nine rows each: more than the default max_locks_per_transaction (64) lets one transaction lock

-- By hundreds, each in a transaction of its own: making them all in one would need as many locks.
CREATE PROCEDURE make_tables() LANGUAGE plpgsql AS $$
BEGIN
    FOR s IN 0..99 LOOP
        EXECUTE format('CREATE SCHEMA s%s', s);
        FOR t IN 0..99 LOOP
            EXECUTE format('CREATE TABLE s%s.t%s (id integer PRIMARY KEY, v text)', s, t);
            EXECUTE format('INSERT INTO s%s.t%s SELECT i, %L || i FROM generate_series(1, %s) i', s, t, format('v%s-', s), t % 10);
        END LOOP;
        COMMIT;
    END LOOP;
END $$;
CALL make_tables();
DROP PROCEDURE make_tables();
