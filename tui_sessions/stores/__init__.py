"""What persists sessions: the protocol, and the stores that come with the package."""
