"""Derive the tables of models/ from the published parameter tables.

    python experiments/model_tables/derive.py --reference DIR [--out models]

``DIR`` holds the published models as comma-separated tables: ``Hamner2010_*.csv``, ``FBLS_*.csv`` (full-body
lumbar spine, Raabe & Chaudhari 2016), ``Christophy2012_*.csv``, ``LFBpose2sim_*.csv`` (lifting full body,
Beaucage-Gauvreau et al. 2019) and ``lumbar_rhythm.csv``. Nothing is copied whole: segments are merged, welded
and repaired, the two sides made mirror images, and joint splines refitted. docs/theory-runner.md says why.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from footstrike.gait.targets import HABITUAL, target
from footstrike.model.placement import path_length, posture
from footstrike.model.rows import MuscleRow
from footstrike.model.tables import load_tables

Array = NDArray[np.float64]
Row = dict[str, str]

HAMNER = "Hamner et al. 2010 (doi:10.1016/j.jbiomech.2010.06.025)"
RAJAGOPAL = "Rajagopal et al. 2016 (doi:10.1109/TBME.2016.2586891)"
SAME_MUSCLE = {
    "glut_med1 glut_med2 glut_med3": "glmed1 glmed2 glmed3",
    "glut_min1 glut_min2 glut_min3": "glmin1 glmin2 glmin3",
    "glut_max1 glut_max2 glut_max3": "glmax1 glmax2 glmax3",
    "add_mag1 add_mag2 add_mag3": "addmagProx addmagMid addmagDist addmagIsch",
    "semimem": "semimem",
    "semiten": "semiten",
    "bifemlh": "bflh",
    "bifemsh": "bfsh",
    "sar": "sart",
    "add_long": "addlong",
    "add_brev": "addbrev",
    "tfl": "tfl",
    "grac": "grac",
    "iliacus": "iliacus",
    "peri": "piri",
    "rect_fem": "recfem",
    "vas_med": "vasmed",
    "vas_int": "vasint",
    "vas_lat": "vaslat",
    "med_gas": "gasmed",
    "lat_gas": "gaslat",
    "soleus": "soleus",
    "tib_post": "tibpost",
    "flex_dig": "fdl",
    "flex_hal": "fhl",
    "tib_ant": "tibant",
    "per_brev": "perbrev",
    "per_long": "perlong",
    "ext_dig": "edl",
    "ext_hal": "ehl",
}  # parts in Hamner et al.: parts in Rajagopal et al.
LAI = "Lai, Arnold & Wakeling 2017 (doi:10.1007/s10439-017-1920-7)"
LONGER_FIBRES = {"vas_med": "vasmed", "vas_int": "vasint", "vas_lat": "vaslat"}  # ours: theirs
FBLS = "Raabe & Chaudhari 2016 (doi:10.1016/j.jbiomech.2016.02.046)"
CHRISTOPHY = "Christophy et al. 2012 (doi:10.1007/s10237-011-0290-6)"
LFB = "Beaucage-Gauvreau et al. 2019 (doi:10.1080/10255842.2018.1564819)"
MYOTORSO = "MyoTorso of the MyoSuite project (Christophy's 210 fascicles)"

LEVELS = ("L5S1", "L4L5", "L3L4", "L2L3", "L1L2", "T12L1")
FBLS_JOINTS = ("L5_S1_IVDjnt", "L4_L5_IVDjnt", "L3_L4_IVDjnt", "L2_L3_IVD_jnt", "L1_L2_IVD_jnt")
VERTEBRAE = ("lumbar5", "lumbar4", "lumbar3", "lumbar2", "lumbar1", "torso")
AXES = {"FE": "extension", "LB": "bending", "AR": "rotation"}
KNEE_RANGE = np.radians((-120.0, 10.0))
PRONATION_DEG = 106.6  # mean of both arms over the 3 m/s trial of subject 01
RECTUS_FMAX = 297.0  # N per side, MyoTorso; FBLS's 163 N saturates in slow running
FIBRE_RANGE = (0.5, 1.4)  # of the optimal length; below lies little force, above the passive force soars
MAX_FIBRE_SHARE = 0.95  # of the standing path length: some tendon always remains
RUNNING_SPEEDS = (2.5, 3.5, 4.5)  # m/s, of both strikes, for the leg muscles
RUNNING_POSTURES: tuple[dict[str, float], ...] = (  # degrees
    {},
    {"lumbar_extension": -20},
    {"lumbar_extension": 15},
    {"lumbar_bending": 15},
    {"lumbar_bending": -15},
    {"lumbar_rotation": 20},
    {"lumbar_rotation": -20},
    {"hip_flexion_r": 60},
    {"hip_flexion_r": -25},
    {"arm_flex_r": 40},
    {"arm_flex_r": -60},
)
GROUPS = (  # beginnings of the source's names
    ("rect_abd", "rectus_abdominis"),
    ("Ps_", "psoas"),
    ("QL_", "quadratus_lumborum"),
    ("MF_", "multifidus"),
    ("IL_L", "iliocostalis_pars_lumborum"),
    ("IL_R", "iliocostalis_pars_thoracis"),
    ("LTpT", "longissimus_pars_thoracis"),
    ("LTpL", "longissimus_pars_lumborum"),
    ("EO", "external_oblique"),
    ("IO", "internal_oblique"),
    ("LD_", "latissimus_dorsi"),
)
TRUNK_HAS = ("psoas", "ercspn", "intobl", "extobl")  # as fascicles: twice they would count double
LEG_GROUPS = {
    "gluteus_medius": "glut_med1 glut_med2 glut_med3",
    "gluteus_minimus": "glut_min1 glut_min2 glut_min3",
    "gluteus_maximus": "glut_max1 glut_max2 glut_max3",
    "tensor_fasciae_latae": "tfl",
    "hamstrings": "semimem semiten bifemlh bifemsh",
    "sartorius": "sar",
    "iliacus": "iliacus",
    "adductors": "add_long add_brev add_mag1 add_mag2 add_mag3 pect grac",
    "hip_rotators": "quad_fem gem peri",
    "rectus_femoris": "rect_fem",
    "vasti": "vas_med vas_int vas_lat",
    "gastrocnemius": "med_gas lat_gas",
    "soleus": "soleus",
    "deep_plantarflexors": "tib_post flex_dig flex_hal",
    "peroneals": "per_brev per_long",
    "dorsiflexors": "tib_ant per_tert ext_dig ext_hal",
}


def read(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write(folder: Path, name: str, fields: str, rows: list[list[object]]) -> None:
    def text(value: object) -> str:
        return f"{value:.10g}" if isinstance(value, float) else str(value)

    with (folder / name).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(fields.split())
        writer.writerows([[text(v) for v in row] for row in rows])


def vector(row: Row, keys: str) -> Array:
    return np.array([float(row[k]) for k in keys.split()])


def mirror_name(name: str) -> str:
    return name[:-2] + ("_l" if name.endswith("_r") else "_r")


# ---------------------------------------------------------------------------------------------- bodies


def with_hamners_trunk(
    ref: Path, rows: list[list[object]], joint_rows: list[list[object]]
) -> list[list[object]]:
    """The bodies with a thorax that makes thorax and vertebrae together what the trunk of Hamner et al. is.

    The source of the vertebrae takes their mass out of that trunk but leaves centre of mass and, nearly, inertia of
    the whole to what remains, so that the trunk would be 8 cm too low and too large in inertia. Here mass, height
    of the centre of mass and moments of inertia of the whole are those of Hamner et al.; where the thorax lies fore
    and aft is as in the source.
    """
    trunk = next(r for r in read(ref, "Hamner2010_bodies") if r["body"] == "torso")
    back = next(j for j in read(ref, "Hamner2010_joints") if j["joint"] == "back")
    whole = float(trunk["mass"])
    height = float(back["par_y"]) + float(trunk["com_y"])
    origin, place = {}, np.zeros(2)
    for name, _, _, child, px, py, _, _, _, _, cx, cy, *_ in joint_rows:
        if name in LEVELS:
            place = place + np.array([float(str(px)) - float(str(cx)), float(str(py)) - float(str(cy))])
            origin[child] = place
    by_name = {str(r[0]): r for r in rows}
    slices = [(np.array(by_name[v][1:8], dtype=float), origin[v]) for v in VERTEBRAE[:-1]]
    body = np.array(by_name["torso"][1:8], dtype=float)
    y = (whole * height - sum(s[0] * (o[1] + s[2]) for s, o in slices)) / body[0]
    x = origin["torso"][0] + body[1]
    x_whole = (body[0] * x + sum(s[0] * (o[0] + s[1]) for s, o in slices)) / whole
    rest = np.array([float(trunk[k]) for k in ("Ixx", "Iyy", "Izz")])
    for mass, dx, dy, own in [(body[0], x - x_whole, y - height, np.zeros(3))] + [
        (s[0], o[0] + s[1] - x_whole, o[1] + s[2] - height, s[4:]) for s, o in slices
    ]:
        rest = rest - own - mass * np.array([dy**2, dx**2, dx**2 + dy**2])
    new = [body[0], body[1], round(float(y - origin["torso"][1]), 4), 0.0, *np.round(rest, 4)]
    source = f"mass and fore-aft place {FBLS}; height and inertia such that the trunk is that of {HAMNER}"
    return [["torso", *map(float, new), source] if r[0] == "torso" else r for r in rows]


def bodies(ref: Path) -> list[list[object]]:
    hamner = {r["body"]: r for r in read(ref, "Hamner2010_bodies")}
    fbls = {r["body"]: r for r in read(ref, "FBLS_bodies")}
    christophy = {r["body"]: r for r in read(ref, "Christophy2012_bodies")}
    rows: list[list[object]] = []
    for name in (
        "pelvis",
        *(f"{b}_{s}" for s in "rl" for b in ("femur", "tibia", "talus", "calcn", "toes")),
        *VERTEBRAE,
        "Abdomen",
        *(f"{b}_{s}" for s in "rl" for b in ("humerus", "ulna", "radius", "hand")),
    ):
        row = hamner.get(name, fbls.get(name))
        assert row is not None
        mass, com, inertia = float(row["mass"]), vector(row, "com_x com_y com_z"), vector(row, "Ixx Iyy Izz")
        source = HAMNER
        if name.startswith("femur"):
            mass, com, inertia = with_patella(mass, com, inertia, fbls["patella" + name[5:]])
            source += f"; patella of {FBLS} added at its place with a straight knee"
        elif name.startswith("lumbar"):
            com[2] = 0.0
            inertia = vector(christophy[name], "Ixx Iyy Izz")
            source = f"mass and centre of mass {FBLS}; inertia {CHRISTOPHY}"
        elif name in ("torso", "Abdomen"):
            row = fbls[name]
            mass, com, inertia = (
                float(row["mass"]),
                vector(row, "com_x com_y com_z"),
                vector(row, "Ixx Iyy Izz"),
            )
            source = FBLS
        rows.append([name, mass, *map(float, com), *map(float, inertia), source])
    return rows


def with_patella(mass: float, com: Array, inertia: Array, patella: Row) -> tuple[float, Array, Array]:
    place = np.array([0.04435, -0.418712, 0.0]) + vector(patella, "com_x com_y com_z")
    extra = float(patella["mass"])
    total = mass + extra
    centre = (mass * com + extra * place) / total
    moments = inertia + vector(patella, "Ixx Iyy Izz")
    for m, d in ((mass, com - centre), (extra, place - centre)):
        moments = moments + m * (d @ d - d**2)
    return total, centre, moments


# ---------------------------------------------------------------------------------------------- joints


def joints(ref: Path, pro_sup_deg: float) -> list[list[object]]:
    hamner = {r["joint"]: r for r in read(ref, "Hamner2010_joints")}
    fbls = {r["joint"]: r for r in read(ref, "FBLS_joints")}
    lfb = {r["joint"]: r for r in read(ref, "LFBpose2sim_joints")}
    zero = np.zeros(3)

    def row(
        name: str, kind: str, parent: str, child: str, at: Array, turned: Array, of: Array, source: str
    ) -> list[object]:
        return [name, kind, parent, child, *map(float, at), *map(float, turned), *map(float, of), source]

    out = [row("ground_pelvis", "custom", "ground", "pelvis", zero, zero, zero, HAMNER)]
    for side in "rl":
        for base in ("hip", "knee", "ankle", "subtalar", "mtp"):
            j = hamner[f"{base}_{side}"]
            out.append(
                row(
                    j["joint"],
                    "custom",
                    j["parent_body"],
                    j["child_body"],
                    vector(j, "par_x par_y par_z"),
                    zero,
                    vector(j, "ch_x ch_y ch_z"),
                    HAMNER,
                )
            )
    sacrum = vector(fbls["sacrumjnt"], "par_x par_y par_z")
    for level, old, parent, child in zip(
        LEVELS[:-1], FBLS_JOINTS, ("pelvis", *VERTEBRAE), VERTEBRAE, strict=False
    ):
        j = fbls[old]
        at = vector(j, "par_x par_y par_z") + (sacrum if parent == "pelvis" else 0.0)
        out.append(
            row(
                level,
                "spine",
                parent,
                child,
                at,
                zero,
                vector(j, "ch_x ch_y ch_z"),
                f"{CHRISTOPHY}; {FBLS}" + ("; sacrum merged into the pelvis" if parent == "pelvis" else ""),
            )
        )
    centre = vector(lfb["L1_T12_IVD_jnt"], "par_x par_y par_z")
    torso_origin = vector(fbls["Torsojnt"], "par_x par_y par_z")
    out.append(
        row(
            "T12L1",
            "spine",
            "lumbar1",
            "torso",
            centre,
            zero,
            centre - torso_origin,
            f"centre {LFB}; thorax where {FBLS} has it",
        )
    )
    abdomen = fbls["Abdjnt"]
    out.append(
        row(
            "abdomen",
            "custom",
            "pelvis",
            "Abdomen",
            vector(abdomen, "par_x par_y par_z") + sacrum,
            zero,
            vector(abdomen, "ch_x ch_y ch_z"),
            f"{FBLS}; sacrum merged into the pelvis",
        )
    )
    for side in "rl":
        for base, kind in (
            ("acromial", "custom"),
            ("elbow", "custom"),
            ("radioulnar", "weld"),
            ("radius_hand", "weld"),
        ):
            j = hamner[f"{base}_{side}"]
            turned, source = zero, HAMNER
            if base == "radioulnar":
                axis = next(
                    a
                    for a in read(ref, "Hamner2010_joint_axes")
                    if a["joint"] == j["joint"] and a["axis_slot"] == "rotation1"
                )
                turned = euler_xyz(vector(axis, "ax ay az"), np.radians(pro_sup_deg))
                source += f"; welded at {pro_sup_deg:g} deg of pronation, the mean of a runner of that study"
            out.append(
                row(
                    j["joint"],
                    kind,
                    j["parent_body"],
                    j["child_body"],
                    vector(j, "par_x par_y par_z"),
                    turned,
                    vector(j, "ch_x ch_y ch_z"),
                    source,
                )
            )
    return out


def euler_xyz(axis: Array, angle: float) -> Array:
    """Body-fixed x-y-z angles of the rotation by ``angle`` about ``axis``."""
    x, y, z = axis / np.linalg.norm(axis)
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    R = np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew
    return np.array([np.arctan2(-R[1, 2], R[2, 2]), np.arcsin(R[0, 2]), np.arctan2(-R[0, 1], R[0, 0])])


def joint_axes(ref: Path) -> list[list[object]]:
    out: list[list[object]] = []
    welded = ("back", "radioulnar", "radius_hand")
    for a in read(ref, "Hamner2010_joint_axes"):
        if not a["coordinates"] or a["joint"].startswith(welded):
            continue
        function = "identity" if a["function"] == "Linear" else f"knee_{a['axis_slot']}"
        out.append(
            [
                a["joint"],
                a["axis_slot"],
                *map(float, vector(a, "ax ay az")),
                a["coordinates"],
                function,
                HAMNER,
            ]
        )
    out.append(["abdomen", "rotation1", 0.0, 0.0, 1.0, "abdomen_extension", "identity", FBLS])
    return out


def forsythe_spline(x: Array, y: Array, at: Array) -> Array:
    """Cubic spline with the end conditions of Forsythe, Malcolm & Moler 1977, as in the published joints."""
    h, n = np.diff(x), len(x)
    slope = np.diff(y) / h
    A, b = np.zeros((n, n)), np.zeros(n)
    for i in range(1, n - 1):
        A[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        b[i] = slope[i] - slope[i - 1]
    for i, k, sign in ((0, 0, 1), (n - 1, n - 4, -1)):
        third = np.diff(
            [
                (slope[k + 1] - slope[k]) / (x[k + 2] - x[k]),
                (slope[k + 2] - slope[k + 1]) / (x[k + 3] - x[k + 1]),
            ]
        )[0] / (x[k + 3] - x[k])
        edge = h[0] if i == 0 else h[-1]
        A[i, i], A[i, i + sign] = -edge, edge
        b[i] = sign * edge**2 * third
    s = np.linalg.solve(A, b)
    i = np.clip(np.searchsorted(x, at) - 1, 0, n - 2)
    d = at - x[i]
    first = slope[i] - h[i] * (s[i + 1] + 2 * s[i])
    return y[i] + d * (first + d * (3 * s[i] + d * (s[i + 1] - s[i]) / h[i]))


def joint_functions(ref: Path) -> str:
    at = np.linspace(*KNEE_RANGE, 2001)
    nodes = KNEE_RANGE.mean() + np.ptp(KNEE_RANGE) / 2 * np.cos(np.pi * (np.arange(401) + 0.5) / 401)
    lines = [
        "# Functions of a coordinate used by joint_axes.csv: value = sum_k coefficients[k] * coordinate**k",
        "# (metres; the coordinate in radians).",
    ]
    for a in read(ref, "Hamner2010_joint_axes"):
        if a["joint"] != "knee_r" or a["function"] != "SimmSpline":
            continue
        knots = np.array([[float(v) for v in pair.split(":")] for pair in a["params"].split(";")])
        for degree in range(3, 11):
            fit = np.polynomial.Polynomial.fit(nodes, forsythe_spline(*knots.T, nodes), degree).convert()
            error = float(np.abs(fit(at) - forsythe_spline(*knots.T, at)).max())
            if error < 1.5e-4:
                break
        lines += [
            "",
            f"[knee_{a['axis_slot']}]",
            f"coefficients = [{', '.join(f'{c:.9g}' for c in fit.coef)}]",
            f"minimum = {KNEE_RANGE[0]:.6f}",
            f"maximum = {KNEE_RANGE[1]:.6f}",
            f"max_error_m = {error:.3g}",
            f'source = "polynomial of degree {degree} fitted to the spline of {HAMNER}"',
        ]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------------------------------------- coordinates


def coordinates(ref: Path) -> list[list[object]]:
    lumbar = {
        "lumbar_extension": (-1.221730, 0.453786, f"flexion and extension {FBLS}"),
        "lumbar_bending": (-0.610865, 0.610865, "35 deg, engineering limit"),
        "lumbar_rotation": (-0.785398, 0.785398, "45 deg, engineering limit"),
    }
    foot = {
        "ankle_angle": (-1.047198, 0.785398, "60 deg plantar, 45 deg dorsal, engineering limit"),
        "subtalar_angle": (-0.610865, 0.610865, "35 deg, engineering limit"),
        "mtp_angle": (-0.523599, 1.221730, "30 deg flexion, 70 deg extension, engineering limit"),
    }
    out: list[list[object]] = []
    for c in read(ref, "Hamner2010_coordinates"):
        name = c["coordinate"]
        if name.startswith(("pro_sup", "wrist")):
            continue
        low, high, source = lumbar.get(name, foot.get(name[:-2], (float(c["min"]), float(c["max"]), HAMNER)))
        default = 0.972 if name == "pelvis_ty" else 0.0
        out.append(
            [name, "translation" if c["motion"] == "trans" else "rotation", default, low, high, source]
        )
    out.append(["abdomen_extension", "rotation", 0.0, -1.7, 1.7, FBLS])
    return out


def rhythm(ref: Path) -> list[list[object]]:
    chosen = {"Christophy2012_upd": ("christophy", CHRISTOPHY), "LFB_Beaucage2019(pose2sim)": ("lfb", LFB)}
    exact = christophy_fractions(ref)
    out: list[list[object]] = []
    for r in read(ref, "lumbar_rhythm"):
        if r["source"] not in chosen:
            continue
        name, source = chosen[r["source"]]
        raw = exact[r["axis"]] if name == "christophy" else vector(r, " ".join(LEVELS))
        share = np.round(raw / raw.sum(), 6)
        share[int(np.argmax(share))] += 1.0 - share.sum()
        note = f"{source}; published sum {raw.sum():.6g}, normalised to 1"
        out.append([name, AXES[r["axis"]], *(round(float(v), 6) for v in share), note])
    return out


def christophy_fractions(ref: Path) -> dict[str, Array]:
    first = {
        a["coordinates"]: float(a["params"].split(";")[0])
        for a in read(ref, "Christophy2012_joint_axes")
        if a["joint"] == "L5_S1_IVDjnt" and a["coordinates"]
    }
    rest = {c["dependent"]: float(c["params"].split(";")[0]) for c in read(ref, "Christophy2012_couplings")}
    leading = {"FE": "flex_extension", "LB": "lat_bending", "AR": "axial_rotation"}
    return {
        k: np.array(
            [first[leading[k]], *(rest[f"{p}_{k}"] for p in ("L4_L5", "L3_L4", "L2_L3", "L1_L2")), 0.0]
        )
        for k in AXES
    }


def couplers(ref: Path) -> list[list[object]]:
    c = next(c for c in read(ref, "FBLS_couplings") if c["dependent"] == "Abs_r3")
    (x0, y0), _ = ([float(v) for v in p.split(":")] for p in c["params"].split(";"))
    levels = {
        r["dependent"]: float(r["params"].split(";")[0])
        for r in read(ref, "FBLS_couplings")
        if r["function"] == "Linear" and r["independents"] == "flex_extension"
    }
    first = next(a for a in read(ref, "FBLS_joint_axes") if a["coordinates"] == "flex_extension")
    last = next(a for a in read(ref, "FBLS_joint_axes") if a["coordinates"] == "L1_L2_IVDjnt_r3")
    slopes = {**levels, "L1_L2_IVDjnt_r3": levels["L1_L2_IVDjnt_r3"] * float(last["params"].split(";")[0])}
    total = float(first["params"].split(";")[0]) + sum(slopes.values())
    return [
        [
            "abdomen_extension",
            "lumbar_extension",
            round(y0 / x0 / total, 6),
            f"{FBLS}: {y0 / x0:.6f} of its flexion coordinate, which is {total:.6f} of the trunk's flexion",
        ]
    ]


# ---------------------------------------------------------------------------------------------- trunk


def trunk(ref: Path) -> tuple[list[list[object]], list[list[object]]]:
    sacrum = vector(
        next(j for j in read(ref, "FBLS_joints") if j["joint"] == "sacrumjnt"), "par_x par_y par_z"
    )
    published = {m["muscle"]: m for m in read(ref, "FBLS_muscles")}
    rectus = next(m for m in read(ref, "LFBpose2sim_muscles") if m["muscle"] == "rect_abd_r")
    paths: dict[str, list[tuple[str, Array]]] = {}
    for p in read(ref, "FBLS_muscle_points"):
        if (
            p["type"] == "ConditionalPathPoint"
        ):  # of the psoas: kept, it would turn the hip moment round at 70 deg
            continue
        body, at = p["body"], vector(p, "x y z")
        if body == "sacrum":
            body, at = "pelvis", at + sacrum
        paths.setdefault(p["muscle"], []).append((body, at))
    fascicles: list[list[object]] = []
    points: list[list[object]] = []
    names = [n for n in published if n.endswith("_r") and n.startswith(tuple(p for p, _ in GROUPS))]
    flip = np.array([1.0, 1.0, -1.0])
    for side in "rl":
        for right in names:
            left = mirror_name(right)
            name = (right if side == "r" else left).replace("-", "_")
            group = next(g for prefix, g in GROUPS if right.startswith(prefix))
            force, fibre, tendon, pennation = 0.5 * (
                vector(published[right], "Fmax lopt ltsl penn_rad")
                + vector(published[left], "Fmax lopt ltsl penn_rad")
            )
            source = FBLS
            if group == "rectus_abdominis":
                force, (fibre, tendon) = RECTUS_FMAX, vector(rectus, "lopt ltsl")
                source = f"path {FBLS}; strength {MYOTORSO}; lengths {LFB}"
            fascicles.append(
                [name, group, float(force), float(fibre), float(tendon), float(pennation), source]
            )
            for k, ((body_r, x_r), (body_l, x_l)) in enumerate(zip(paths[right], paths[left], strict=True)):
                assert body_r.replace("_r", "") == body_l.replace("_l", ""), right
                at = 0.5 * (x_r + x_l * flip)
                body = body_r if side == "r" else body_l
                points.append(
                    [
                        name,
                        k,
                        body,
                        *(round(float(v), 7) for v in (at if side == "r" else at * flip)),
                        f"{FBLS}; mean of both sides",
                    ]
                )
    return fascicles, points


def working_lengths(out: Path, fascicles: list[list[object]]) -> list[list[object]]:
    """Fibre and tendon lengths that keep every fibre within ``FIBRE_RANGE`` over the postures of running.

    Published lengths stay where they already do. Elsewhere the tendon is set so that the standing fibre has
    its optimal length, and the fibre lengthened only if its excursion asks for it.
    """
    tables = load_tables(out)
    postures = [posture(tables, {k: float(np.radians(v)) for k, v in q.items()}) for q in RUNNING_POSTURES]
    paths = {f.name: f.path for f in tables.fascicles["full"]}
    changed = []
    for name, group, force, fibre, tendon, pennation, source in fascicles:
        right = str(name)[:-2] + "_r"  # the postures move the right side
        length = np.array([path_length(paths[right], p) for p in postures])
        width = float(fibre) * np.sin(float(pennation))
        along = length - float(tendon)
        normal = np.sign(along) * np.hypot(along, width) / float(fibre)
        if normal.min() < FIBRE_RANGE[0] or normal.max() > FIBRE_RANGE[1]:
            needed = max(
                (length.max() - length[0]) / (FIBRE_RANGE[1] - 1.0),
                (length[0] - length.min()) / (1.0 - FIBRE_RANGE[0]),
                float(fibre),
            )
            fibre = float(round(min(needed, MAX_FIBRE_SHARE * length[0]), 5))
            tendon = float(round(length[0] - fibre * np.cos(float(pennation)), 5))
            source = f"{source}; fibre and tendon length set for the range of running"
        changed.append([name, group, force, fibre, tendon, pennation, source])
    return changed


# ---------------------------------------------------------------------------------------------- legs


def legs(ref: Path) -> tuple[list[list[object]], list[list[object]]]:
    """Leg muscles: the right ones and their mirror images, without those that the trunk has as fascicles."""
    parts: dict[str, list[Row]] = {}
    for p in read(ref, "Hamner2010_muscle_points"):
        parts.setdefault(p["muscle"], []).append(p)
    muscles: list[list[object]] = []
    points: list[list[object]] = []
    for side in "rl":
        for m in read(ref, "Hamner2010_muscles"):
            base = m["muscle"][:-2]
            if not m["muscle"].endswith("_r") or base in TRUNK_HAS:
                continue
            name = f"{base}_{side}"
            group = next(g for g, members in LEG_GROUPS.items() if base in members.split())
            values = map(float, vector(m, "Fmax lopt ltsl penn_rad"))
            muscles.append([name, group, *values, HAMNER])
            points += [leg_point(name, k, p, side) for k, p in enumerate(parts[m["muscle"]])]
    return muscles, points


def leg_point(muscle: str, index: int, p: Row, side: str) -> list[object]:
    flip = 1.0 if side == "r" else -1.0
    body = p["body"][:-2] + f"_{side}" if p["body"].endswith("_r") else p["body"]
    x, y, z = map(float, vector(p, "x y z"))
    kind, coordinate, low, high = "fixed", "", "", ""
    knots, values = "", ["", "", ""]
    if p["type"] == "ConditionalPathPoint":
        kind = "conditional"
        coordinate, span = p["extra"].split()
        low, high = span.strip("[]").split(",")
    elif p["type"] == "MovingPathPoint":
        kind = "moving"
        head, _, rest = p["extra"].partition(" ")
        coordinate = head[2:-1]
        splines = [[pair.split(":") for pair in s.split("=")[1].split(";")] for s in rest.split(" / ")]
        at = [k for k, _ in splines[0]]
        assert [k for k, _ in splines[1]] == at, muscle
        assert len({v for _, v in splines[2]}) == 1, muscle
        knots = " ".join(at)
        values = [" ".join(v for _, v in s) for s in splines[:2]]
        values.append(" ".join([f"{flip * z:.10g}"] * len(at)))
    coordinate = coordinate[:-2] + f"_{side}" if coordinate else ""
    return [muscle, index, body, kind, x, y, flip * z, coordinate, low, high, knots, *values, HAMNER]


def leg_longer_fibres(ref: Path, out: Path, muscles: list[list[object]]) -> list[list[object]]:
    """Vasti with the fibres of Lai et al. 2017, which do not resist a flexed knee; standing they are as stretched
    as published.
    """
    theirs = {m["muscle"]: float(m["lopt"]) for m in read(ref, "RajagopalLaiUhlrich2023_muscles")}
    tables = load_tables(out)
    rows = {m.name: m for m in tables.leg_muscles["hamner"]}
    standing = posture(tables, {})
    changed = []
    for name, group, force, fibre, tendon, pennation, source in muscles:
        base = str(name)[:-2]
        if base in LONGER_FIBRES:
            longer = theirs[f"{LONGER_FIBRES[base]}_r"]
            whole = path_length(path_at(rows[f"{base}_r"], {}), standing)
            tendon = round(whole - (whole - float(str(tendon))) * longer / float(str(fibre)), 5)
            fibre, source = longer, f"{source}; fibre length {LAI}, standing at the same share of it"
        changed.append([name, group, force, fibre, tendon, pennation, source])
    return changed


def leg_working_lengths(out: Path, muscles: list[list[object]]) -> list[list[object]]:
    """Fibre and tendon lengths that keep every leg fibre within ``FIBRE_RANGE`` over habitual running.

    Published lengths stay where they already do. Elsewhere the fibre is lengthened only if its excursion asks
    for it, and the tendon changed as little as that allows.
    """
    tables = load_tables(out)
    rows = {m.name: m for m in tables.leg_muscles["hamner"]}
    states = [
        {name: float(x[k]) for name, x in habitual.coordinates.items() if name.endswith("_r")}
        for habitual in (target(strike, speed) for strike in HABITUAL for speed in RUNNING_SPEEDS)
        for k in range(0, len(habitual.phase), 2)
    ]
    postures = [posture(tables, q) for q in states]
    changed = []
    for name, group, force, fibre, tendon, pennation, source in muscles:
        row = rows[str(name)[:-2] + "_r"]
        lengths = [path_length(path_at(row, q), at) for q, at in zip(states, postures, strict=True)]
        short, long = min(lengths), max(lengths)
        low, high = (np.sqrt(n**2 - np.sin(float(pennation)) ** 2) for n in FIBRE_RANGE)
        needed = max(float(fibre), (long - short) / (high - low))
        slack = float(np.clip(float(tendon), long - high * needed, short - low * needed))
        if needed != fibre or slack != tendon:
            fibre, tendon = float(np.ceil(needed * 1e5) / 1e5), float(round(slack, 5))
            source = f"{source}; fibre and tendon length set for the range of running"
        changed.append([name, group, force, fibre, tendon, pennation, source])
    return changed


def leg_strengths(ref: Path, muscles: list[list[object]]) -> list[list[object]]:
    """Leg muscles with the strength that their volume gives in young, active adults.

    Published strengths of the source model are those of older specimens, and cannot supply the moments of running.
    Volume (maximal force times optimal fibre length over specific tension) is that of Rajagopal et al. 2016, who
    took it from the images of Handsfield et al. 2014; a muscle of several parts shares it as the parts' published
    volumes do. Muscles that Rajagopal et al. do not have keep their strength.
    """
    theirs = {
        m["muscle"][:-2]: float(m["Fmax"]) * float(m["lopt"])
        for m in read(ref, "Rajagopal2016_muscles")
        if m["muscle"].endswith("_r")
    }
    ours = {str(m[0])[:-2]: float(str(m[2])) * float(str(m[3])) for m in muscles}
    factor = {}
    for parts, wholes in SAME_MUSCLE.items():
        whole = sum(theirs[name] for name in wholes.split())
        factor |= dict.fromkeys(parts.split(), whole / sum(ours[name] for name in parts.split()))
    out = []
    for name, group, force, fibre, tendon, pennation, source in muscles:
        base = str(name)[:-2]
        if base in factor:
            force = round(float(str(force)) * factor[base], 1)
            source = f"{source}; strength from the muscle's volume in {RAJAGOPAL}"
        out.append([name, group, force, fibre, tendon, pennation, source])
    return out


def path_at(muscle: MuscleRow, q: dict[str, float]) -> list[tuple[str, tuple[float, float, float]]]:
    path = []
    for p in muscle.path:
        value = q.get(p.coordinate, 0.0)
        if p.within is not None and not p.within[0] <= value <= p.within[1]:
            continue
        at = p.at
        if p.moves:
            knots, now = np.array(p.knots), np.array([value])
            x, y, z = (float(forsythe_spline(knots, np.array(v), now)[0]) for v in p.moves)
            at = (x, y, z)
        path.append((p.body, at))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--reference", type=Path, required=True, help="folder with the published tables")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[2] / "models")
    parser.add_argument("--pronation-deg", type=float, default=PRONATION_DEG, help="forearm posture to weld")
    args = parser.parse_args()
    ref, out = args.reference, args.out
    out.mkdir(exist_ok=True)
    with_trunk = with_hamners_trunk(ref, bodies(ref), joints(ref, args.pronation_deg))
    write(out, "bodies.csv", "body mass com_x com_y com_z ixx iyy izz source", with_trunk)
    write(
        out,
        "joints.csv",
        "joint type parent child parent_x parent_y parent_z parent_rx parent_ry parent_rz "
        "child_x child_y child_z source",
        joints(ref, args.pronation_deg),
    )
    write(
        out, "joint_axes.csv", "joint slot axis_x axis_y axis_z coordinate function source", joint_axes(ref)
    )
    (out / "joint_functions.toml").write_text(joint_functions(ref), encoding="utf-8")
    write(out, "coordinates.csv", "coordinate motion default minimum maximum source", coordinates(ref))
    write(out, "rhythm.csv", f"rhythm axis {' '.join(LEVELS)} source", rhythm(ref))
    write(out, "couplers.csv", "dependent independent slope source", couplers(ref))
    fascicles, points = trunk(ref)
    header = "fascicle group max_isometric_force optimal_fibre_length tendon_slack_length pennation source"
    write(out, "trunk_points.csv", "fascicle index body x y z source", points)
    write(out, "trunk_fascicles.csv", header, fascicles)
    write(out, "trunk_fascicles.csv", header, working_lengths(out, fascicles))
    muscles, points = legs(ref)
    write(
        out,
        "leg_points.csv",
        "muscle index body kind x y z coordinate minimum maximum knots x_values y_values z_values source",
        points,
    )
    header = header.replace("fascicle", "muscle", 1)
    write(out, "leg_muscles.csv", header, muscles)
    muscles = leg_longer_fibres(ref, out, muscles)
    write(out, "leg_muscles.csv", header, leg_strengths(ref, leg_working_lengths(out, muscles)))


if __name__ == "__main__":
    main()
