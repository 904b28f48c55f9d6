"""Summaries of chats that grow long."""
