//! The JSON Lines that the tools write and read: wire types, writer, reader, schemas.
