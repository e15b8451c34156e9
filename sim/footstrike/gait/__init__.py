"""Habitual running of the strike patterns: what a simulation tracks and what it is compared with."""
