-- min: 12
-- covers: 4 5
-- about: dates BC and infinite, times at 24:00 and with odd zones, intervals of mixed signs: all ambiguous under another DateStyle or IntervalStyle

CREATE TABLE dates (id integer PRIMARY KEY, d date, ts timestamp, tz timestamptz, ts0 timestamp(0), tz3 timestamptz(3));
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
INSERT INTO dates VALUES
    (1, 'infinity', 'infinity', 'infinity', 'infinity', 'infinity'),
    (2, '-infinity', '-infinity', '-infinity', '-infinity', '-infinity'),
    (3, '4713-01-01 BC', '4713-01-01 00:00:00 BC', '4713-01-01 00:00:00+00 BC', '4713-01-01 BC', '4713-01-01 00:00+00 BC'),
    (4, '5874897-12-31', '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00', '294276-12-31', '294276-12-31 00:00+00'),
    (5, '0001-01-01', '0001-01-01', '0001-01-01 00:00+00', '0001-01-01', '0001-01-01 00:00+00'),
    (6, '0001-12-31 BC', '0001-12-31 23:59:59.5 BC', '0001-12-31 23:59:59.5+00 BC', '0001-12-31 BC', '0001-12-31 00:00+00 BC'),
    (7, '2024-02-03', '2024-02-03 04:05:06', '2024-02-03 04:05:06+00', '2024-02-03', '2024-02-03 00:00:00.123+00'),
    (8, '2024-02-29', '2024-02-29 23:59:59.000001', '2024-02-29 23:59:59.000001+00', '2024-02-29', '2024-02-29 00:00+00'),
    (9, '1883-11-18', '1883-11-18 12:03:58', '1883-11-18 12:03:58-04:56:02', '1883-11-18', '1883-11-18 12:03:58-04:56:02'),
    (10, '2023-10-29', '2023-10-29 02:30:00', '2023-10-29 02:30:00+02', '2023-10-29', '2023-10-29 02:30:00+01'),
    (11, NULL, NULL, NULL, NULL, NULL);
-- Every day and month that can be swapped.
INSERT INTO dates SELECT 100 + m * 12 + d, make_date(2001, m, d), make_timestamp(2001, m, d, d, m, 0.1),
    make_timestamptz(2001, m, d, d, m, 0.1, 'UTC') FROM generate_series(1, 12) m, generate_series(1, 12) d;

CREATE TABLE clock_times (id integer PRIMARY KEY, t time, tz timetz, t0 time(0), tz6 timetz(6));
INSERT INTO clock_times VALUES
    (1, '00:00', '00:00+00', '00:00', '00:00+00'),
    (2, '24:00', '24:00+00', '24:00', '24:00-12'),
    (3, '23:59:59.999999', '23:59:59.999999-15:59:59', '12:00', '12:00+15:59'),
    (4, '12:34:56.7', '12:34:56.7+05:30', '12:34:56', '12:34:56.789012+05:45:30'),
    (5, NULL, NULL, NULL, NULL);

CREATE TABLE spans (id integer PRIMARY KEY, i interval, y2m interval year to month, d2s interval day to second(3), s0 interval second(0));
INSERT INTO spans VALUES
    (1, '0', '0', '0', '0'),
    (2, '-1 day -2 hours', '-1 year -2 months', '-1 day -2 hours', '-1 second'),
    (3, '-1 day +2 hours', '-1 year +2 months', '-1 day +2 hours', '59 seconds'),
    (4, '1 day -2 hours', '1 year -2 months', '1 day -00:00:00.001', '0'),
    (5, '1 year -2 months +3 days -04:05:06.789', '10 years', '10 days 10:10:10.010', NULL),
    (6, '-1 year +2 months -3 days +04:05:06.789', '-1 month', '-00:00:00.5', NULL),
    (7, '178000000 years', '178000000 years', '2147483647 days', NULL),
    (8, '-178000000 years', '-178000000 years', '-2147483648 days', NULL),
    (9, '2147483647:59:59.999999', NULL, NULL, NULL),
    (10, '-2147483647:59:59.999999', NULL, NULL, NULL),
    (11, '1 month 30 days 24:00', '1 month', '30 days 24:00', NULL),
    (12, '00:00:00.000001', NULL, '00:00:00.001', NULL),
    (13, '-00:00:00.000001', NULL, '-00:00:00.001', NULL),
    (14, NULL, NULL, NULL, NULL);
INSERT INTO spans (id, i)
SELECT 100 + (a + 1) * 27 + (b + 1) * 9 + (c + 1) * 3, make_interval(years => a, months => b * 2, days => c * 3, hours => -a * 4, secs => b * 0.5)
FROM generate_series(-1, 1) a, generate_series(-1, 1) b, generate_series(-1, 1) c;
