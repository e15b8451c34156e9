"""From a model's description to equations of motion, muscle paths and contact, on numbers or on symbols."""
