"""Muscle paths, strength and load sharing, on any model."""
