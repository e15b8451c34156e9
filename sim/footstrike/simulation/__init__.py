"""From a request to a run: one simulation."""
