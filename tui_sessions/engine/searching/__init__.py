"""Looking for what was said."""
