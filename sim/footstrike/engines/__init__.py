"""Native engines, each in its own process: OpenSim and CasADi cannot share one (same library, other ABI)."""
