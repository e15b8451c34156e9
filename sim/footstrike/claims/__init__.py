"""The claims under test, the rule that judges them, and the validation rows."""
