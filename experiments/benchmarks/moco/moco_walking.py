"""OpenSim's walking model with contact and the muscles of the benchmark; a process of its own, see problems.py."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np

from footstrike.opensim.opened_model import each
from footstrike.opensim.osim import osim


def main() -> None:
    """Read the request (JSON) from standard input and write the model."""
    request = json.load(sys.stdin)
    table = request["table"]
    processor = osim.ModelProcessor(_contact(osim.Model(request["model"]), request["spheres"], table))
    if request["muscles"]:
        processor.append(osim.ModOpIgnoreTendonCompliance())
        processor.append(osim.ModOpReplaceMusclesWithDeGrooteFregly2016())
        processor.append(osim.ModOpIgnorePassiveFiberForcesDGF())
        processor.append(
            osim.ModOpScaleActiveFiberForceCurveWidthDGF(table["muscle_properties"]["active_width"])
        )
        processor.append(osim.ModOpFiberDampingDGF(0.0))
    else:
        processor.append(osim.ModOpRemoveMuscles())
    model = processor.process()
    model.finalizeFromProperties()
    forces = model.updForceSet()
    for name in [f.getName() for f in each(forces) if f.getConcreteClassName() == "CoordinateActuator"]:
        forces.remove(forces.getIndex(name))
    model.finalizeConnections()
    for muscle in list(model.getMuscleList()):
        model.updMuscles().get(muscle.getName()).setMinControl(0.0)
    model.initSystem()
    model.printToXML(request["out"])


def _contact(model: Any, spheres: str, table: dict[str, Any]) -> Any:
    """The model with the spheres of a ContactGeometrySet file, raised, on the ground plane."""
    plane = osim.ContactHalfSpace(osim.Vec3(0), osim.Vec3(0, 0, -np.pi / 2), model.getGround(), "floor")
    model.addContactGeometry(plane)
    for row in ElementTree.parse(spheres).iter("ContactSphere"):
        name = row.attrib["name"]
        x, y, z = map(float, row.findtext("location", "").split())
        body = model.getBodySet().get(row.findtext("socket_frame", "").split("/")[-1])
        radius = float(row.findtext("radius", ""))
        sphere = osim.ContactSphere(radius, osim.Vec3(x, y + table["raised_m"], z), body, name)
        model.addContactGeometry(sphere)
        force = osim.SmoothSphereHalfSpaceForce(f"contact_{name}", sphere, plane)
        contact = table["contact"]
        force.set_stiffness(contact["stiffness"])
        force.set_dissipation(contact["dissipation"])
        force.set_static_friction(contact["friction"])
        force.set_dynamic_friction(contact["friction"])
        force.set_viscous_friction(contact["viscous_friction"])
        force.set_transition_velocity(contact["transition_velocity"])
        model.addForce(force)
    model.finalizeConnections()
    return model


if __name__ == "__main__":
    main()
