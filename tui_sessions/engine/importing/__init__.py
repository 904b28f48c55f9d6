"""An import under way: what it has done, how far it is, and its source read ahead."""
