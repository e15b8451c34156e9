"""Run: everything that is known of a solved stride, and its file."""
