"""The engine: one `SessionManager`, and the steps it is made of."""
