"""What an import reads: one file a format, each yields drafts. ``walk`` finds the sources and their formats."""
