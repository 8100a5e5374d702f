"""The example head is a whole person: all shapes, on the right side, with lids and lips that meet."""

from itertools import pairwise

import numpy as np
import pytest

from blender_addon.core.channels import SHAPES, other_side
from example_head.eyes import TURN_DEGREES, cornea_radius
from example_head.lids import lid_margin
from example_head.person import LID_MARGIN_RING, Person
from example_head.surface import NO_CORNER, Part, project_from_front, triangles_of

from .conftest import Head

PARTS = {"Face", "EyeLeft", "EyeRight", "TeethUpper", "TeethLower", "Tongue", "Lashes", "Brows", "Hair", "Shirt"}
MILLIMETRE = 0.001
MOUTH = np.array([0.0, -0.13, 0.61])  # metres, of the person before it is set on the floor


def signed_volume(part: Part) -> float:
    """Positive where the faces of a closed mesh look outwards."""
    total = 0.0
    middle = part.vertices.mean(axis=0)
    for face in part.faces:
        corners = part.vertices[face[face != NO_CORNER]] - middle
        for second, third in pairwise(corners[1:]):
            total += float(np.dot(corners[0], np.cross(second, third))) / 6
    return total


def test_it_has_every_part_of_a_head(head: Head) -> None:
    assert set(head.parts) == PARTS


def test_the_face_carries_all_52_shapes_and_each_moves_it(head: Head) -> None:
    face = head.parts["Face"]
    assert set(face.shapes) == set(SHAPES)
    for name, offsets in face.shapes.items():
        assert np.linalg.norm(offsets, axis=1).max() > MILLIMETRE, name
    assert np.linalg.norm(head.parts["Tongue"].shapes["tongueOut"], axis=1).max() > 20 * MILLIMETRE


@pytest.mark.parametrize(
    "shape", [name for name in SHAPES if name.endswith("Left") and name not in {"jawLeft", "mouthLeft"}]
)
def test_a_left_shape_moves_the_subjects_left_which_is_plus_x(head: Head, shape: str) -> None:
    face = head.parts["Face"]
    moved = {side: np.linalg.norm(face.shapes[name], axis=1) for side, name in (("l", shape), ("r", other_side(shape)))}
    x = face.vertices[:, 0]
    assert (moved["l"] * x).sum() > 0
    assert (moved["r"] * x).sum() < 0


def test_sideways_shapes_go_to_the_subjects_own_side(head: Head) -> None:
    face = head.parts["Face"]
    for name, sign in (("jawLeft", 1), ("mouthLeft", 1), ("jawRight", -1), ("mouthRight", -1)):
        assert sign * face.shapes[name][:, 0].sum() > 0


def test_it_stands_on_the_floor_faces_minus_y_and_is_of_human_size(head: Head) -> None:
    lowest = min(part.vertices[:, 2].min() for part in head.parts.values())
    assert lowest == pytest.approx(0, abs=1e-9)
    eyes = head.landmarks["eyes"]
    face = head.parts["Face"].vertices
    assert face[np.abs(face[:, 0]) < 0.01][:, 1].min() < eyes[1]  # the nose is in front of the eyes
    upper_half = face[:, 2].max() - eyes[2]
    assert 0.09 < upper_half < 0.13  # the eyes are half way down a head of 0.22 m


@pytest.mark.parametrize("part", ["EyeLeft", "EyeRight", "TeethUpper", "TeethLower", "Tongue"])
def test_closed_parts_face_outwards(head: Head, part: str) -> None:
    assert signed_volume(head.parts[part]) > 0


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_the_lids_are_open_at_rest_and_meet_in_a_blink(person: Person, side: str) -> None:
    upper, lower = lid_margin(person, side)
    blink = person.shapes[f"eyeBlink{side}"]
    assert widest_gap(person.vertices[upper], person.vertices[lower]) > 9 * MILLIMETRE
    assert widest_gap((person.vertices + blink)[upper], (person.vertices + blink)[lower]) < 0.5 * MILLIMETRE


def widest_gap(upper: np.ndarray, lower: np.ndarray) -> float:
    order = np.argsort(np.abs(lower[:, 0]))
    below = np.interp(np.abs(upper[:, 0]), np.abs(lower[order, 0]), lower[order, 2])
    return float(np.abs(upper[:, 2] - below).max())


@pytest.mark.parametrize("side", ["Left", "Right"])
@pytest.mark.parametrize(
    "shape", ["", "eyeBlink", "eyeLookDown", "eyeLookUp", "eyeLookIn", "eyeLookOut", "eyeSquint", "eyeWide"]
)
def test_the_eyeball_never_comes_through_the_lids(person: Person, side: str, shape: str) -> None:
    eye = person.eyes[side]
    levels = person.lid_levels[side]
    lids = np.flatnonzero((levels >= LID_MARGIN_RING) & (levels <= LID_MARGIN_RING + 10))
    offsets = person.shapes[f"{shape}{side}"][lids] if shape else 0.0
    distance = np.linalg.norm(person.vertices[lids] + offsets - eye.centre, axis=1)
    assert (distance > eye.radius).all()


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_eyes_turn_about_their_own_centre_towards_what_the_shape_says(head: Head, person: Person, side: str) -> None:
    part = head.parts[f"Eye{side}"]
    outward = 1.0 if side == "Left" else -1.0
    pupil = part.faces[part.face_materials == 2]
    middle = np.unique(pupil[pupil != NO_CORNER])
    wanted = {"LookUp": (2, 1), "LookDown": (2, -1), "LookOut": (0, outward), "LookIn": (0, -outward)}
    for look, (axis, sign) in wanted.items():
        offsets = part.shapes[f"eye{look}{side}"]
        assert sign * offsets[middle, axis].mean() > 3 * MILLIMETRE
        before = part.vertices - part.vertices.mean(axis=0)
        after = before + offsets - offsets.mean(axis=0)
        assert np.linalg.norm(after, axis=1) == pytest.approx(np.linalg.norm(before, axis=1), abs=1e-9)
    assert set(part.shapes) == {f"eye{look}{side}" for look in TURN_DEGREES}
    assert cornea_radius(np.array([0.0]), person.eyes[side].radius)[0] > person.eyes[side].radius


