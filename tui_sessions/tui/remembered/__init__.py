"""What the app remembers of its own accord: texts not sent, replies not seen, notices, the tree."""
