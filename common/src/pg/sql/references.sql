-- Which table refers to which by a foreign key.
SELECT DISTINCT c.conrelid, c.confrelid FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid <> c.confrelid
