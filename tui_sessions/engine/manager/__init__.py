"""What a `SessionManager` can do, a subject a file; each stands on those before it."""
