-- Memory settings that nobody has fitted to the machine.
-- severity: info
-- reads: pg_settings
-- message: {object} is at its default of {setting}
-- fine: shared_buffers and random_page_cost were chosen by somebody
-- hint: a quarter of the memory is a good start for shared_buffers; 1.1 for random_page_cost on solid-state disks
SELECT name AS object, current_setting(name) AS setting, 1 AS value
  FROM pg_settings WHERE (name = 'shared_buffers' AND setting::bigint * 8192 <= 134217728) OR (name = 'random_page_cost' AND setting = '4')
