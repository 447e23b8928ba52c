//! One session on a server: statements and their rows, COPY in both directions.
