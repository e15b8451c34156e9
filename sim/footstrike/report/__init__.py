"""One self-contained page from runs, and the methods of a run in words."""
