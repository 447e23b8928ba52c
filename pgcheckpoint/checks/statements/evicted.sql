-- How often pg_stat_statements was full and dropped what was used least: its numbers miss statements then.
-- warn: 1000
-- scope: database
-- extension: pg_stat_statements
-- reads: pg_stat_statements_info
-- message: pg_stat_statements was full {number} times since {since}
-- hint: raise pg_stat_statements.max, or let the application send parameters instead of values
-- server: 14-
SELECT dealloc AS value, to_char(stats_reset, 'YYYY-MM-DD') AS since FROM {pg_stat_statements}.pg_stat_statements_info()
