-- Collations whose rules have changed under the database, as by an upgrade of the operating system: indexes may be wrong.
-- severity: crit
-- scope: database
-- reads: pg_database, pg_collation
-- message: {object} was made with version {recorded} of its collation, and the system has {actual}
-- fine: every collation is of the version that the database was made with
-- hint: {remedy}
-- server: 15-
SELECT 'database ' || quote_ident(datname) AS object, datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual, 1 AS value,
       format('REINDEX DATABASE %I; then ALTER DATABASE %I REFRESH COLLATION VERSION;', datname, datname) AS remedy
  FROM pg_database
 WHERE datname = current_database() AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) AND datcollversion IS NOT NULL
UNION ALL
SELECT 'collation ' || c.oid::regcollation, collversion, pg_collation_actual_version(c.oid), 1,
       format('REINDEX what uses it; then ALTER COLLATION %s REFRESH VERSION;', c.oid::regcollation)
  FROM pg_collation c
 WHERE collversion IS NOT NULL AND pg_collation_actual_version(c.oid) IS NOT NULL AND collversion <> pg_collation_actual_version(c.oid)
   AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
-- server: 0-14
SELECT format('collation %I.%I', n.nspname, c.collname) AS object, collversion AS recorded, pg_collation_actual_version(c.oid) AS actual, 1 AS value,
       format('REINDEX what uses it; then ALTER COLLATION %I.%I REFRESH VERSION;', n.nspname, c.collname) AS remedy
  FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace
 WHERE collversion IS NOT NULL AND pg_collation_actual_version(c.oid) IS NOT NULL AND collversion <> pg_collation_actual_version(c.oid)
   AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
