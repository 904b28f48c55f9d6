"""What is derived from the store; it may be deleted at any time and is made again."""
