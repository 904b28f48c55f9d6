"""Tools that agents may use: Python functions, and the tools of MCP servers."""
