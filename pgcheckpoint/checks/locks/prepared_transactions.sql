-- The age of a prepared transaction: one that was forgotten holds its locks and keeps dead rows for ever.
-- unit: seconds
-- warn: 60
-- crit: 10min
-- reads: pg_prepared_xacts
-- message: prepared transaction {object} of {owner} in {in} is {value} old
-- fine: no transaction is prepared
-- hint: in database {in}: ROLLBACK PREPARED {object}; or COMMIT PREPARED {object};
SELECT quote_literal(gid) AS object, owner, database AS "in", extract(epoch FROM clock_timestamp() - prepared)::float8 AS value
  FROM pg_prepared_xacts
