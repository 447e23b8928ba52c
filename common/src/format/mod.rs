//! Pure bytes and values: versions, ids, blocks, frames, the manifest. Knows no file, no PostgreSQL, no thread.
