-- min: 12
-- covers: 26
-- about: all 256 bytes, bit strings of odd lengths, network addresses, uuid, log positions, system identifiers

CREATE TABLE bytes (id integer PRIMARY KEY, b bytea);
INSERT INTO bytes SELECT i, decode(lpad(to_hex(i), 2, '0'), 'hex') FROM generate_series(0, 255) i;
INSERT INTO bytes SELECT 1000, decode(string_agg(lpad(to_hex(i), 2, '0'), '' ORDER BY i), 'hex') FROM generate_series(0, 255) i;
INSERT INTO bytes VALUES (1001, ''), (1002, NULL), (1003, E'\\\\x41'), (1004, E'\\\\000\\\\001'), (1005, decode('5c4e', 'hex')), (1006, decode('5c2e0a', 'hex')),
    (1007, decode(repeat('00', 9000), 'hex'));

CREATE TABLE bits (id integer PRIMARY KEY, fixed bit(13), free bit varying, capped bit varying(5), one bit);
INSERT INTO bits VALUES
    (1, B'0000000000000', B'', B'', B'0'),
    (2, B'1111111111111', B'1', B'10101', B'1'),
    (3, B'1010101010101', repeat('10', 500)::bit varying, B'0', B'1'),
    (4, X'1FF'::bit(13), X'DEADBEEF', B'00000', NULL),
    (5, NULL, NULL, NULL, NULL);

CREATE TABLE addresses (id integer PRIMARY KEY, host inet, net cidr, mac macaddr, mac8 macaddr8);
INSERT INTO addresses VALUES
    (1, '0.0.0.0/0', '0.0.0.0/0', '00:00:00:00:00:00', '00:00:00:00:00:00:00:00'),
    (2, '192.168.1.5/24', '192.168.1.0/24', 'ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff:ff:ff'),
    (3, '255.255.255.255', '10.0.0.1/32', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05'),
    (4, '::', '::/0', '01:23:45:67:89:ab', '01:23:45:67:89:ab:cd:ef'),
    (5, '::ffff:1.2.3.4/128', '2001:4f8:3:ba::/64', NULL, NULL),
    (6, 'fe80::1/10', '::1/128', NULL, NULL),
    (7, '2001:db8:85a3::8a2e:370:7334/3', 'fc00::/7', NULL, NULL),
    (8, NULL, NULL, NULL, NULL);

CREATE TABLE identifiers (id integer PRIMARY KEY, u uuid, lsn pg_lsn, snap txid_snapshot, t tid, x xid, c cid, v oidvector, i2 int2vector, cur refcursor);
INSERT INTO identifiers VALUES
    (1, '00000000-0000-0000-0000-000000000000', '0/0', '1:1:', '(0,0)', '0', '0', '', '', ''),
    (2, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'FFFFFFFF/FFFFFFFF', '10:20:10,14,15', '(4294967295,65535)', '4294967295', '4294967295', '1 2 4294967295', '-32768 0 32767', 'a cursor'),
    (3, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '16/B374D848', '9223372036854775806:9223372036854775807:', '(1,1)', '3', '1', '16', '1', 'portal'),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- Names of catalog objects are stored as numbers and travel as names.
CREATE FUNCTION public.twice(x integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TABLE catalog_names (id integer PRIMARY KEY, a_class regclass, a_type regtype, a_proc regproc, a_procedure regprocedure,
    an_operator regoperator, a_config regconfig, a_dict regdictionary, a_namespace regnamespace);
INSERT INTO catalog_names VALUES
    (1, 'bytes', 'integer', 'twice', 'twice(integer)', '+(integer,integer)', 'english', 'simple', 'public'),
    (2, 'pg_class', 'timestamp with time zone', 'now', 'pg_catalog.length(text)', '||(text,text)', 'simple', 'english_stem', 'pg_catalog'),
    (3, '-', '-', '-', '-', '0', NULL, NULL, NULL),
    (4, 'catalog_names', 'catalog_names', NULL, NULL, NULL, NULL, NULL, NULL);
