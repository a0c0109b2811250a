"""Health: the checks, their history, and the rebuild."""
