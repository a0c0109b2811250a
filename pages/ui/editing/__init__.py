"""Writing: the form, what is kept of it, and what saving would change."""
