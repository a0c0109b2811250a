"""The words of the house: frozen types and pure functions, without disk, model or clock."""
