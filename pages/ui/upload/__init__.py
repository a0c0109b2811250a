"""Uploading, step by step: files, columns, the review, what came of it."""
