-- min: 12
-- covers: 6 26 28
-- about: every number type at its edges: the last digits of floats, NaN, infinities, huge scales, signed zero

CREATE TABLE integers (
    id       integer PRIMARY KEY,
    small    smallint,
    plain    integer,
    big      bigint,
    an_oid   oid,
    truth    boolean
);
INSERT INTO integers VALUES
    (1, -32768, -2147483648, -9223372036854775808, 0, true),
    (2, 32767, 2147483647, 9223372036854775807, 4294967295, false),
    (3, 0, 0, 0, 1, NULL),
    (4, NULL, NULL, NULL, NULL, NULL),
    (-5, -1, -1, -1, 2147483648, true);

CREATE TABLE floats (id integer PRIMARY KEY, single real, twice double precision);
INSERT INTO floats VALUES
    (1, 'NaN', 'NaN'),
    (2, 'Infinity', 'Infinity'),
    (3, '-Infinity', '-Infinity'),
    (4, '-0', '-0'),
    (5, 0, 0),
    (6, 1.17549435e-38, 2.2250738585072014e-308),
    (7, 1.4e-45, 4.9406564584124654e-324),
    (8, 3.4028235e38, 1.7976931348623157e308),
    (9, 0.1, 0.1),
    (10, 0.3::real, 0.1::double precision + 0.2::double precision),
    (11, 16777217, 9007199254740993),
    (12, 1.0000001, 1.0000000000000002),
    (13, 1e-7, 1e-5),
    (14, 123456.79, 123456789012345.67),
    (15, 1e15, 1e15),
    (16, 1e16, 1e16),
    (17, NULL, NULL);
-- Values of which fewer than 17 digits are not enough.
INSERT INTO floats SELECT 100 + i, (1.0 / i)::real, 1.0::double precision / i FROM generate_series(1, 200) i;

CREATE TABLE numerics (id integer PRIMARY KEY, free numeric, fixed numeric(20, 5), whole numeric(38), wide numeric(1000, 500));
INSERT INTO numerics VALUES
    (1, 'NaN', 'NaN', 'NaN', 'NaN'),
    (2, 0, 0, 0, 0),
    (3, 0.000, 0.00001, -1, 0.1),
    (4, 1.10, 1.10, 99999999999999999999999999999999999999, 1.1),
    (5, 1e-16383, -0.00001, 1, 1e-500),
    (6, repeat('9', 131072)::numeric, 999999999999999.99999, NULL, repeat('9', 500)::numeric),
    (7, ('0.' || repeat('1234567890', 1638))::numeric, NULL, NULL, NULL),
    (8, -12345678901234567890.123456789012345678901234567890, -1, -1, -1),
    (9, 100.00, 100, 100, 100),
    (10, 1e2, 1e2, 1e2, 1e2);

CREATE TABLE amounts (id integer PRIMARY KEY, amount money);
INSERT INTO amounts VALUES (1, 0::money), (2, 12345.67::numeric::money), (3, (-0.01)::numeric::money),
    (4, 92233720368547758.07::numeric::money), (5, (-92233720368547758.08)::numeric::money), (6, NULL);
