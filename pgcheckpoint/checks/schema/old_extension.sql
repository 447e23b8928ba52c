-- Extensions whose objects are older than the programs that are installed: ALTER EXTENSION … UPDATE was forgotten.
-- severity: warn
-- scope: database
-- reads: pg_extension, pg_available_extensions
-- message: extension {object} is at version {installed}, and {available} is there
-- fine: every extension is as new as what is installed
-- hint: ALTER EXTENSION {object} UPDATE;
SELECT e.extname AS name, e.extversion AS installed, a.default_version AS available, 1 AS value
  FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
 WHERE a.default_version <> e.extversion
