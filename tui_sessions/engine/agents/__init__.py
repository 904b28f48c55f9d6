"""Agent templates, and where they come from."""
