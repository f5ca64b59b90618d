"""How the page looks, and what it does by itself in the browser."""
