//! From a source to a manifest (`capture`) and from a manifest to a target (`replay`).
