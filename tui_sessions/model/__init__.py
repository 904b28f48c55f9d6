"""Pure data and pure functions: what sessions, chats and messages are, and how they change."""
