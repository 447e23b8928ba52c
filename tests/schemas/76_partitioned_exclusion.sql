-- min: 17
-- broken: no restore of a dump can attach the partition's index ("The index definitions do not match"), so one must say that it failed
-- covers: 38
-- about: an exclusion constraint of a partitioned table, which PostgreSQL accepts since 17 and pg_dump writes, and which then cannot be restored

CREATE TABLE parted (id integer, during int4range, EXCLUDE USING gist (during WITH =)) PARTITION BY RANGE (during);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('[0,1)') TO ('[10,11)');
INSERT INTO parted VALUES (1, '[1,2)'), (2, '[2,3)');
