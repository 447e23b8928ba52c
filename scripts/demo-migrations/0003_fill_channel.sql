-- 300,000 orders, batch by batch: nobody waits for more than one batch.
-- pgshift: backfill table=shop.orders
UPDATE shop.orders SET channel = CASE WHEN id % 3 = 0 THEN 'phone' ELSE 'web' END WHERE channel IS NULL AND :batch;
