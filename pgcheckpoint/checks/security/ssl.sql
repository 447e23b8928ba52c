-- Whether the server can encrypt connections, when it listens on the network.
-- severity: warn
-- reads: ssl, listen_addresses
-- message: the server listens on {addresses} and cannot encrypt connections
-- fine: the server encrypts connections, or does not listen on the network
-- hint: set ssl = on with a certificate
SELECT 1 AS value, current_setting('listen_addresses') AS addresses
 WHERE current_setting('ssl') = 'off'
   AND EXISTS (SELECT FROM regexp_split_to_table(current_setting('listen_addresses'), '\s*,\s*') AS a
                WHERE a NOT IN ('', 'localhost', '::1') AND a NOT LIKE '127.%')
