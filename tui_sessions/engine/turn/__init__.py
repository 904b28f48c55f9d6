"""A turn under way: its requests, its reply as it arrives, its tools, its end."""
