"""Which points of a bound head a student learns to find, and where they are in each picture of it.

Any head will do: every channel is shown by itself, and of the vertices that are seen then, those are chosen that move
most and most differently, and that are far apart.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..core.channels import ANGLES, SHAPES
from ..core.errors import CharacterError
from ..core.face_points import FacePoints
from ..core.pose import Pose
from ..core.rotation import Facing, head_rotation
from .character import Character
from .preview import Preview
from .training_stage import Stage

POINT_COUNT: Final = 128
_OF_EACH_PART: Final = 8
"""The fewest of each mesh that has so many; without them an eye would have two, since all its points move alike."""
_APART: Final = 0.35
"""How much being apart at rest counts beside moving differently."""
_ASIDE: Final = 0.08
"""How far from what the shapes move a point may lie, in extents: the outline and the ears, not the neck."""
_EYE_TURN: Final = 0.3  # radians
_HEAD_TURN: Final = 0.3  # radians
_HEAD_TURNED: Final = Pose.from_mapping({name: _HEAD_TURN for name in ANGLES if name.startswith("head")})
_STIFF: Final = 0.005
"""How far a point may stay behind the head when it is turned so far, in extents; the neck's do, more and more."""
_NEAR: Final = 0.02
"""What a ray meets so little before a point, in extents, does not hide it: a cornea, a lash."""
_WORTH_A_LOOK: Final = 0.005
"""A point that a channel moves less, in extents, does not come into sight by it."""

_ROUNDING: Final = 1 - 1e-9
"""By this a distance may be told too large."""

Points = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class TrackedPoints:
    """The chosen points: of each mesh the vertices, and together what a student is told of them."""

    vertices: tuple[tuple[Any, Places], ...]
    face: FacePoints

    def in_picture(self, stage: Stage) -> Points:
        """Where they are in the picture that the stage is set for, in pixels, shape (K, 2)."""
        meshes = (mesh for mesh, _ in self.vertices)
        evaluated = _evaluated(stage, meshes)
        chosen = [points[places] for points, (_, places) in zip(evaluated, self.vertices, strict=True)]
        return stage.projected(np.concatenate(chosen))


def choosing_points(
    character: Character, stage: Stage, preview: Preview, count: int = POINT_COUNT
) -> Generator[float, None, TrackedPoints]:
    """Choose them; shows every channel once, and yields before each of them which share of them is over.

    Raises CharacterError where too few move in sight.
    """
    survey = _Survey(character, stage, preview)
    channels = tuple(_shown_one_by_one(character))
    for done, (channel, amount) in enumerate(channels):
        yield done / len(channels)
        survey.show(channel, amount)
    preview.show(Pose.neutral())
    return survey.chosen(count)


class _Survey:
    """Which vertices of the head have come into sight, and how each channel that was shown moves them."""

    def __init__(self, character: Character, stage: Stage, preview: Preview) -> None:
        self._name, self._stage, self._preview = character.name, stage, preview
        self._meshes = _with_own_vertices(character, stage)
        self._rest = self._places(Pose.neutral())
        self._candidates = _within_face(stage, self._rest)
        if "head" in character.turns:
            self._candidates &= _follow_head(self._rest, self._places(_HEAD_TURNED))
            preview.show(Pose.neutral())
        self._seen = self._candidates & _seen(stage, self._rest, self._candidates)
        self._channels: list[str] = []
        self._moves: list[Points] = []

    def show(self, channel: str, amount: float) -> None:
        """Show one channel by itself."""
        now = self._places(Pose.from_mapping({channel: amount}))
        distance = np.linalg.norm(now - self._rest, axis=1)
        self._seen |= _seen(self._stage, now, self._candidates & ~self._seen & (distance > _WORTH_A_LOOK))
        if distance.any():
            self._channels.append(channel)
            self._moves.append((now - self._rest) / amount)

    def chosen(self, count: int) -> TrackedPoints:
        """So many of those that came into sight; raise CharacterError where there are none."""
        if not self._moves or not self._seen.any():
            raise CharacterError(f"No point of {self._name} moves in sight.", "Bind a head whose shape keys act.")
        sizes = [len(mesh.data.vertices) for mesh in self._meshes]
        part = np.repeat(np.arange(len(sizes)), sizes)
        moves = np.stack(self._moves)
        chosen = _chosen(self._rest, moves, np.flatnonzero(self._seen), part, count)
        starts = np.cumsum([0, *sizes])
        vertices = tuple(
            (mesh, chosen[part[chosen] == place] - starts[place])
            for place, mesh in enumerate(self._meshes)
            if (part[chosen] == place).any()
        )
        names = tuple(f"{mesh.name} {vertex}" for mesh, places in vertices for vertex in places)
        rest, moved = self._rest[chosen].astype(np.float32), moves[:, chosen].astype(np.float32)
        return TrackedPoints(vertices, FacePoints(names, rest, tuple(self._channels), moved))

    def _places(self, pose: Pose) -> Points:
        """Where all vertices are in a pose, in the axes of the face."""
        self._preview.show(pose)
        return _to_face(self._stage, np.concatenate(_evaluated(self._stage, self._meshes)))


def _shown_one_by_one(character: Character) -> Iterator[tuple[str, float]]:
    """Each channel that moves more than the whole head, and by how much it is shown."""
    yield from ((name, 1.0) for name in SHAPES if any(target.channel == name for target in character.shapes))
    eyes = tuple(turns for turns in character.turns if turns.endswith("Eye"))
    yield from ((name, _EYE_TURN) for name in ANGLES if name.startswith(eyes))


