"""Faces followed from frame to frame: the last landmarks say where to look next, as in MediaPipe's VIDEO mode.

The detector works only where a face is lost, and now and then to notice who has come in. What it does in a frame
depends on the frame's number and the faces in sight, never on how long the following has run, so that a clip cut into
pieces gives what the whole gives.
"""

import math
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Final

import numpy as np

from ..video.frame import ClipFrame, View
from .detector import Detection, overlaps
from .landmarks import INPUT_SIDE, FaceLandmarks
from .lane import LOOK_SIDE, Lane, Look, middle
from .models import FaceModels
from .regions import Region, region_from_landmarks
from .sampling import sample_upright
from .search import find_faces

MOST_FOLLOWED: Final = 4
"""Faces at a time. The others cost as much as the one that is wanted, and are only there to keep it apart from them."""

# Frames between two looks with the detector: where a face is lost, and where all are in sight.
_SEARCH_EVERY: Final = 3
_NOTICE_EVERY: Final = 30
# Frames between two looks at what a lone face looks like: nobody else is there to be taken for it.
_LOOK_EVERY: Final = 15
# Frames between two thorough searches, with overlapping tiles, where no face is in sight. They cost some 60 ms.
_THOROUGH_EVERY: Final = 30
# A lost face is looked for often for so many seconds, and then as often as newcomers are.
_HOPEFUL_SECONDS: Final = 2.0
# Faces whose boxes overlap by more (intersection over union) are one face, followed twice.
_SAME_FACE: Final = 0.45
# More looks at a face that has just been found, each from where the last one saw it. The detector's box is less sure
# than landmarks are: without these, the first two frames read shapes six and three times as wrong as those that follow.
_LOOKS_AT_FOUND: Final = 2
# Pixels of the longer side of the picture that faces are searched in, and of a region that landmarks are read in.
_SEARCHED_SIDE: Final = 1280
_REGION_SIDE: Final = 4 * INPUT_SIDE


@dataclass(frozen=True, eq=False)
class Seen:
    """What a frame shows. faces: for each lane its face in this frame, None where it is out of sight."""

    index: int
    time: float
    faces: tuple[FaceLandmarks | None, ...]


class Follower:
    """Follows every face of a clip, a lane for each, in the order of their coming; together come the larger first."""

    def __init__(self, models: FaceModels) -> None:
        self._models = models
        self._lanes: list[Lane] = []
        self._fresh = True

    def see(self, frame: ClipFrame) -> Seen:
        """Follow the faces into the next frame."""
        self._follow(frame)
        if self._is_search_due(frame):
            self._search(frame)
        self._fresh = False
        faces = tuple(lane.face if lane.in_sight else None for lane in self._lanes)
        return Seen(frame.index, frame.time, faces)

    def _follow(self, frame: ClipFrame) -> None:
        followed = [lane for lane in self._lanes if lane.in_sight]
        alone = len(self._lanes) == 1
        for lane in followed:
            face, view = self._locate(frame, region_from_landmarks(lane.face.points, lane.face.box).on_grid())
            if face is None:
                lane.in_sight = False
            else:
                look = lane.look if alone and frame.index % _LOOK_EVERY else _look(face, view)
                lane.found(face, frame.time, look)
        self._part_merged(frame)

    def _part_merged(self, frame: ClipFrame) -> None:
        """Where two lanes have come to hold one face, leave it to the one that it looks more like."""
        for one, other in combinations([lane for lane in self._lanes if lane.in_sight], 2):
            if one.in_sight and other.in_sight and _overlap(one.face, other.face) > _SAME_FACE:
                view = frame.view(_bounds(one.face), most=_REGION_SIDE)
                look = _look(one.face, view)
                loser = max((one, other), key=lambda lane: lane.cost(lane.face, frame.time, look))
                loser.in_sight = False

    def _locate(self, frame: ClipFrame, region: Region) -> tuple[FaceLandmarks | None, View]:
        view = frame.view(region.bounds(), most=_REGION_SIDE)
        face = self._models.locate(view.pixels, _into(view, region))
        return (None if face is None else _out_of(view, face)), view

    def _is_search_due(self, frame: ClipFrame) -> bool:
        if self._fresh:
            return True
        lost = [lane for lane in self._lanes if not lane.in_sight]
        hopeful = any(frame.time - lane.seen < _HOPEFUL_SECONDS for lane in lost)
        nobody = len(lost) == len(self._lanes)
        return frame.index % (_SEARCH_EVERY if nobody or hopeful else _NOTICE_EVERY) == 0

    def _search(self, frame: ClipFrame) -> None:
        """Look over the whole picture, give lost lanes their faces back, and take newcomers in."""
        view = frame.view(most=_SEARCHED_SIDE)
        nobody = not any(lane.in_sight for lane in self._lanes)
        if nobody and (self._fresh or frame.index % _THOROUGH_EVERY == 0):
            found = find_faces(self._models, view.pixels, wanted=MOST_FOLLOWED)
            faces = [_out_of(view, face) for face in found]
        else:
            faces = self._newly_detected(view)
        faces = [self._settled(frame, face) for face in faces]
        looks = [_look(face, view) for face in faces]
        taken = self._revive(faces, looks, frame.time)
        for number, (face, look) in enumerate(zip(faces, looks, strict=True)):
            if number not in taken and len(self._lanes) < MOST_FOLLOWED:
                self._lanes.append(Lane(face, frame.time, look))

    def _settled(self, frame: ClipFrame, face: FaceLandmarks) -> FaceLandmarks:
        """A face that has just been found, seen as the next frames will see it."""
        for _ in range(_LOOKS_AT_FOUND):
            again, _view = self._locate(frame, region_from_landmarks(face.points, face.box).on_grid())
            if again is None:
                break
            face = again
        return face

    def _newly_detected(self, view: View) -> list[FaceLandmarks]:
        """Faces that no lane in sight holds, largest first."""
        candidates = sorted(self._models.detector.detect(view.pixels), key=lambda face: face.area, reverse=True)
        faces: list[FaceLandmarks] = []
        for candidate in candidates[: 2 * MOST_FOLLOWED]:
            if self._is_held(candidate, view):
                continue
            face = self._models.locate(view.pixels, candidate.region())
            if face is not None:
                placed = _out_of(view, face)
                held = [*faces, *(lane.face for lane in self._lanes if lane.in_sight)]
                if all(_overlap(placed, other) <= _SAME_FACE for other in held):
                    faces.append(placed)
        return faces

    def _is_held(self, candidate: Detection, view: View) -> bool:
        """Whether the middle of a face in sight lies in the candidate's box; spares the landmark model a look."""
        low, high = _point_out_of(view, candidate.box[:2]), _point_out_of(view, candidate.box[2:])
        size = high - low
        for lane in self._lanes:
            if lane.in_sight:
                inside = np.abs(middle(lane.face.box) - (low + high) / 2) < size / 4
                if inside.all():
                    return True
        return False

    def _revive(self, faces: list[FaceLandmarks], looks: list[Look], time: float) -> set[int]:
        """Give faces to the lost lanes that they fit best, the best fit first; which of the faces were taken."""
        taken: set[int] = set()
        lost = [lane for lane in self._lanes if not lane.in_sight]
        pairs = [
            (lane.cost(faces[number], time, looks[number]), number, place)
            for number, (place, lane) in product(range(len(faces)), enumerate(lost))
        ]
        for cost, number, place in sorted(pairs):
            # The only face there is, with no other ever seen: it is the same person, wherever it comes in again.
            certain = len(self._lanes) == 1 and len(faces) == 1
            if number not in taken and not lost[place].in_sight and (math.isfinite(cost) or certain):
                lost[place].found(faces[number], time, looks[number])
                taken.add(number)
        return taken


