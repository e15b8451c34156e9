"""A run as files of the OpenSim application, and its check against OpenSim's own tools."""
