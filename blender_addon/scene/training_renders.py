"""Renders a bound head in the poses and views of a shot list, with the numbers of each picture beside it."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ..core.channels import ANGLES, SHAPES
from ..core.errors import CharacterError, InputError
from ..core.face_points import FACE_POINTS_NAME, FacePoints
from ..core.pose import Pose
from ..core.training import MANIFEST_NAME, Example, Shot, read_examples, read_shots, write_lines
from .character import Character
from .preview import Preview
from .training_points import TrackedPoints, choosing_points
from .training_stage import Stage, without_animation

DEFAULT_SIZE_PX = 192
DEFAULT_SAMPLES = 4
_SAME = 1e-3
"""Numbers that differ by less are the same; files hold fewer digits."""


Made = float | Example
"""What a step has come to: the share of the channels that the points are chosen by, or a picture."""


@dataclass(frozen=True)
class TrainingOrder:
    """What is asked for. A picture that the folder's manifest already tells of is not made again."""

    shots: tuple[Shot, ...]
    folder: Path
    size_px: int = DEFAULT_SIZE_PX
    samples: int = DEFAULT_SAMPLES

    @classmethod
    def read(cls, plan: Path, folder: Path, *, size_px: int, samples: int) -> Self:
        """Raise InputError for a file that is no shot list."""
        try:
            shots = read_shots(plan.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as fault:
            raise InputError(
                f"{plan.name} can't be read: {_reason(fault)}.", "Make it anew with Plan Shots."
            ) from fault
        return cls(tuple(shots), folder, size_px, samples)


class TrainingRenders:
    """Renders an order shot by shot; a context manager, since it takes the head off its Actions meanwhile."""

    def __init__(self, character: Character, order: TrainingOrder) -> None:
        self._character = character
        self._order = order
        self._manifest = order.folder / MANIFEST_NAME
        self._channels = _shown_channels(character)

    def __enter__(self) -> Self:
        with self._told_if_unwritable():
            self._order.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as opened:
            opened.enter_context(without_animation(self._character))
            self._preview = opened.enter_context(Preview(self._character))
            self._stage = Stage(self._character, size_px=self._order.size_px, samples=self._order.samples)
            opened.callback(self._stage.close)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def remaining(self) -> Sequence[Shot]:
        """The shots that are not in the folder yet; raise InputError where its pictures are those of another list."""
        made = {example.image: example for example in _examples(self._manifest)}
        for shot in self._order.shots:
            example = made.get(shot.image)
            if example and not np.allclose(example.pose.values, self._truth(shot).values, atol=_SAME):
                raise InputError("The pictures in the folder are those of another list.", "Choose an empty folder.")
        return [shot for shot in self._order.shots if shot.image not in made]

    def render(self) -> Generator[Made, None, None]:
        """Step by step: the points of the face are chosen, then each picture is rendered and told in the manifest.

        An interrupted order can be gone on with. Raises InputError where the folder's pictures show another head, and
        CharacterError where the head shows nothing to learn or was undone meanwhile.
        """
        points = yield from self._choosing()
        self._tell_points(points.face)
        for shot in self.remaining():
            self._check_head()
            self._check_folder()
            with self._told_if_unwritable():
                example = self._render(shot, points)
                with self._manifest.open("a", encoding="utf-8") as manifest:
                    manifest.write(write_lines([example]))
            yield example

    def _choosing(self) -> Generator[float, None, TrackedPoints]:
        steps = choosing_points(self._character, self._stage, self._preview)
        while True:
            self._check_head()
            try:
                share = next(steps)
            except StopIteration as over:
                points: TrackedPoints = over.value
                return points
            yield share

    def _check_folder(self) -> None:
        if not (self._order.folder / FACE_POINTS_NAME).is_file():
            raise InputError(
                f"{self._order.folder} was moved or emptied meanwhile.", "Render the pictures again, into a new folder."
            )

    @contextmanager
    def _told_if_unwritable(self) -> Iterator[None]:
        """Blender says RuntimeError where it can't write a picture."""
        try:
            yield
        except (OSError, RuntimeError) as fault:
            reason = getattr(fault, "strerror", None) or "a picture could not be saved"
            raise InputError(
                f"Nothing can be written to {self._order.folder}: {reason}.",
                "Make room there, or choose another folder; the same order goes on where it stopped.",
            ) from fault

    def _check_head(self) -> None:
        if not self._preview.is_running:
            raise CharacterError("The scene was undone meanwhile.", "Run it again: it goes on from there.")

    def _render(self, shot: Shot, points: TrackedPoints) -> Example:
        pose = self._shown(shot.pose)
        self._preview.show(pose)
        box = self._stage.set(shot.view, pose)
        landmarks = tuple((float(across), float(down)) for across, down in points.in_picture(self._stage))
        self._stage.render(str(self._order.folder / shot.image))
        return Example.of(shot.image, self._truth(shot), self._character.name, box, landmarks)

    def _tell_points(self, points: FacePoints) -> None:
        """Write what the landmarks are; raise InputError where the folder's pictures have others."""
        file = self._order.folder / FACE_POINTS_NAME
        if _examples(self._manifest):
            if not file.exists():
                raise InputError("The pictures in the folder tell no points of the face.", "Choose an empty folder.")
            if not _same(FacePoints.from_text(_text(file)), points):
                raise InputError("The pictures in the folder show another head.", "Choose an empty folder.")
        else:
            with self._told_if_unwritable():
                file.write_text(points.to_text(), encoding="utf-8")

    def _truth(self, shot: Shot) -> Pose:
        """What the picture of a shot shows, as its camera sees it."""
        return shot.view.seen(self._shown(shot.pose))

    def _shown(self, pose: Pose) -> Pose:
        """What of a pose this head can show; the numbers of the picture are those of what is in it."""
        return Pose.from_mapping({name: pose[name] for name in self._channels})


def _shown_channels(character: Character) -> tuple[str, ...]:
    turned = tuple(character.turns)
    return (
        *(name for name in SHAPES if name in character.bound),
        *(name for name in ANGLES if name.startswith(turned)),
    )


def _examples(manifest: Path) -> list[Example]:
    text = _text(manifest) if manifest.exists() else ""
    return read_examples(text) if text.strip() else []


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{file} can't be read: {_reason(fault)}.", "Choose an empty folder.") from fault


def _reason(fault: OSError | UnicodeDecodeError) -> str:
    return getattr(fault, "strerror", None) or "it is no text"


def _same(one: FacePoints, other: FacePoints) -> bool:
    """Whether they are the same points of the same head; another Blender differs in the last digits."""
    return (one.names, one.channels) == (other.names, other.channels) and np.allclose(
        one.moves, other.moves, atol=_SAME
    )
