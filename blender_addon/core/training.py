"""Pictures to learn from: what to show and film (`Shot`), and what came of it (`Example`); both as JSON Lines.

A shot list is made by the backend (`distill plan`), rendered in Blender, and comes back as a manifest: a folder of
pictures beside `manifest.jsonl`, one example a line. Recordings and folders of pictures give manifests too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, Self, TypeVar

from .errors import InputError
from .narrowing import as_list, as_mapping, as_number, as_text
from .pose import Pose
from .rotation import head_angles, head_rotation
from .semantics.description import Description
from .semantics.reader import describe

MANIFEST_NAME: Final = "manifest.jsonl"
_FARTHEST: Final = 1e6
"""Pixels, or a channel's amount: no picture is as large, and what is computed from more is not finite."""
_LONGEST_NAME: Final = 255
_LONGEST_PATH: Final = 1024
"""Bytes: the most that every common file system takes, and macOS of a path."""

Colour = tuple[float, float, float]
"""Linear RGB."""
Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""
Landmarks = tuple[tuple[float, float], ...]
"""Pixels from the upper left."""


@dataclass(frozen=True)
class Light:
    """A distant light. azimuth, elevation: radians, from the character's front to its left, and upwards."""

    azimuth: float
    elevation: float
    strength: float
    colour: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class View:
    """How a face is filmed.

    yaw, pitch, roll: radians; a head turned so at rest would look straight into the camera, upright in the picture.
    fill: how much of the picture's side the face takes. shift: of the face from the picture's middle, in pictures.
    backdrop: two colours that the background wavers between.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    lens_mm: float = 85.0
    fill: float = 0.6
    shift: tuple[float, float] = (0.0, 0.0)
    lights: tuple[Light, ...] = (Light(0.6, 0.5, 3.0), Light(-0.8, 0.2, 1.0))
    ambient: float = 0.4
    backdrop: tuple[Colour, Colour] = ((0.2, 0.2, 0.2), (0.3, 0.3, 0.3))

    def seen(self, pose: Pose) -> Pose:
        """The pose with the head's angles as the camera sees them, measured from the line from it to the face."""
        camera = head_rotation(self.yaw, self.pitch, self.roll)
        head = head_rotation(pose["headYaw"], pose["headPitch"], pose["headRoll"])
        yaw, pitch, roll = head_angles(camera.T @ head)
        return Pose.from_mapping({**pose.by_channel(), "headYaw": yaw, "headPitch": pitch, "headRoll": roll})


@dataclass(frozen=True)
class Shot:
    """One picture to be rendered: the file's name, the pose of the head, and how it is filmed."""

    image: str
    pose: Pose
    view: View = field(default_factory=View)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"image": self.image, "channels": _moved(self.pose), "view": asdict(self.view)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raise KeyError, TypeError or ValueError for anything but a shot."""
        return cls(
            _plain_name(_brief(as_text(data["image"]))), _pose(data["channels"]), _view(as_mapping(data["view"]))
        )


@dataclass(frozen=True)
class Example:
    """One picture whose truth is known.

    image: its path from the manifest's folder. pose: the head's angles are those that the camera sees.
    source: where it comes from, such as the character's name or the recording's file. box: of the face, where known.
    landmarks: where the points of the set's `FacePoints` are, hidden or not; empty where nobody knows.
    """

    image: str
    pose: Pose
    description: Description
    source: str
    box: Box | None = None
    landmarks: Landmarks = ()

    @classmethod
    def of(cls, image: str, pose: Pose, source: str, box: Box | None = None, landmarks: Landmarks = ()) -> Self:
        """Described by the vocabulary, with amounts, so that the words give the numbers back."""
        return cls(image, pose, describe(pose, numbers=True), source, box, landmarks)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        data = {
            "image": self.image,
            "channels": self.pose.as_mapping(),
            "description": self.description.to_json(),
            "source": self.source,
        }
        box = {} if self.box is None else {"box": [round(side, 2) for side in self.box]}
        landmarks = [[round(part, 2) for part in place] for place in self.landmarks]
        return {**data, **box, **({"landmarks": landmarks} if landmarks else {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raise KeyError, TypeError or ValueError for anything but an example."""
        box = data.get("box")
        return cls(
            _relative(_brief(as_text(data["image"]))),
            _pose(data["channels"]),
            Description.from_json(as_mapping(data["description"])),
            as_text(data["source"]),
            None if box is None else _box(box),
            tuple(_place(place) for place in as_list(data.get("landmarks", []))),
        )


