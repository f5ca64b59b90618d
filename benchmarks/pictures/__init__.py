"""Makes the sheets of pictures in docs/ and the small pictures on the page's tab About."""
