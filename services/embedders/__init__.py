"""Embedders, one file a model or provider; the contract is ``ports.Embedder``."""
