"""Processes for the native engines: OpenSim and CasADi cannot share one (same library, other ABI)."""
