CREATE INDEX CONCURRENTLY orders_channel ON shop.orders (channel, placed);
