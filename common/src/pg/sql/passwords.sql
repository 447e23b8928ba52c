-- Hashes of passwords; only a superuser may read them.
SELECT a.rolname, a.rolpassword FROM pg_authid a WHERE a.rolpassword IS NOT NULL
