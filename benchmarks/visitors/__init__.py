"""The waits of visitors, and the harm that they may do to a server."""