def test_the_lips_are_closed_at_rest_and_part_when_the_jaw_opens(head: Head) -> None:
    face = head.parts["Face"]
    jaw = face.shapes["jawOpen"][:, 2]
    lips = np.unique(face.faces[face.face_materials == 1])
    lips = lips[(lips != NO_CORNER) & (np.abs(face.vertices[lips, 0]) < 0.015)]
    upper, lower = lips[jaw[lips] > -0.012], lips[jaw[lips] <= -0.012]
    assert face.vertices[upper, 2].min() < face.vertices[lower, 2].max()
    opened = face.vertices[:, 2] + jaw
    assert opened[upper].min() - opened[lower].max() > 10 * MILLIMETRE
    closed_again = opened + face.shapes["mouthClose"][:, 2]
    assert closed_again[upper].min() - closed_again[lower].max() < 3 * MILLIMETRE


def test_nobody_sees_between_closed_lips_up_to_their_corners(person: Person) -> None:
    mouth = person.mesh.quads[person.mesh.groups["body"]]
    mouth = mouth[(np.linalg.norm(person.vertices[mouth].mean(axis=1) - MOUTH, axis=1) < 60 * MILLIMETRE)]
    across, up = np.meshgrid(np.linspace(-22, 22, 45), np.arange(-4, 4, 0.25), indexing="ij")
    seen = np.stack([MOUTH[0] + across.ravel() * MILLIMETRE, MOUTH[2] + up.ravel() * MILLIMETRE], axis=1)
    depth = project_from_front(seen, person.vertices, triangles_of(mouth)).at(person.vertices)[:, 1].reshape(up.shape)
    assert (depth - np.median(depth, axis=1, keepdims=True)).max() < 5 * MILLIMETRE


def test_lower_teeth_and_tongue_follow_the_jaw_and_upper_teeth_stay(head: Head) -> None:
    for part in ("TeethLower", "Tongue"):
        assert head.parts[part].shapes["jawOpen"][:, 2].mean() < -5 * MILLIMETRE
        assert head.parts[part].shapes["jawLeft"][:, 0].mean() > MILLIMETRE
    assert not head.parts["TeethUpper"].shapes


def test_lashes_follow_the_lids_and_brows_the_forehead(head: Head) -> None:
    lashes, brows = head.parts["Lashes"], head.parts["Brows"]
    assert lashes.shapes["eyeBlinkLeft"][:, 2].min() < -8 * MILLIMETRE
    assert brows.shapes["browInnerUp"][:, 2].max() > 3 * MILLIMETRE
    assert brows.shapes["browDownLeft"][:, 2].min() < -3 * MILLIMETRE


@pytest.mark.parametrize(("side", "outward"), [("Left", 1), ("Right", -1)])
def test_lowered_brows_are_drawn_together_at_their_inner_ends(head: Head, side: str, outward: int) -> None:
    brows = head.parts["Brows"]
    across, moved = outward * brows.vertices[:, 0], brows.shapes[f"browDown{side}"]
    inner, outer = across > 0, across > 0
    inner &= across < np.quantile(across[across > 0], 0.15)
    outer &= across > np.quantile(across[across > 0], 0.6)
    assert moved[inner, 2].mean() < -5 * MILLIMETRE
    assert outward * moved[inner, 0].mean() < -2 * MILLIMETRE
    assert moved[outer, 2].mean() > 0.6 * moved[inner, 2].mean()


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_pressed_lips_do_not_smile(head: Head, side: str) -> None:
    face = head.parts["Face"]
    press, smile = face.shapes[f"mouthPress{side}"], face.shapes[f"mouthSmile{side}"]
    assert (press * smile).sum() < 0.15 * (smile**2).sum()
    assert np.linalg.norm(press, axis=1).max() > MILLIMETRE


def test_the_head_bone_holds_the_head_whole_and_leaves_the_neckline(head: Head) -> None:
    face = head.parts["Face"]
    eyes = head.landmarks["eyes"]
    above = face.vertices[:, 2] > eyes[2]
    assert face.weights["head"][above].min() > 0.97
    lowest = face.vertices[:, 2] < face.vertices[:, 2].min() + 0.02
    assert face.weights["head"][lowest].max() < 0.1
    for part in PARTS - {"Face", "Shirt"}:
        assert (head.parts[part].weights["head"] == 1).all()
