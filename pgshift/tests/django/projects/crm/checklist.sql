-- employees without users = 0
SELECT id FROM employees WHERE user_id IS NULL;

-- every link of an address has both of its ends
SELECT l.id FROM addressables l LEFT JOIN addresses a ON a.id = l.address_id
    JOIN django_content_type t ON t.id = l.content_type_id
    WHERE a.id IS NULL OR NOT CASE t.model WHEN 'customer' THEN EXISTS (SELECT FROM customers WHERE id = l.object_id)
        WHEN 'employee' THEN EXISTS (SELECT FROM employees WHERE id = l.object_id) ELSE false END;

-- addresses without an owner = 0
SELECT id FROM addresses WHERE id NOT IN (SELECT address_id FROM addressables);

-- every customer's and employee's address is in the table
SELECT (SELECT count(*) FROM addressables)
    = (SELECT count(*) FROM customers WHERE address <> '' OR city <> '') + (SELECT count(*) FROM employees WHERE address <> '' OR city <> '');

-- organizations without a default currency = 0
SELECT id FROM organizations WHERE default_currency IS NULL;
