"""Native engines, each in a process of its own: OpenSim and CasADi cannot share one (same libcasadi, other ABI)."""
