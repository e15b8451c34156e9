"""Many simulations as one study: sweeps over what is asked and who runs, and surfaces through their results."""