def _with_own_vertices(character: Character, stage: Stage) -> list[Any]:
    """The meshes and eyes of the head whose modifiers leave its own vertices where they are, before any they add."""
    turned = (target.thing for turns, target in character.turns.items() if turns.endswith("Eye"))
    parts = dict.fromkeys((*character.meshes, *turned, *character.parts))
    meshes = [thing for thing in parts if thing.type == "MESH" and thing.name in stage.scene.objects]
    evaluated = _evaluated(stage, meshes, cut=False)
    return [mesh for mesh, points in zip(meshes, evaluated, strict=True) if len(points) >= len(mesh.data.vertices)]


def _evaluated(stage: Stage, meshes: Iterable[Any], *, cut: bool = True) -> list[Points]:
    """The vertices of each mesh in the world, as shapes, bones and modifiers bring them. cut: its own ones only."""
    depsgraph = stage.evaluated()
    places = []
    for mesh in meshes:
        thing = mesh.evaluated_get(depsgraph)
        flat = np.empty(len(thing.data.vertices) * 3, dtype=np.float32)
        thing.data.vertices.foreach_get("co", flat)
        own = flat.reshape(-1, 3)[: len(mesh.data.vertices) if cut else None].astype(np.float64)
        world = np.array(thing.matrix_world)
        places.append(own @ world[:3, :3].T + world[:3, 3])
    return places


def _axes(stage: Stage) -> Points:
    facing = stage.face.facing
    return np.column_stack([facing.left, facing.up, facing.forward])


def _to_face(stage: Stage, world: Points) -> Points:
    return np.asarray((world - stage.face.pivot) @ _axes(stage) / stage.face.extent)


def _within_face(stage: Stage, rest: Points) -> NDArray[np.bool_]:
    """Those beside and before what the shapes move, not far around it."""
    moved = _to_face(stage, stage.face.points)
    inside = (rest > moved.min(axis=0) - _ASIDE) & (rest < moved.max(axis=0) + _ASIDE)
    return np.asarray(inside.all(axis=1))


def _follow_head(rest: Points, turned: Points) -> NDArray[np.bool_]:
    """Those that turn with the head as one piece."""
    own_axes = Facing(forward=(0, 0, 1), up=(0, 1, 0))
    stiff = rest @ head_rotation(_HEAD_TURN, _HEAD_TURN, _HEAD_TURN, own_axes).T
    return np.asarray(np.linalg.norm(turned - stiff, axis=1) < _STIFF)


def _seen(stage: Stage, places: Points, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of those asked for nothing hides from a viewer far in front, shape (V,)."""
    seen = np.zeros(len(places), dtype=bool)
    asked_places = np.flatnonzero(asked)
    if not len(asked_places):
        return seen
    depsgraph, cast = stage.evaluated(), stage.scene.ray_cast
    forward, extent = stage.face.facing.forward, stage.face.extent
    world = places[asked_places] @ (_axes(stage).T * extent) + stage.face.pivot
    starts = (world + 10 * extent * forward).tolist()  # Blender takes plain numbers much faster than arrays
    direction, distance = (-forward).tolist(), (10 - _NEAR) * extent
    seen[asked_places] = [not cast(depsgraph, start, direction, distance=distance)[0] for start in starts]
    return seen


def _chosen(rest: Points, moves: Points, seen: Places, part: Places, count: int) -> Places:
    """By the farthest point first, at last in the order of the vertices; of each part some."""
    features = np.concatenate([moves[:, seen].transpose(1, 0, 2).reshape(len(seen), -1), _APART * rest[seen]], axis=1)
    chosen: list[int] = []
    for own in np.unique(part[seen]):
        here = np.flatnonzero(part[seen] == own)
        chosen += here[_farthest(features[here], [], min(_OF_EACH_PART, len(here)))].tolist()
    chosen = _farthest(features, chosen[:count], min(count, len(seen)))
    return np.sort(seen[chosen])


def _farthest(features: Points, chosen: Sequence[int], count: int) -> list[int]:
    """Add the one that is farthest from all that are chosen, until there are so many."""
    chosen = list(chosen) or [int(np.linalg.norm(features, axis=1).argmax())]
    nearest, closest = np.full(len(features), np.inf), np.zeros(len(features), dtype=np.intp)

    def measure_from(number: int) -> None:
        # By the triangle's inequality it can come nearer to those alone that are farther from their closest one than
        # half of the way from there; few are, after the first ones.
        centre = features[chosen[number]]
        ways = np.linalg.norm(features[chosen[:number]] - centre, axis=1)
        open_still = np.flatnonzero(2 * nearest >= ways[closest] * _ROUNDING) if number else np.arange(len(features))
        apart = features[open_still] - centre
        np.square(apart, out=apart)  # in the one array: fresh ones of such a size take longer than the arithmetic
        distance = np.sqrt(apart.sum(axis=1))
        nearer = distance < nearest[open_still]
        nearest[open_still[nearer]], closest[open_still[nearer]] = distance[nearer], number

    for number in range(len(chosen)):
        measure_from(number)
    while len(chosen) < count:
        chosen.append(int(nearest.argmax()))
        measure_from(len(chosen) - 1)
    return chosen
