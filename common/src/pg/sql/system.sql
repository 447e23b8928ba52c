-- Which cluster this is, and on which timeline. May be forbidden on managed services.
SELECT (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id
