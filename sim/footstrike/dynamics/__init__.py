"""From a model's description to equations of motion and contact, on numbers or on symbols."""
