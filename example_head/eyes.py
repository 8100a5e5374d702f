"""Eyeballs: sclera, recessed iris, pupil and a clear cornea, turned by the eight eyeLook shapes."""

from dataclasses import replace
from typing import Final

import numpy as np

from .person import Eye
from .source import Floats, Ints
from .surface import Part, pad_faces

AROUND: Final = 48
# How far an eye turns at 1.0, in degrees; about what people turn their eyes before the head follows.
TURN_DEGREES: Final = {"LookUp": 25.0, "LookDown": 28.0, "LookIn": 28.0, "LookOut": 28.0}
# At rest the eyes look a little up and apart from straight ahead: that centres the irises in the
# lids' openings, which is what people and face models read as looking straight ahead.
REST_UP_DEGREES: Final = 5.0
REST_OUT_DEGREES: Final = 3.5
# Parts of an adult eyeball of 12 mm radius, as shares of that radius: the iris is 11.8 mm wide and
# the cornea stands about 0.9 mm proud of the sphere at its top.
IRIS_SHARE: Final = 0.47
PUPIL_SHARE: Final = 0.17
CORNEA_BULGE_SHARE: Final = 0.055
IRIS_DEPTH_SHARE: Final = 0.09
MATERIALS: Final = ("Sclera", "Iris", "Pupil", "Cornea")
PAINTED_ANGLE: Final = 0.75 * np.pi  # the texture shows the eyeball up to this angle from its front


def iris_angle() -> float:
    """The angle at the eye's centre between its axis and the edge of the iris, in radians."""
    return float(np.arcsin(IRIS_SHARE))


def cornea_radius(angle: Floats, radius: float) -> Floats:
    """The eye's outer radius at an angle from its axis: a sphere, bulging smoothly over the iris."""
    inside = np.clip(1 - (angle / (iris_angle() * 1.12)) ** 2, 0, None)
    return radius * (1 + CORNEA_BULGE_SHARE * inside**1.5)


def make_eye(eye: Eye, side: str) -> Part:
    """One eyeball looking along -y, with its four shapes."""
    ball, ball_materials = _ball_profile(eye.radius)
    angles, radii = ball[:, 0], ball[:, 1]
    vertices, faces, uvs, materials = _revolve(angles, radii, ball_materials)
    cap_angles = np.linspace(iris_angle() * 1.12, 0, 9)
    cap_radii = cornea_radius(cap_angles, eye.radius * 1.001)
    cap, cap_faces, cap_uvs, cap_materials = _revolve(cap_angles, cap_radii, [3] * (len(cap_angles) - 1))
    cap_faces = np.where(cap_faces < 0, cap_faces, cap_faces + len(vertices))
    outward = 1.0 if side == "Left" else -1.0
    rest = _rotation_z(outward * REST_OUT_DEGREES) @ _rotation_x(-REST_UP_DEGREES)
    part = Part(
        vertices=np.concatenate([vertices, cap]) @ rest.T + eye.centre,
        faces=np.concatenate([faces, cap_faces]),
        uvs=np.concatenate([uvs, cap_uvs]),
        materials=MATERIALS,
        face_materials=np.concatenate([materials, cap_materials]),
    )
    return replace(part, shapes=_turns(part.vertices, eye.centre, side))


def _ball_profile(radius: float) -> tuple[Floats, list[int]]:
    """Rows of (angle from the axis, distance from the centre) from the back to the pupil's middle."""
    rim = iris_angle()
    rim_depth = np.cos(rim)
    rows = [(angle, 1.0) for angle in np.linspace(np.pi, rim * 1.04, 20)]
    materials = [0] * 19
    for share in (1.0, 0.86, 0.7, 0.55, PUPIL_SHARE / IRIS_SHARE):
        # The iris is a shallow dish: it lies deepest at the pupil's edge.
        rows.append(_dish_point(share * IRIS_SHARE, rim_depth - IRIS_DEPTH_SHARE * (1 - 0.45 * share) ** 0.5 * 0.6))
        materials.append(1 if share < 1.0 else 0)
    rows.append(_dish_point(PUPIL_SHARE * 0.97, rim_depth - IRIS_DEPTH_SHARE - 0.03))
    rows.append((0.0, rim_depth - IRIS_DEPTH_SHARE - 0.05))
    materials += [2, 2]
    profile = np.array(rows)
    profile[:, 1] *= radius
    return profile, materials


def _dish_point(across: float, ahead: float) -> tuple[float, float]:
    return float(np.arctan2(across, ahead)), float(np.hypot(across, ahead))


def _revolve(angles: Floats, radii: Floats, materials: list[int]) -> tuple[Floats, Ints, Floats, Ints]:
    """A surface of revolution about -y; rows run from the back to the front, poles become one vertex."""
    turns = np.arange(AROUND) * 2 * np.pi / AROUND
    vertices: list[Floats] = []
    rows: list[list[int]] = []
    for angle, radius in zip(angles, radii, strict=True):
        at_pole = np.sin(angle) < 1e-9
        spins = turns[:1] if at_pole else turns
        ring = radius * np.stack(
            [np.sin(angle) * np.cos(spins), np.full(len(spins), -np.cos(angle)), np.sin(angle) * np.sin(spins)], axis=1
        )
        first = sum(map(len, vertices))
        rows.append([first] * AROUND if at_pole else list(range(first, first + AROUND)))
        vertices.append(ring)
    faces, face_uvs, face_materials = [], [], []
    for low, (material, _) in enumerate(zip(materials, rows, strict=False)):
        for spin in range(AROUND):
            after = (spin + 1) % AROUND
            ring = [
                (rows[low][spin], low, spin),
                (rows[low][after], low, spin + 1),
                (rows[low + 1][after], low + 1, spin + 1),
                (rows[low + 1][spin], low + 1, spin),
            ]
            corners = [ring[0]] + [
                ring[i] for i in (1, 2, 3) if ring[i][0] != ring[i - 1][0] and ring[i][0] != ring[0][0]
            ]
            if len(corners) < 3:
                continue
            faces.append([corner[0] for corner in corners])
            face_uvs.append(
                [_uv(angles[row], spin_index) for _, row, spin_index in corners] + [(0.0, 0.0)] * (4 - len(corners))
            )
            face_materials.append(material)
    return np.concatenate(vertices), pad_faces(faces), np.array(face_uvs), np.array(face_materials)


def _uv(angle: float, spin_index: int) -> tuple[float, float]:
    """Azimuthal equidistant: the front of the eye is the middle of the picture."""
    distance = min(angle / PAINTED_ANGLE, 1.0) * 0.5
    spin = spin_index * 2 * np.pi / AROUND
    return 0.5 + distance * np.cos(spin), 0.5 + distance * np.sin(spin)


def _turns(vertices: Floats, centre: Floats, side: str) -> dict[str, Floats]:
    outward = 1.0 if side == "Left" else -1.0  # the subject's left is +x
    turns = {
        "LookUp": _rotation_x(-TURN_DEGREES["LookUp"]),
        "LookDown": _rotation_x(TURN_DEGREES["LookDown"]),
        "LookOut": _rotation_z(outward * TURN_DEGREES["LookOut"]),
        "LookIn": _rotation_z(-outward * TURN_DEGREES["LookIn"]),
    }
    around = vertices - centre
    return {f"eye{look}{side}": around @ turn.T - around for look, turn in turns.items()}


def _rotation_x(degrees: float) -> Floats:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


def _rotation_z(degrees: float) -> Floats:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
