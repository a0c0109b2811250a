"""Retrieve: the question, and its answers."""
