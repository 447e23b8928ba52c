//! Fingerprints read back from a database and compared.
