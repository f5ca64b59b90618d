"""What the server keeps for its visitors: loaded networks, opened photos, and what a visitor asks for."""
