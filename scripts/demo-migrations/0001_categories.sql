-- What a product is stands in its title; a table of categories says it once.
CREATE TABLE shop.categories (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO shop.categories (name) SELECT DISTINCT split_part(title, ' ', 2) FROM shop.products ORDER BY 1;

ALTER TABLE shop.products ADD COLUMN category_id integer;
UPDATE shop.products p SET category_id = c.id FROM shop.categories c WHERE c.name = split_part(p.title, ' ', 2);
ALTER TABLE shop.products ADD CONSTRAINT products_category FOREIGN KEY (category_id) REFERENCES shop.categories;
GRANT SELECT ON shop.categories TO shop_app;
