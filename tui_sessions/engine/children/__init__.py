"""Children of sessions: what they take over, and how they are made."""
