"""The OpenSim worker's side: build, describe, measure. Nothing outside this room imports it."""
