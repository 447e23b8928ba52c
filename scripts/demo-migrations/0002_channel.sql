ALTER TABLE shop.orders ADD COLUMN channel text;
