"""The engine `llm`: a general language model behind a server directs a script and animates it."""

from collections.abc import Sequence
from functools import partial

from blender_addon.core.errors import EngineError, InputError, MienError
from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Keyframe, Performance, Role
from blender_addon.core.wire import EngineStatus

from ..engines import Cancelled, never
from .chat import ChatModel, ask
from .directing import Moment, most_moments, outline_request, pose_request, read_outline, read_pose
from .finishing import finished
from .passages import Passage, passages_of
from .side_by_side import side_by_side
from .sparse_keys import moving_channels

_TAIL_SECONDS = 0.4
"""After the last moment has been held, so that it does not end in mid-look."""
_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.2, 600.0


_HOW = (
    "Name its address and its model: in Blender in the preferences of Mien; else with --url http://HOST:PORT/v1 and "
    "--model NAME, or in MIEN_LANGUAGE_URL and MIEN_LANGUAGE_MODEL."
)
NO_SERVER = EngineError("No language server is named.", _HOW)


class LanguageServerEngine:
    """Script -> moments -> poses, by any model that can write JSON.

    model: what will be asked, or why there is nothing to ask; `where` says in a few words which model it is.
    """

    name = "llm"

    def __init__(self, model: ChatModel | MienError = NO_SERVER, *, where: str = "") -> None:
        self._model = model
        self._where = where

    def status(self) -> EngineStatus:
        """Say which server will be asked; it is not called for that."""
        if isinstance(self._model, MienError):
            return EngineStatus(self.name, ("script",), "not installed", str(self._model))
        return EngineStatus(self.name, ("script",), "ready", f"Asks {self._where}.")

    def unload(self) -> None:
        """The server looks after its own memory."""

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
        """Two stages; raises InputError for a script without words, EngineError for answers that can't be used."""
        if isinstance(self._model, MienError):
            raise self._model.with_traceback(None)  # each time with its own
        model = self._model
        passages = passages_of(script)
        _refuse_odd_length(duration)
        outline = ask(
            model,
            outline_request(
                passages,
                background=background,
                emotion=emotion,
                plays=plays,
                duration=duration,
                frames=frames,
                seed=seed,
            ),
            partial(read_outline, passages=len(passages), most=most_moments(passages, duration)),
            cancelled=cancelled,
            about="the moments of the script",
        )
        descriptions = [moment.description for moment in outline]

        def pose_at(number: int, stop: Cancelled) -> dict[str, float]:
            request = pose_request(descriptions, number, background=background, emotion=emotion, seed=seed)
            return ask(model, request, read_pose, cancelled=stop, about=f"moment {number + 1} of {len(outline)}")

        tasks = [partial(pose_at, number) for number in range(len(outline))]
        poses = side_by_side(tasks, most=model.parallel, cancelled=cancelled)
        keyframes, natural = _keyframes(outline, poses, passages, duration)
        used = {moment.passage for moment in outline}
        ignored = tuple(passage.text for index, passage in enumerate(passages) if index not in used)
        return finished(Performance(keyframes, natural, not_understood=ignored), life=life, seed=seed)


def _refuse_odd_length(duration: float | None) -> None:
    if duration is not None and not _SHORTEST_SECONDS <= duration <= _LONGEST_SECONDS:
        raise InputError(
            f"A length of {duration:g} seconds cannot be performed.",
            f"Ask for {_SHORTEST_SECONDS:g} to {_LONGEST_SECONDS:g} seconds, or leave it to the model.",
        )


def _keyframes(
    outline: Sequence[Moment], poses: Sequence[dict[str, float]], passages: Sequence[Passage], duration: float | None
) -> tuple[tuple[Keyframe, ...], float]:
    """The keyframes and the whole length, stretched to `duration` where one is asked for."""
    natural = sum(moment.after + moment.hold for moment in outline) + _TAIL_SECONDS
    length = natural if duration is None else duration
    stretch = length / natural
    # The face rests at first, so that its way to the first moment is seen.
    rest, *keyed = moving_channels([{}, *poses])
    keyframes = [Keyframe(0.0, rest, role=Role.PASSING)] if rest else []
    now = 0.0
    for moment, channels in zip(outline, keyed, strict=True):
        now += moment.after
        passage = passages[moment.passage]
        keyframes.append(
            Keyframe(
                round(now * stretch, 4),
                channels,
                description=moment.description,
                hold=round(moment.hold * stretch, 4),
                source=(passage.start, passage.end),
            )
        )
        now += moment.hold
    return tuple(keyframes), length
