"""A manifest and its pictures on disk."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.errors import InputError
from blender_addon.core.face_points import FACE_POINTS_NAME, FacePoints
from blender_addon.core.training import MANIFEST_NAME, Example, read_examples, write_lines

from ..engines import RgbPicture
from ..pictures import decode_picture


@dataclass(frozen=True)
class Manifest:
    """Examples, and the folder that their pictures' paths begin at."""

    folder: Path
    examples: tuple[Example, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """path: of the manifest, or of its folder. Raise InputError where it is none, or a picture is missing."""
        file = path / MANIFEST_NAME if path.is_dir() else path
        try:
            examples = read_examples(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as fault:
            raise InputError(f"{file} can't be read: {fault}.", "Name a manifest or the folder of one.") from fault
        missing = next((one.image for one in examples if not (file.parent / one.image).is_file()), None)
        if missing is not None:
            raise InputError(f"The picture {missing} of {file.name} is missing.", "Render or write the set again.")
        return cls(file.parent, tuple(examples))

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the examples come from, each once."""
        return tuple(dict.fromkeys(example.source for example in self.examples))

    @property
    def digest(self) -> str:
        """Tells one set of examples from another (SHA-256)."""
        return hashlib.sha256(write_lines(self.examples).encode()).hexdigest()

    @property
    def knows_points(self) -> bool:
        """Whether every example tells where the points of the character's face are."""
        return (self.folder / FACE_POINTS_NAME).is_file() and not self.why_points_are_unused

    @property
    def why_points_are_unused(self) -> str:
        """A sentence, where some examples tell points but there is no use for them; else empty."""
        if not (self.folder / FACE_POINTS_NAME).is_file():
            if any(example.landmarks for example in self.examples):
                return f"The points in the pictures are not learnt from, since {FACE_POINTS_NAME} is missing."
            return ""
        count = len(self.face_points().names)
        lacking = [example for example in self.examples if len(example.landmarks) != count]
        if not lacking:
            return ""
        return (
            f"The points in the pictures are not learnt from, since {len(lacking)} of {len(self.examples)} lines, such "
            f"as that of {lacking[0].image}, do not tell all {count} of them."
        )

    def face_points(self) -> FacePoints:
        """The points that the examples tell of; raise InputError where they can't be read."""
        file = self.folder / FACE_POINTS_NAME
        try:
            return FacePoints.from_text(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, RecursionError) as fault:  # RecursionError: nested too deep
            raise InputError(f"{file} can't be read: {fault}.", "Render the training set again.") from fault

    def values(self) -> NDArray[np.float32]:
        """The truth, shape (N, 61)."""
        return np.stack([example.pose.values for example in self.examples])

    def picture(self, example: Example) -> RgbPicture:
        """Its pixels; raise InputError, which names the file, where it is no picture."""
        try:
            return decode_picture((self.folder / example.image).read_bytes())
        except InputError as fault:
            raise type(fault)(f"{example.image}: {fault.message}", fault.hint) from fault
        except OSError as fault:
            raise InputError(
                f"The picture {example.image} can't be read: {fault.strerror}.", "Render or write the set again."
            ) from fault

    def split(self, held_out: float, seed: int = 0) -> tuple["Manifest", "Manifest"]:
        """Examples to learn from and to be tested on, at random."""
        order = np.random.default_rng(seed).permutation(len(self.examples))
        count = max(1, round(held_out * len(order)))
        return self._of(sorted(order[count:])), self._of(sorted(order[:count]))

    def _of(self, places: Sequence[int]) -> "Manifest":
        return Manifest(self.folder, tuple(self.examples[place] for place in places))
