-- Databases that take connections, without templates.
SELECT d.datname FROM pg_database d WHERE d.datallowconn AND NOT d.datistemplate ORDER BY d.datname
