-- min: 12
-- covers: 41
-- about: publications of some and of all tables; a subscription that never connects. Drop the subscription (SET (slot_name = NONE)) before the database.

CREATE TABLE a (id integer PRIMARY KEY, v text);
CREATE TABLE b (id integer PRIMARY KEY, v text);
CREATE TABLE parted (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
INSERT INTO a VALUES (1, 'one');
CREATE PUBLICATION some_tables FOR TABLE a, b WITH (publish = 'insert, delete');
CREATE PUBLICATION all_tables FOR ALL TABLES;
CREATE PUBLICATION "Nothing Yet";
CREATE PUBLICATION parts FOR TABLE parted_1;
COMMENT ON PUBLICATION some_tables IS 'some';
CREATE SUBSCRIPTION schemas_35_sub CONNECTION 'host=/nonexistent dbname=''no such'' password=unused' PUBLICATION there, "And There"
    WITH (connect = false, enabled = false, slot_name = NONE, synchronous_commit = local);
COMMENT ON SUBSCRIPTION schemas_35_sub IS 'asleep';
