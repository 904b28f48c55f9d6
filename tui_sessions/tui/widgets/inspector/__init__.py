"""The right pane: everything known of the open session, and what of it can be changed."""
