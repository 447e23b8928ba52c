-- every product has a category
SELECT id FROM shop.products WHERE category_id IS NULL;
-- every order has a channel
SELECT id FROM shop.orders WHERE channel IS NULL;
-- no order line without an order
SELECT l.order_id FROM shop.order_lines l LEFT JOIN shop.orders o ON o.id = l.order_id WHERE o.id IS NULL;
-- there is somebody who can log in
SELECT count(*) > 0 FROM shop.users;
