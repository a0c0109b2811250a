"""What places all scripts of a map together: UMAP, in a process of its own."""
