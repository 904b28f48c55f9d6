"""The full-text index, kept true to the sessions in the background."""
