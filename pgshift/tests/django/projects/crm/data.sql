-- What runs now: half of the employees have no user, two share an e-mail address, some have no address at all.
INSERT INTO organizations (id, name) SELECT n, 'organization ' || n FROM generate_series(1, 40) n;
INSERT INTO crm_user (id, username, email, first_name, last_name, password, phone, is_superuser, is_staff, is_active, date_joined)
    SELECT n, 'user' || n, '', '', '', '!', '', false, false, true, now() FROM generate_series(1, 200) n;
SELECT setval('crm_user_id_seq', 200);
INSERT INTO employees (organization_id, user_id, email, phone, address, city)
    SELECT 1 + n % 40, CASE WHEN n <= 200 THEN n END, 'e' || n / 2 || '@example.com', '0' || n,
        CASE WHEN n % 3 > 0 THEN n || ' Road' END, CASE WHEN n % 3 > 0 THEN 'Town' END
    FROM generate_series(1, 400) n;
INSERT INTO customers (organization_id, name, address, city, country)
    SELECT 1 + n % 40, 'customer ' || n, n || ' Street', 'City', CASE WHEN n % 2 = 0 THEN 'AT' END FROM generate_series(1, 300) n;
INSERT INTO deals (organization_id, amount, currency)
    SELECT 1 + n % 30, n, (ARRAY['EUR', 'EUR', 'GBP'])[1 + n % 3] FROM generate_series(1, 90) n;
ANALYZE;
