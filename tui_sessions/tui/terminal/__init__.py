"""The terminal itself: how keys are read, and how frames are laid out, painted and written."""
