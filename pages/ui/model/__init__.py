"""Model: what a change costs, and making it."""
