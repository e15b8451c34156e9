"""Set-ups of OpenSim's tools for an exported run.

File names in them are relative to the folder that holds them all. OpenSim's AnalyzeTool goes to that folder
itself, whatever the folder from which it is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

Span = tuple[float, float]

STATIC_OPTIMISATION_EVERY = 4  # samples: OpenSim takes about half a second for one
_FORCES_OF_STATIC_OPTIMISATION = "static_optimisation/runner_StaticOptimization_force.sto"


def external_loads(bodies: Sequence[str]) -> str:
    """Applies ``ground_forces.mot`` to the bodies of the feet."""
    document, loads = _document("ExternalLoads", "externalloads")
    forces = SubElement(loads, "objects")
    for body in bodies:
        force = SubElement(forces, "ExternalForce", name=f"ground_{body}")
        _fill(
            force,
            applied_to_body=body,
            force_expressed_in_body="ground",
            point_expressed_in_body="ground",
            force_identifier=f"ground_force_{body}_v",
            point_identifier=f"ground_force_{body}_p",
            torque_identifier=f"ground_torque_{body}_",
        )
    _fill(loads, datafile="ground_forces.mot")
    return _text(document)


def inverse_dynamics(span: Span) -> str:
    """Inverse dynamics of the motion over ``span``, s."""
    document, tool = _document("InverseDynamicsTool", "inverse_dynamics")
    _fill(
        tool,
        results_directory=".",
        model_file="runner.osim",
        time_range=f"{span[0]:.15g} {span[1]:.15g}",
        forces_to_exclude="Muscles",
        external_loads_file="external_loads.xml",
        coordinates_file="motion.mot",
        lowpass_cutoff_frequency_for_coordinates="-1",
        output_gen_force_file="inverse_dynamics.sto",
    )
    return _text(document)


def joint_reaction(span: Span, frames: Mapping[str, str], *, after_static_optimisation: bool = False) -> str:
    """Force of joints on their child under the run's forces, or under those that static optimisation left.

    Parameters
    ----------
    frames
        By joint, the frame in which its force is expressed.
    """
    source = _FORCES_OF_STATIC_OPTIMISATION if after_static_optimisation else "forces.sto"
    folder = "joint_reaction_of_static_optimisation" if after_static_optimisation else "joint_reaction"
    document, analyses = _analyze(span, folder)
    analysis = _analysis(
        analyses, "JointReaction", STATIC_OPTIMISATION_EVERY if after_static_optimisation else 1
    )
    _fill(
        analysis,
        forces_file=source,
        joint_names=" ".join(frames),
        apply_on_bodies="child",
        express_in_frame=" ".join(frames.values()),
    )
    return _text(document)


def static_optimisation(span: Span) -> str:
    """Least sum of squared activations in every ``STATIC_OPTIMISATION_EVERY``-th sample."""
    document, analyses = _analyze(span, "static_optimisation")
    analysis = _analysis(analyses, "StaticOptimization", STATIC_OPTIMISATION_EVERY)
    _fill(
        analysis,
        use_model_force_set="true",
        activation_exponent="2",
        use_muscle_physiology="true",
        optimizer_convergence_criterion="1e-6",
        optimizer_max_iterations="1000",
    )
    return _text(document)


def _analyze(span: Span, results: str) -> tuple[Element, Element]:
    document, tool = _document("AnalyzeTool", "runner")
    _fill(
        tool,
        model_file="runner.osim",
        replace_force_set="false",
        results_directory=results,
        output_precision="12",
        initial_time=f"{span[0]:.15g}",
        final_time=f"{span[1]:.15g}",
        solve_for_equilibrium_for_auxiliary_states="false",
        external_loads_file="external_loads.xml",
        coordinates_file="motion.mot",
        lowpass_cutoff_frequency_for_coordinates="-1",
    )
    return document, SubElement(SubElement(tool, "AnalysisSet", name="Analyses"), "objects")


def _analysis(analyses: Element, kind: str, every: int) -> Element:
    analysis = SubElement(analyses, kind, name=kind)
    _fill(analysis, on="true", step_interval=str(every), in_degrees="false")
    return analysis


def _document(kind: str, name: str) -> tuple[Element, Element]:
    document = Element("OpenSimDocument", Version="40000")
    return document, SubElement(document, kind, name=name)


def _fill(element: Element, **values: str) -> None:
    for name, value in values.items():
        SubElement(element, name).text = value


def _text(document: Element) -> str:
    indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(document, encoding="unicode")}\n'
