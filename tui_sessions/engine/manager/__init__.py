"""What a `SessionManager` can do, a room a subject; no room knows another."""
