"""Who answers in a chat: the protocol, the registry, and the providers."""
