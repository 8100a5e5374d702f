"""One script on its way to the head, from its words to the keys; the operators only decide who waits for it."""

from dataclasses import dataclass, replace
from typing import Any

from bpy.types import Context, Scene

from ..client.job import perform_script_job
from ..core.errors import CharacterError, InputError
from ..core.performance import Performance
from ..core.splicing import Splice, beat_spans, continue_from, replace_beat
from ..core.wire import PerformRequest
from ..scene.character import Character
from ..scene.keys import frames_per_second
from ..scene.performances import Performed, perform, replay
from ..scene.stored_performance import performance_at, performance_of, performances_of, request_of
from ..scene.stored_takes import take_of
from ..scene.take_standing import why_cut_off
from .backend_session import session
from .properties import settings_of
from .work import Work, bound_character


@dataclass(frozen=True)
class Whole:
    """A script performed from a frame on. from_rest: see `perform`."""

    request: PerformRequest
    frame: int
    from_rest: bool = True


@dataclass(frozen=True)
class FromFrame:
    """A stored performance, played anew from a frame on."""

    request: PerformRequest
    take_id: str
    frame: float


@dataclass(frozen=True)
class OneBeat:
    """One beat of a stored performance, played anew."""

    request: PerformRequest
    take_id: str
    beat: int


class Performing(Work[Performance]):
    """A running performance."""

    doing = "Reading the script"

    def __init__(self, context: Context, order: Whole | FromFrame | OneBeat) -> None:
        """Ask the backend; raise MienError where there is no head, no script or no backend."""
        bound_character(context)  # a missing head is told before anything is asked for it
        if not order.request.script.strip():
            raise InputError("The script is empty.", 'Say what the face does, such as "She smiles, then looks down."')
        self.order = order
        super().__init__(context, perform_script_job(session.connector(), order.request))

    def key(self, answer: Performance, character: Character, scene: Scene) -> str:
        """Key what was ordered of the performance."""
        done = self._keyed(answer, character, scene)
        record = done.record
        record.notes = "\n".join([*record.notes.splitlines(), *done.report.left_alone])
        beats, missed = len(record.beats), len(record.not_understood.splitlines())
        told = f"{beats} beat{'' if beats == 1 else 's'}, {done.report.keys} keys on {done.report.channels} channels"
        if missed:
            told += f"; {missed} clause{'' if missed == 1 else 's'} not understood"
        cut_off = why_cut_off(record.frame_end, scene)
        return f"{told}. {cut_off}" if cut_off else told

    def _keyed(self, answer: Performance, character: Character, scene: Scene) -> Performed:
        order = self.order
        if isinstance(order, Whole):
            return perform(character, order.request, answer, order.frame, scene, from_rest=order.from_rest)
        record = _record(character, order.take_id)
        splice = _splice(record, answer, order)
        request = order.request if isinstance(order, FromFrame) else replace(order.request, seed=record.seed)
        done = replay(character, record, splice, request, scene)
        if isinstance(order, OneBeat):
            done.record.beats[order.beat].variation = order.request.seed
        return done


def panel_script(scene: Any) -> str:
    """What the Mien tab's fields say: the text where one is chosen, or else the line."""
    settings = settings_of(scene)
    return str(settings.script_text.as_string() if settings.script_text else settings.script_line)


def panel_request(scene: Any) -> PerformRequest:
    """The script with everything that is set beside it."""
    settings = settings_of(scene)
    return PerformRequest(
        script=panel_script(scene),
        background=settings.background,
        emotion=settings.emotion,
        plays=settings.plays.strip(),
        duration=settings.duration or None,
        seed=settings.seed,
        life=settings.life,
        engine=settings.engine.strip() or None,
        fps=frames_per_second(scene),
        first_frame=scene.frame_current,
    )


def stored_at(context: Context) -> Any:
    """The stored performance at the playhead, or the last one; raise InputError where there is none."""
    record = performance_at(bound_character(context).anchor, context.scene.frame_current)
    if record is None:
        raise InputError("No script has been performed on this head.", "Use Perform Script first.")
    return record


def from_playhead(context: Context, *, seed: int | None) -> FromFrame:
    """The order to play the performance at the playhead anew from there on.

    Where the script in the panel begins with the same words and goes on with others, those are played.
    """
    record, frame = stored_at(context), context.scene.frame_current
    performance = performance_of(record)
    time = _moment_at(record, frame)
    continue_from(performance, performance, time)  # says why where nothing begins so late
    script = _reworded(record, performance, time, panel_script(context.scene))
    wanted = record.seed + 1 if seed is None else seed
    return FromFrame(request_of(record, seed=wanted, script=script), record.take_id, frame)


def one_beat(context: Context, *, beat: int | None, seed: int | None) -> OneBeat:
    """The order to play one beat of the performance at the playhead anew; None takes the one chosen in the list."""
    record = stored_at(context)
    index = record.chosen_beat if beat is None else beat
    if not 0 <= index < len(record.beats):
        count = len(record.beats)
        raise InputError(f"There is no beat {index + 1}.", f"The performance has {count}.")
    wanted = max(record.seed, record.beats[index].variation) + 1 if seed is None else seed
    return OneBeat(request_of(record, seed=wanted), record.take_id, index)


def _reworded(record: Any, performance: Performance, time: float, script: str) -> str:
    kept = [beat for beat, (start, _) in zip(performance.beats, beat_spans(performance), strict=True) if start < time]
    end = max((beat.source[1] for beat in kept if beat.source), default=0)
    return script if script.strip() and script[:end] == record.words[:end] and kept else str(record.words)


def _record(character: Character, take_id: str) -> Any:
    for record in performances_of(character.anchor):
        if record.take_id == take_id:
            return record
    raise CharacterError("The performance has been taken away meanwhile.", "Nothing was keyed.")


def _splice(record: Any, performance: Performance, order: FromFrame | OneBeat) -> Splice:
    old = performance_of(record)
    if isinstance(order, OneBeat):
        return replace_beat(old, performance, order.beat)
    return continue_from(old, performance, _moment_at(record, order.frame))


def _moment_at(record: Any, frame: float) -> float:
    """The second of the performance that is seen at a frame, whatever speed and edits it is played with."""
    return take_of(record).moment_at((frame - record.frame_start) / record.fps)
