"""The terminal app: it draws what the engine holds and asks it for what the person wants."""
