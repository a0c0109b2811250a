"""Attention: what was found, and settling it."""
