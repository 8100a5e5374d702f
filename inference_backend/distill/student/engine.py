"""The engine for pictures of one character that no face model knows, once a student has learnt it."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from blender_addon.core.channels import SHAPES
from blender_addon.core.errors import EngineError, MienError
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description
from blender_addon.core.semantics.reader import describe
from blender_addon.core.semantics.sight import Sight
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

from ...engines import Cancelled, RgbPicture, never
from .card import StudentCard
from .place import PATH_SETTING, student_folder

if TYPE_CHECKING:
    from .reading import StudentReader

NAME: Final = "student"
HOW_TO_INSTALL: Final = (
    'In Blender, choose "Base, Language Models and Training" as Install in the preferences of Mien and install the '
    'backend; elsewhere: pip install "mien[student]".'
)
_HOW_TO_TRAIN: Final = (
    f"Render pictures of the character, and train one with `distill train-student`; {PATH_SETTING} names its folder."
)
_STRANGE: Final = 1.25
"""Times the unease of nearly all pictures kept from its teaching; noise and plain grey are at 1.4 and more."""
_DOUBT: Final = "The picture looks strange: it may not show the character that this student has learnt."


class StudentEngine:
    """Reads the one character that a student knows (`inference_backend.engines.ImageEngine`).

    The head's angles are those from the viewer, whatever frame is asked for: a student learns where a face looks in
    its own part of the picture, and nothing of the camera.
    """

    name = NAME
    is_quick = False  # to read; but torch takes long to load, and memory that only its users should give

    def __init__(self, folder: Path | None = None) -> None:
        """folder: of the student; by default the one that is found when it is first asked for."""
        self._folder = folder
        self._loaded: tuple[StudentCard, StudentReader] | None = None

    def status(self) -> EngineStatus:
        """What it has learnt, or how to teach one."""
        state, detail = self._state()
        return EngineStatus(NAME, ("image",), state, detail)

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,  # noqa: ARG002 - it looks for the one face that it knows
        head_frame: HeadFrame = HeadFrame.CAMERA,  # noqa: ARG002 - see above
        cancelled: Cancelled = never,  # noqa: ARG002 - it takes some milliseconds
    ) -> tuple[FaceEstimate, ...]:
        """Read the character. Every picture is taken to show it; where it hardly does, the words say so."""
        card, reader = self._ready()
        import torch  # only now: without it, there is a sentence to say

        from .lessons import fit

        square, scale, (left, top) = fit(picture)
        read = reader.read(torch.from_numpy(square).permute(2, 0, 1)[None])
        unease = float(read.unease[0]) / card.unease
        across, down, side = (float(part) for part in read.squares[0, :3])
        box = _box(((across - left) / scale, (down - top) / scale, side / scale), picture)
        pose = Pose.from_mapping(dict(zip(card.channels, read.values[0].tolist(), strict=True)))
        return (FaceEstimate(box, min(1.0, 1.0 / max(unease, 1e-6)), pose, _words(card, pose, unease)),)

    def unload(self) -> None:
        """Give the network's memory back."""
        self._loaded = None

    def _state(self) -> tuple[str, str]:
        if find_spec("torch") is None or find_spec("safetensors") is None:
            return "not installed", f"Reads one character, such as a cartoon's, once it has learnt it. {HOW_TO_INSTALL}"
        if self._loaded is not None:
            return "loaded", self._loaded[0].told
        folder = self._folder or student_folder()
        if folder is None:
            return "not installed", f"No student has been trained yet. {_HOW_TO_TRAIN}"
        try:
            return "ready", StudentCard.read(folder).told
        except MienError as fault:
            return "not installed", str(fault)

    def _ready(self) -> "tuple[StudentCard, StudentReader]":
        if self._loaded is None:
            state, detail = self._state()
            folder = self._folder or student_folder()
            if state == "not installed" or folder is None:
                raise EngineError("The student cannot be used.", detail)
            card = StudentCard.read(folder)
            self._loaded = card, _load(card, folder)
        return self._loaded


def _words(card: StudentCard, pose: Pose, unease: float) -> Description:
    unseen = [name for name in SHAPES if name not in card.channels]
    description = describe(pose, sight=Sight(unseen=unseen))
    if unease <= _STRANGE:
        return description
    return replace(description, uncertain=(_DOUBT, *description.uncertain))


def _load(card: StudentCard, folder: Path) -> "StudentReader":
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from .network import Student
    from .reading import StudentReader

    student = Student(card.side, card.points, len(card.channels))
    try:
        student.load_state_dict(load_file(folder / card.weights))
    except (OSError, SafetensorError, RuntimeError) as fault:
        raise EngineError(
            f"The weights of the student in {folder} are damaged or missing.", "Train it again."
        ) from fault
    means, spreads = torch.tensor(card.means), torch.tensor(card.spreads)
    return StudentReader(student, card.channels, means, spreads, mirror=card.mirror)


def _box(square: tuple[float, float, float], picture: RgbPicture) -> tuple[float, float, float, float]:
    across, down, side = square
    height, width = picture.shape[:2]
    corners = (across - side / 2, down - side / 2, across + side / 2, down + side / 2)
    left, top, right, bottom = np.clip(corners, 0, [width, height, width, height])
    return float(left), float(top), float(right - left), float(bottom - top)
