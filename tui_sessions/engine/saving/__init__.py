"""Making changes of sessions durable, now or as soon as the disk takes them."""
