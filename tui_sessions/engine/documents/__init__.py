"""Sessions in use as documents: read once, kept current with the store, changed one at a time."""
