-- Triggers that somebody switched off, those that check foreign keys among them.
-- severity: warn
-- scope: database
-- reads: pg_trigger
-- message: trigger {trigger} of {object} is disabled
-- fine: every trigger is enabled
-- hint: ALTER TABLE {object} ENABLE TRIGGER {trigger};
SELECT n.nspname AS schema, c.relname AS name, quote_ident(t.tgname) AS trigger, 1 AS value,
       format('%I.%I.%I', n.nspname, c.relname, CASE WHEN t.tgisinternal THEN k.conname ELSE t.tgname END) AS key,
       CASE WHEN t.tgisinternal THEN 'crit' END AS status,
       CASE WHEN t.tgisinternal THEN format('foreign key %I is not checked: a trigger of %I.%I is disabled', k.conname, n.nspname, c.relname) END AS message,
       CASE WHEN t.tgisinternal THEN 'ALTER TABLE {object} ENABLE TRIGGER ALL; and look for rows that do not fit' END AS hint
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
 WHERE t.tgenabled = 'D'