_Record = TypeVar("_Record", Shot, Example)


def write_lines(records: Iterable[Shot | Example]) -> str:
    """A record a line."""
    return "".join(f"{json.dumps(record.to_json(), ensure_ascii=False)}\n" for record in records)


def read_shots(text: str) -> list[Shot]:
    """The shots of a list; raise InputError where a line is none."""
    return [_of_line(number, line, Shot) for number, line in _lines(text, "shot list")]


def read_examples(text: str) -> list[Example]:
    """The examples of a manifest; raise InputError where a line is none."""
    return [_of_line(number, line, Example) for number, line in _lines(text, "manifest")]


def _lines(text: str, noun: str) -> Iterator[tuple[int, str]]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise InputError(f"The {noun} has no lines.", "Make it again.")
    yield from lines


def _of_line(number: int, line: str, kind: type[_Record]) -> _Record:
    try:
        return kind.from_json(_written_whole(line))
    except (KeyError, TypeError, ValueError, RecursionError, InputError) as fault:  # RecursionError: nested too deep
        noun = kind.__name__.lower()
        raise InputError(f"Line {number} is no {noun}: {fault}.", "Make the file again, or remove the line.") from fault


def _written_whole(line: str) -> Mapping[str, Any]:
    """Its object; raise ValueError where a text holds half a letter, with which no file can be named or written."""
    data = as_mapping(json.loads(line))
    if "\\u" in line:
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as fault:
            raise ValueError(f"{fault.object[fault.start]!r} is half a letter") from fault
    return data


def _brief(path: str) -> str:
    """Raise ValueError for what is longer than a file system can name."""
    parts = path.encode().split(b"/")
    if len(path.encode()) > _LONGEST_PATH or max(map(len, parts)) > _LONGEST_NAME:
        raise ValueError(f"the picture '{path[:20]}...' has too long a name")
    return path


def _relative(path: str) -> str:
    """Raise ValueError for a path that leads out of the manifest's folder."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.name:
        raise ValueError(f"the picture {path!r} is not in the manifest's folder")
    return path


def _plain_name(name: str) -> str:
    if PurePosixPath(name).name != name or "\\" in name or not name:
        raise ValueError(f"{name!r} is not a plain file name")
    return name


def _moved(pose: Pose) -> dict[str, float]:
    return {name: value for name, value in pose.as_mapping().items() if value}


def _pose(channels: object) -> Pose:
    return Pose.from_mapping({name: _within_reach(value) for name, value in as_mapping(channels).items()})


def _place(data: object) -> tuple[float, float]:
    across, down = (_within_reach(part) for part in as_list(data))
    return across, down


def _box(data: object) -> Box:
    left, top, width, height = (_within_reach(side) for side in as_list(data))
    if width <= 0 or height <= 0:
        raise ValueError(f"a box of {width:g} by {height:g} pixels holds no face")
    return left, top, width, height


def _within_reach(value: object) -> float:
    number = as_number(value)
    if abs(number) > _FARTHEST:
        raise ValueError(f"{number:g} is beyond {_FARTHEST:g}")
    return number


def _view(data: Mapping[str, Any]) -> View:
    across, up = (as_number(part) for part in as_list(data["shift"]))
    first, second = (_colour(colour) for colour in as_list(data["backdrop"]))
    plain = {name: as_number(data[name]) for name in ("yaw", "pitch", "roll", "lens_mm", "fill", "ambient")}
    lights = tuple(_light(as_mapping(light)) for light in as_list(data["lights"]))
    return View(**plain, shift=(across, up), lights=lights, backdrop=(first, second))


def _light(data: Mapping[str, Any]) -> Light:
    plain = {name: as_number(data[name]) for name in ("azimuth", "elevation", "strength")}
    return Light(**plain, colour=_colour(data["colour"]))


def _colour(data: object) -> Colour:
    red, green, blue = (as_number(part) for part in as_list(data))
    return red, green, blue
