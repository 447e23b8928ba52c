-- Settings that were changed and wait for a restart: what is in the files is not what holds.
-- severity: warn
-- reads: pg_settings
-- message: {object} was changed and waits for a restart (now {setting})
-- fine: no setting waits for a restart
-- hint: restart the server when its users can bear it, or take the change back
SELECT name AS object, setting, 1 AS value FROM pg_settings WHERE pending_restart