def _overlap(one: FaceLandmarks, other: FaceLandmarks) -> float:
    return float(overlaps(one.box, other.box[np.newaxis])[0])


def _bounds(face: FaceLandmarks) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(edge) for edge in face.box)
    return left, top, right, bottom


def _look(face: FaceLandmarks, view: View) -> Look:
    """A thumbnail of the face's box."""
    low, high = face.box[:2], face.box[2:]
    corner, far = _point_into(view, low), _point_into(view, high)
    side = float((far - corner).max())
    x, y = (float(value) for value in (corner + far) / 2)
    pixels = sample_upright(view.pixels, Region(x, y, side, side, 0.0), 2 * LOOK_SIDE)
    look: Look = pixels.reshape(LOOK_SIDE, 2, LOOK_SIDE, 2, 3).mean(axis=(1, 3), dtype=np.float32)
    return look


def _into(view: View, region: Region) -> Region:
    """A region of the upright picture in the view's pixels. The view's scales agree but for rounding."""
    scale = (view.scale_x + view.scale_y) / 2
    return Region(
        (region.center_x - view.left + 0.5) * view.scale_x - 0.5,
        (region.center_y - view.top + 0.5) * view.scale_y - 0.5,
        region.width * scale,
        region.height * scale,
        region.rotation,
    )


def _out_of(view: View, face: FaceLandmarks) -> FaceLandmarks:
    """Landmarks in the view's pixels in those of the upright picture."""
    if view.scale_x == view.scale_y == 1:
        return replace(face, points=face.points + np.array([view.left, view.top, 0], np.float32))
    stretch = np.array([1 / view.scale_x, 1 / view.scale_y, 1 / view.scale_x])
    points = face.points * stretch
    points[:, :2] += stretch[:2] / 2 - 0.5 + (view.left, view.top)
    return replace(face, points=points.astype(np.float32))


def _point_into(view: View, point: np.ndarray) -> np.ndarray:
    scale = np.array([view.scale_x, view.scale_y])
    moved: np.ndarray = (point - (view.left, view.top) + 0.5) * scale - 0.5
    return moved


def _point_out_of(view: View, point: np.ndarray) -> np.ndarray:
    scale = np.array([view.scale_x, view.scale_y])
    moved: np.ndarray = (point + 0.5) / scale - 0.5 + (view.left, view.top)
    return moved
