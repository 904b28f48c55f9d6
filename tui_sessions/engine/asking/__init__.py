"""Asking agents: how turns begin, and what serves those that run."""
