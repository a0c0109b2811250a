"""Map: the corpus as a landscape."""
