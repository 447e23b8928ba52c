-- Whether a program that works for us waits behind somebody who waits for the locks of our session $1: the server
-- sees no deadlock there, because our session waits for the program in our hands and not in its.
SELECT EXISTS (
         SELECT FROM pg_stat_activity d
          WHERE d.application_name IN ('pg_dump', 'pgsnap')
            AND d.wait_event_type = 'Lock'
            AND EXISTS (SELECT FROM unnest(pg_blocking_pids(d.pid)) AS b(pid) WHERE $1 = ANY (pg_blocking_pids(b.pid))))
