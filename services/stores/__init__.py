"""Stores of vectors that somebody else made; the contract is ``ports.StrangerStore``. They are read, never written."""
