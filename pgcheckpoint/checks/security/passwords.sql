-- Roles that may log in and whose password is stored as MD5, or that has run out.
-- severity: warn
-- only: superuser
-- reads: pg_authid
-- message: {what} of role {object}
-- fine: no password is stored as MD5
-- hint: set password_encryption = 'scram-sha-256', then have the password of {object} set anew (\password)
SELECT rolname AS name, 1 AS value,
       CASE WHEN rolvaliduntil < now() THEN 'the password has run out' ELSE 'the password is stored as MD5' END AS what
  FROM pg_authid WHERE rolcanlogin AND (rolpassword LIKE 'md5%' OR rolvaliduntil < now())
