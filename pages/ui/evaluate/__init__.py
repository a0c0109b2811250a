"""Evaluate: one figure with its interval and its history, the questionnaires that fail, and two runs compared."""
