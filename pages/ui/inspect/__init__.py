"""Inspect: looking at a stranger's store, and bringing it home."""
