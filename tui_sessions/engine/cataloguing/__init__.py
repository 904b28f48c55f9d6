"""Keeping the catalog of sessions true to the store."""
