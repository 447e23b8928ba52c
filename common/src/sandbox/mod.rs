//! A private cluster that lives as long as its value.
