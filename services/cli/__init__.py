"""The command line: one file a verb, beside what they share. ``docs/command-line.md`` describes it."""
