"""Tune: the laboratory."""
