"""What the server remembers of its visitors: loaded networks, opened photographs, what was asked."""
