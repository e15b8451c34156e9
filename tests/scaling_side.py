"""OpenSim's own scaling of a model. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from pathlib import Path

from footstrike.engines.osim import osim


def scaled_uniformly(osim_text: str, factor: float, mass: float) -> str:
    """The model with every body ``factor`` times as large and ``mass`` kg in all, as OpenSim scales it."""
    Path("generic.osim").write_text(osim_text, encoding="utf-8")
    model = osim.Model("generic.osim")
    state = model.initSystem()
    factors = osim.ScaleSet()
    for body in list(model.getBodyList()):
        scale = osim.Scale()
        scale.setSegmentName(body.getName())
        scale.setScaleFactors(osim.Vec3(factor))
        scale.setApply(True)
        factors.cloneAndAppend(scale)
    assert model.scale(state, factors, True, mass)
    model.printToXML("scaled.osim")
    return Path("scaled.osim").read_text(encoding="utf-8")
