-- Roles that may log in and do anything, beside the one that made the cluster.
-- severity: info
-- reads: pg_roles
-- message: role {object} is a superuser that may log in
-- fine: only the role that made the cluster is a superuser
-- hint: ALTER ROLE {object} NOSUPERUSER;
SELECT rolname AS name FROM pg_roles WHERE rolsuper AND rolcanlogin AND oid <> 10
