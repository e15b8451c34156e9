"""The runner's tables, body sizes, and the plain description of any OpenSim model."""
