"""How fast everything is, at any size: `python -m tests.bench --help`."""
