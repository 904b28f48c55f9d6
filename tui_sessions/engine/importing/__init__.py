"""An import under way: what it reads, takes in and brings up to date, and how far it is."""
