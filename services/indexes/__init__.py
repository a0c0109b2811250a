"""Indexes and their keepers; the contracts are ``ports.VectorIndex`` and ``ports.IndexKeeper``."""
