"""A solved motion: its file, and the numbers that the field reads from it."""
