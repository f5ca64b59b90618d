"""The server's memory for its visitors: loaded networks, opened photos, and requests."""
