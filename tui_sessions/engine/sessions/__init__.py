"""The sessions that a face may see: reading, changing and making them, and what limits that."""
