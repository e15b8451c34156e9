"""File formats of the field that the package reads: C3D, TRC, STO and MOT."""
