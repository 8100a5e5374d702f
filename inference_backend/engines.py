"""The engines: what turns a source into a raw result. Everyone's engine goes through this protocol."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import MienError
from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Performance
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame, PerformRequest

RgbPicture = NDArray[np.uint8]
"""An upright picture: uint8 of shape (height, width, 3), sRGB."""


EVERY_FRAME = TrackRequest()

Cancelled = Callable[[], bool]
"""Asked again and again while an engine works; true once nobody wants the result any more."""


def never() -> bool:
    """The `Cancelled` of work that is always wanted."""
    return False


class ImageEngine(Protocol):
    """Reads faces in a picture. Not thread-safe: the caller serialises `estimate`.

    is_quick: whether a picture takes it seconds at most. A server loads quick engines ahead of the first picture; it
        waits long for the others, and loads them when they are first asked.
    """

    name: str
    is_quick: bool

    def status(self) -> EngineStatus:
        """Say whether the engine can be used, without loading it."""

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,
        head_frame: HeadFrame = HeadFrame.CAMERA,
        cancelled: Cancelled = never,
    ) -> tuple[FaceEstimate, ...]:
        """Read at most `max_faces` faces, largest first; an empty tuple where there is none.

        Loads the model at the first call. cancelled: an engine that takes long ends soon after it is true.
        Raises EngineError where the engine cannot do its work, CancelledError where it was cancelled.
        """

    def unload(self) -> None:
        """Give the model's memory back; the next `estimate` loads it again."""


Faces = tuple[FaceEstimate, ...]


@runtime_checkable
class ManyPicturesEngine(Protocol):
    """An image engine that reads several pictures in less time than one by one. together: so many are worth giving."""

    together: int

    def estimate_all(
        self,
        pictures: Sequence[RgbPicture],
        *,
        max_faces: int,
        head_frame: HeadFrame = HeadFrame.CAMERA,
        cancelled: Cancelled = never,
    ) -> list[Faces | MienError]:
        """What `estimate` gives or raises for each picture, in their order.

        Raises what keeps all of them from being read.
        """


def estimate_each(
    engine: ImageEngine, pictures: Iterable[RgbPicture], *, max_faces: int, head_frame: HeadFrame
) -> Iterator[Faces | MienError]:
    """The faces of each picture, or why there are none, whichever kind the engine is; few pictures are held at once."""
    rest = iter(pictures)
    together = engine.together if isinstance(engine, ManyPicturesEngine) else 1
    while some := list(islice(rest, together)):
        try:
            if isinstance(engine, ManyPicturesEngine):
                yield from engine.estimate_all(some, max_faces=max_faces, head_frame=head_frame)
            else:
                yield engine.estimate(some[0], max_faces=max_faces, head_frame=head_frame)
        except MienError as fault:
            yield from [fault] * len(some)


def _face_model() -> ImageEngine:
    from .face.engine import FaceModelEngine

    return FaceModelEngine()


def _student() -> ImageEngine:
    from .distill.student.engine import StudentEngine

    return StudentEngine()


def _semanticface() -> ImageEngine:
    from .language.making import make_semanticface
    from .language.settings import LanguageSettings

    return make_semanticface(LanguageSettings.from_environ(os.environ))


IMAGE_ENGINES: Mapping[str, Callable[[], ImageEngine]] = {
    "face": _face_model,
    "student": _student,
    "semanticface": _semanticface,
}
"""The engines that read pictures, by name; the first one is the default."""


class ScriptEngine(Protocol):
    """Performs a script. Not thread-safe: the caller serialises `perform`."""

    name: str

    def status(self) -> EngineStatus:
        """Say whether the engine can be used, without loading it."""

    def perform(  # noqa: PLR0913 - one keyword for each field of a request
        self,
        script: str,
        *,
        background: str = "",
        emotion: str = "",
        plays: str = "",
        duration: float | None = None,
        seed: int = 0,
        life: bool = True,
        frames: FrameCount | None = None,
        cancelled: Cancelled = never,
    ) -> Performance:
        """Turn the script into described keyframes.

        background, emotion: the scene and its mood; they colour what the script leaves open.
        plays: whose acts and lines the face plays, as the script names them; everybody's where it is empty.
        duration: seconds of the whole, or None to let the script decide.
        seed: another one gives another variation of what is left to chance.
        life: add blinks and small shifts of the gaze.
        frames: how the scene counts the frames that the script may name; None where nobody knows.
        cancelled: an engine that takes long ends soon after it is true.
        Raises InputError for a script without words and for a name that is not in it, EngineError where the
        engine cannot do its work, CancelledError where it was cancelled.
        """

    def unload(self) -> None:
        """Give the model's memory back; the next `perform` loads it again."""


def performed(engine: ScriptEngine, request: PerformRequest, *, cancelled: Cancelled = never) -> Performance:
    """What the engine makes of the request."""
    return engine.perform(
        request.script,
        background=request.background,
        emotion=request.emotion,
        plays=request.plays,
        duration=request.duration,
        seed=request.seed,
        life=request.life,
        frames=request.frames,
        cancelled=cancelled,
    )


class ClipEngine(Protocol):
    """Follows one face through a clip. Not thread-safe: the caller serialises `track`."""

    name: str

    def status(self) -> EngineStatus:
        """Say whether the engine can be used, without loading it."""

    def track(
        self,
        clip: Path,
        request: TrackRequest = EVERY_FRAME,
        *,
        on_open: Callable[[ClipInfo], None] = lambda _info: None,
        cancelled: Cancelled = never,
    ) -> Iterator[TrackedFrames]:
        """Give the clip's frames as they are read, a few at a time; together they are the track.

        on_open: called once, before the first frame. cancelled: the work ends soon after it is true.
        Closing the iterator frees all that it held. Raises InputError for what is not a clip or holds no frame in the
        asked part, EngineError where the engine cannot do its work, CancelledError where it was cancelled. What has
        been given before an error is good.
        """

    def unload(self) -> None:
        """Give the model's memory back; the next `track` loads it again."""


def _performer() -> ScriptEngine:
    from .script.engine import BuiltInPerformer

    return BuiltInPerformer()


def _llm() -> ScriptEngine:
    from .language.making import make_llm
    from .language.settings import LanguageSettings

    return make_llm(LanguageSettings.from_environ(os.environ))


def _keyframeface() -> ScriptEngine:
    from .language.making import make_keyframeface
    from .language.settings import LanguageSettings

    return make_keyframeface(LanguageSettings.from_environ(os.environ))


def _face_tracker() -> ClipEngine:
    from .face.tracker import FaceTracker

    return FaceTracker()


CLIP_ENGINES: Mapping[str, Callable[[], ClipEngine]] = {
    "face": _face_tracker,
}
"""The engines that follow a face through clips, by name; the first one is the default."""


SCRIPT_ENGINES: Mapping[str, Callable[[], ScriptEngine]] = {
    "performer": _performer,
    "llm": _llm,
    "keyframeface": _keyframeface,
}
"""The engines that perform scripts, by name; the first one is the default."""
