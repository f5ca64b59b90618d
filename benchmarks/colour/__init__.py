"""How good the colours are."""
