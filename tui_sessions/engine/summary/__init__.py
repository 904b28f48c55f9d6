"""Summaries of conversations: how they are made, and what they look like as messages."""
