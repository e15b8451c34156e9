"""The runner: its tables, the plain description of any model, its picture."""
