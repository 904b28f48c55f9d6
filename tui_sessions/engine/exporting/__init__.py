"""Sessions on their way out."""
