"""The claims under test and the numbers a simulated runner must reproduce."""
