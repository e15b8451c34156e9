"""Optimal control: a gait as splines in phase, dynamics at collocation points, solved with exact derivatives."""
