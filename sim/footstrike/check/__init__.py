"""Any OpenSim model: read, checked against OpenSim, drawn."""
