//! The snapshot store: blocks, manifests and what is durable about them.
