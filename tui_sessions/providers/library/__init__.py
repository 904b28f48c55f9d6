"""Behind the protocol: the provider library. Nothing here is imported before the first request."""
