-- Functions that run with their owner's rights and take the search_path of who calls them: he can put his own objects in front.
-- severity: warn
-- scope: database
-- reads: pg_proc
-- message: function {object} is SECURITY DEFINER without a search_path of its own
-- fine: every SECURITY DEFINER function has a search_path of its own
-- hint: ALTER FUNCTION {object} SET search_path = pg_catalog, pg_temp;
SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS object, 1 AS value
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c LIKE 'search\_path=%')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
