"""The levels of the lumbar spine and their loads along a given motion."""
