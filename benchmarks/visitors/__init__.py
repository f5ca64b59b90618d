"""What visitors wait for, and what they may do to a server."""
