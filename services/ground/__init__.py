"""What stands on nothing of ours: text, digests, files, the clock."""
