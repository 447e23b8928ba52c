-- The database of scripts/demo: a shop with its customers, orders, payments and articles, about 1.6 million rows.
--
-- Always the same rows, on every server version: every "random" value is a hash of the row's number.
-- psql reads it into an empty database, as a superuser.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE ROLE shop_owner;
CREATE ROLE shop_app;
CREATE ROLE shop_reports;

-- A number from 0 to n-1 that depends on i and salt only.
CREATE FUNCTION pg_temp.pick(i bigint, salt bigint, n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((hashint8extended(i, salt) & 2147483647) % n)::integer $$;

-- One of several words.
CREATE FUNCTION pg_temp.word(i bigint, salt bigint, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT words[1 + pg_temp.pick(i, salt, array_length(words, 1))] $$;

CREATE SCHEMA shop AUTHORIZATION shop_owner;
CREATE SCHEMA content AUTHORIZATION shop_owner;
COMMENT ON SCHEMA shop IS 'Customers, orders and payments';

CREATE TYPE shop.order_status AS ENUM ('cart', 'placed', 'paid', 'shipped', 'returned');
CREATE DOMAIN shop.email AS text CHECK (VALUE LIKE '%_@_%');

-- Accounts, each with its profile.
CREATE TABLE shop.users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username text NOT NULL UNIQUE,
  joined timestamptz NOT NULL
);
CREATE TABLE shop.userprofile (
  user_id integer PRIMARY KEY REFERENCES shop.users ON DELETE CASCADE,
  locale text NOT NULL DEFAULT 'en',
  preferences jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO shop.users (username, joined)
SELECT 'user' || i, timestamptz '2022-01-01 00:00+00' + i * interval '90 minutes' FROM generate_series(1, 20000) AS i;
INSERT INTO shop.userprofile
SELECT i, pg_temp.word(i, 1, '{en,de,fr,pt-BR,日本語}'),
  jsonb_build_object('newsletter', i % 3 = 0, 'theme', pg_temp.word(i, 2, '{light,dark}'), 'seen', pg_temp.pick(i, 3, 500))
FROM generate_series(1, 20000) AS i;

CREATE TABLE shop.customers (
  id integer PRIMARY KEY REFERENCES shop.users,
  name text NOT NULL,
  email shop.email NOT NULL,
  city text,
  credit numeric(10,2) NOT NULL DEFAULT 0,
  notes text
);
INSERT INTO shop.customers
SELECT i, pg_temp.word(i, 4, '{Ada,Bo,Chloé,Dmitri,Eve,Fatima,Günther,Hana,Ivo,José}') || ' '
    || pg_temp.word(i, 5, '{O''Neill,Müller,Nakamura,Silva,Kowalski,Nguyễn,Smith,Ångström,García,Li}'),
  'user' || i || '@' || pg_temp.word(i, 6, '{example.com,example.org,mail.example}'),
  CASE WHEN i % 11 > 0 THEN pg_temp.word(i, 7, '{Lisbon,Osaka,Berlin,Montréal,São Paulo,Kraków,Leeds}') END,
  pg_temp.pick(i, 8, 100000) / 100.0,
  CASE WHEN i % 40 = 0 THEN E'called twice\n\tback on Monday \\ or later' END
FROM generate_series(1, 20000) AS i;

-- Support staff see the customers of their own city only.
ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_city ON shop.customers FOR SELECT TO shop_app USING (city = current_setting('shop.city', true));

CREATE TABLE shop.products (
  id integer PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  title text NOT NULL,
  price numeric(8,2) NOT NULL CHECK (price >= 0),
  attributes jsonb NOT NULL,
  manual oid
);
INSERT INTO shop.products
SELECT i, 'SKU-' || lpad(i::text, 6, '0'),
  pg_temp.word(i, 9, '{Small,Large,Folding,Blue,Silent}') || ' ' || pg_temp.word(i, 10, '{lamp,kettle,chair,drill,clock}'),
  100 + pg_temp.pick(i, 11, 20000) / 100.0,
  jsonb_build_object('weight_g', pg_temp.pick(i, 12, 9000), 'colours', ARRAY[pg_temp.word(i, 13, '{red,green}'), 'grey']),
  CASE WHEN i % 50 = 0 THEN lo_from_bytea(20000 + i::integer, convert_to(repeat('How to use product ' || i || E'.\n', 1000), 'UTF8')) END
FROM generate_series(1, 2000) AS i;
CREATE INDEX products_attributes ON shop.products USING gin (attributes);

CREATE SEQUENCE shop.invoice_numbers START 100000 INCREMENT 7;

CREATE TABLE shop.orders (
  id bigint PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES shop.customers,
  status shop.order_status NOT NULL,
  placed timestamptz NOT NULL,
  note text
);
INSERT INTO shop.orders
SELECT i, 1 + pg_temp.pick(i, 14, 20000), pg_temp.word(i, 15, '{cart,placed,paid,paid,shipped,shipped,shipped,returned}')::shop.order_status,
  timestamptz '2023-01-01 00:00+00' + i * interval '5 minutes', CASE WHEN i % 5 = 0 THEN 'ring ' || md5(i::text) END
FROM generate_series(1, 300000) AS i;

CREATE TABLE shop.order_lines (
  order_id bigint NOT NULL REFERENCES shop.orders ON DELETE CASCADE,
  line smallint NOT NULL,
  product_id integer NOT NULL REFERENCES shop.products,
  quantity integer NOT NULL CHECK (quantity > 0),
  price numeric(8,2) NOT NULL,
  total numeric(10,2) GENERATED ALWAYS AS (quantity * price) STORED,
  PRIMARY KEY (order_id, line)
);
INSERT INTO shop.order_lines
SELECT 1 + i / 3, 1 + i % 3, 1 + pg_temp.pick(i, 16, 2000), 1 + pg_temp.pick(i, 17, 5), 100 + pg_temp.pick(i, 18, 20000) / 100.0
FROM generate_series(0, 899999) AS i;
CREATE INDEX order_lines_product ON shop.order_lines (product_id);
CREATE INDEX orders_open ON shop.orders (customer_id, placed DESC) WHERE status IN ('cart', 'placed');

CREATE TABLE shop.payments (
  id bigint NOT NULL,
  order_id bigint NOT NULL REFERENCES shop.orders,
  paid date NOT NULL,
  amount numeric(10,2) NOT NULL,
  reference uuid NOT NULL,
  PRIMARY KEY (paid, id)
) PARTITION BY RANGE (paid);
CREATE TABLE shop.payments_2023 PARTITION OF shop.payments FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE shop.payments_2024 PARTITION OF shop.payments FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.payments_later PARTITION OF shop.payments DEFAULT;
INSERT INTO shop.payments
SELECT i, i, (timestamp '2023-01-02' + i * interval '5 minutes')::date, 100 + pg_temp.pick(i, 19, 90000) / 100.0, md5('payment' || i)::uuid
FROM generate_series(1, 240000) AS i;

CREATE UNLOGGED TABLE shop.sessions (token uuid PRIMARY KEY, user_id integer, seen timestamptz);
INSERT INTO shop.sessions SELECT md5('session' || i)::uuid, i, '2026-01-01' FROM generate_series(1, 500) AS i;

CREATE TABLE content.articles (
  id integer PRIMARY KEY,
  title text NOT NULL,
  body text NOT NULL,
  published tstzrange,
  words tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED
);
INSERT INTO content.articles
SELECT i, 'How to choose a ' || pg_temp.word(i, 20, '{lamp,kettle,chair,drill,clock}'),
  (SELECT string_agg(pg_temp.word(i * 100 + w, 22, '{choose,the,one,that,turns,without,noise,or,oil,every,morning,in,a,kitchen,of,seven,chairs}'), ' ') FROM generate_series(1, 80) AS w),
  tstzrange(timestamptz '2024-01-01 00:00+00' + i * interval '3 hours', NULL)
FROM generate_series(1, 4000) AS i;
CREATE TABLE content.tags (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "Name of the tag" text NOT NULL UNIQUE);
INSERT INTO content.tags ("Name of the tag") SELECT 'tag "' || i || '"' FROM generate_series(1, 60) AS i;
CREATE TABLE content.article_tags (
  article_id integer REFERENCES content.articles, tag_id integer REFERENCES content.tags, PRIMARY KEY (article_id, tag_id)
);
INSERT INTO content.article_tags
SELECT DISTINCT 1 + i / 6, 1 + pg_temp.pick(i, 21, 60) FROM generate_series(0, 23999) AS i;

CREATE VIEW shop.open_orders WITH (security_barrier) AS
  SELECT o.id, c.name, o.placed, sum(l.total) AS total
  FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id JOIN shop.order_lines l ON l.order_id = o.id
  WHERE o.status = 'placed' GROUP BY o.id, c.name, o.placed;
CREATE MATERIALIZED VIEW shop.sales_by_product AS
  SELECT p.id, p.title, count(*) AS lines, sum(l.total) AS total
  FROM shop.order_lines l JOIN shop.products p ON p.id = l.product_id GROUP BY p.id, p.title;
CREATE UNIQUE INDEX sales_by_product_id ON shop.sales_by_product (id);

CREATE FUNCTION shop.next_invoice() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN 'INV-' || nextval('shop.invoice_numbers');
END $$;
SELECT count(shop.next_invoice()) AS invoices FROM generate_series(1, 1234) \g /dev/null

CREATE FUNCTION shop.refuse_cheaper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.price < OLD.price / 2 THEN RAISE EXCEPTION 'that is less than half the price'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_cheaper BEFORE UPDATE ON shop.products FOR EACH ROW EXECUTE FUNCTION shop.refuse_cheaper();

ALTER TABLE shop.orders OWNER TO shop_owner;
GRANT USAGE ON SCHEMA shop, content TO shop_app, shop_reports;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA shop TO shop_app;
GRANT SELECT ON shop.open_orders, shop.sales_by_product TO shop_reports;
COMMENT ON COLUMN shop.orders.note IS 'What the courier has to know; it''s shown to them';
ANALYZE;
