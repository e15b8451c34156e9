"""The numbers that the field reads from a run."""
