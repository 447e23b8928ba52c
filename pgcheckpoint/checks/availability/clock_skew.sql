-- How far the server's clock is from this machine's.
-- unit: seconds
-- warn: 2
-- crit: 5
-- reads: clock_timestamp(), this machine's clock
-- message: the clocks of the server and of this machine are {value} apart
-- hint: let both follow one time server (NTP)
SELECT abs(extract(epoch FROM clock_timestamp()) - {client_epoch})::float8 AS value
