"""The map: the corpus as a landscape."""
