CREATE TABLE TABLE_NAME (
  kind text NOT NULL,
  version text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('up', 'down')),
  checksum text NOT NULL,
  key_columns text[] NOT NULL,
  last_key text[],
  highest_key text[],
  rows_done bigint NOT NULL DEFAULT 0,
  rows_estimated bigint,
  batches bigint NOT NULL DEFAULT 0,
  batch_rows bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (kind, version, direction)
);
