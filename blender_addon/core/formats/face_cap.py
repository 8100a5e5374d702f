"""Face Cap TXT: the recordings of the iOS app Face Cap (bannaflak.com/face-cap).

    info,...                                   what recorded it, in words
    bs,browInnerUp,browDown_L,browDown_R,...   the names of the weights
    k,0,x,y,z,rx,ry,rz,lx,ly,ex,ey,0.12,...    a frame: milliseconds, head position, head angles, left eye, right
                                               eye, then a weight (0..1) for each name

The columns are those that public importers read (T. Larsson's DAZ importer and MHX, Faceit). Head and eye angles are
degrees about x, y and z with y up and the face along z, in Unity's order, in which yaw is outermost as it is here: a
positive x looks down, a positive y turns to the subject's own left, a positive z leans to the own right. The app's page
on live mode warns that axes may have to be mirrored; `convention` is for that. The head's position has no channel.

Importers disagree which of an eye's two angles comes first. It is taken from the recording itself: the one that follows
its eyeLookUp and eyeLookDown is the pitch.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNEL_COUNT, INDEX
from ..track import FaceTrack
from .file_text import FormatError, number_in
from .imported import Imported
from .model_reply import listed
from .pose_convention import PoseConvention
from .row_times import spread
from .shape_names import channel_named

CONVENTION: Final = PoseConvention("degrees", head_pitch_up=False, eye_pitch_up=False, head_roll_left=False)

_BEFORE_WEIGHTS: Final = 12
_HEAD: Final = {"headPitch": 5, "headYaw": 6, "headRoll": 7}
_EYES: Final = {"left": 8, "right": 10}
_MOST_MILLISECONDS: Final = 86_400_000
_WHOLE_TURN: Final = 360.0


def is_face_cap(text: str) -> bool:
    """Whether one of the first lines names weights."""
    return any(line.startswith("bs,") for line in text.lstrip()[:20_000].split("\n")[:20])


def read_face_cap(text: str, *, convention: PoseConvention = CONVENTION) -> Imported:
    """A track from its first frame on; raise FormatError where it is none."""
    lines = [line.strip() for line in text.split("\n")]
    names = next((_cells(line)[1:] for line in lines if line.startswith("bs,")), None)
    if names is None:
        raise FormatError("no line in it names the shapes (bs,...)")
    words = "\n".join(", ".join(_cells(line)[1:]) for line in lines if line.startswith("info,"))
    numbers, cut = _frames(lines, len(names), is_whole=text.endswith("\n"))
    times, moved = _times(numbers[:, 1])
    values, unknown = _values(numbers, names)
    notes = ["The position of the head was not read."] if np.ptp(numbers[:, 2:5], axis=0).any() else []
    if unknown:
        notes.append(f"Not read, because they are no ARKit shapes: {listed(unknown)}.")
    if cut:
        notes.append("Its last line is cut off and was left out.")
    if moved:
        notes.append(f"{moved:,} frames with the time of the one before stand evenly between.")
    track = FaceTrack(times, values * convention.factors, np.ones(len(times)))
    return Imported(track, tuple(notes), words, engine="Face Cap")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.rstrip(",").split(",")]


def _frames(lines: Sequence[str], weights: int, *, is_whole: bool) -> tuple[NDArray[np.float64], bool]:
    """The numbers of the `k` lines, the letter as 0; and whether the last one was cut off and left out."""
    found = [(number, _cells(line)) for number, line in enumerate(lines, start=1) if line.startswith("k,")]
    width = _BEFORE_WEIGHTS + weights
    cut = len(found) > 1 and len(found[-1][1]) < width and found[-1][0] == len(lines) and not is_whole
    rows = []
    for number, cells in found[:-1] if cut else found:
        if len(cells) != width:
            raise FormatError(f"line {number} has {len(cells)} cells instead of {width}")
        try:
            row = [0.0, float(cells[1]), *map(number_in, cells[2:])]
        except ValueError:
            raise FormatError(f"line {number} holds something that is no number") from None
        if not np.isfinite(row).all() or not 0 <= row[1] <= _MOST_MILLISECONDS:
            raise FormatError(f"line {number} holds something that is no number")
        rows.append(row)
    if not rows:
        raise FormatError("it holds no frames (k,...)")
    return np.array(rows), cut


def _times(milliseconds: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Seconds since the first frame; thousandths of the file's milliseconds are kept."""
    micros = np.round(milliseconds * 1000).astype(np.int64).tolist()
    elapsed, moved = spread([moment - micros[0] for moment in micros], step=33_333)
    return np.array(elapsed) / 1e6, moved


def _values(numbers: NDArray[np.float64], names: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
    """All 61 channels in the file's units, and the names that are no channel's."""
    found = [(place, channel) for place, name in enumerate(names) if (channel := channel_named(name)) is not None]
    if not found:
        raise FormatError(f"its shapes are not ARKit's ({listed(names)})")
    if len({channel for _, channel in found}) < len(found):
        raise FormatError("it has more than one column for a shape")
    values = np.zeros((len(numbers), CHANNEL_COUNT))
    for place, channel in found:
        values[:, INDEX[channel]] = numbers[:, _BEFORE_WEIGHTS + place]
    for angle, place in _HEAD.items():
        values[:, INDEX[angle]] = _around_zero(numbers[:, place])
    for side, place in _EYES.items():
        first, second = _around_zero(numbers[:, place]), _around_zero(numbers[:, place + 1])
        pitch, yaw = (first, second) if _follows(first, second, _lids(values, side)) else (second, first)
        values[:, INDEX[f"{side}EyePitch"]], values[:, INDEX[f"{side}EyeYaw"]] = pitch, yaw
    return values, [name for name in names if channel_named(name) is None]


def _around_zero(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angles that a writer counts from 0 to 360, from -180 to 180; others stay as they are."""
    turned = np.where(degrees > _WHOLE_TURN / 2, degrees - _WHOLE_TURN, degrees)
    return np.asarray(np.where(turned < -_WHOLE_TURN / 2, turned + _WHOLE_TURN, turned))


def _lids(values: NDArray[np.float64], side: str) -> NDArray[np.float64]:
    return values[:, INDEX[f"eyeLookUp{side.title()}"]] - values[:, INDEX[f"eyeLookDown{side.title()}"]]


def _follows(first: NDArray[np.float64], second: NDArray[np.float64], lids: NDArray[np.float64]) -> bool:
    """Whether the first angle goes with the lids at least as closely as the second, in either direction."""

    def closeness(angle: NDArray[np.float64]) -> float:
        spread_of = float(np.std(angle) * np.std(lids))
        return abs(float(np.mean((angle - angle.mean()) * (lids - lids.mean())))) / spread_of if spread_of > 0 else 0.0

    return closeness(first) >= closeness(second)
