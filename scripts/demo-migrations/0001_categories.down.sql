ALTER TABLE shop.products DROP COLUMN category_id;
DROP TABLE shop.categories;
