"""How performances are kept in the .blend: on the head's anchor object, so that they are saved, undone and appended."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Object, PropertyGroup

from ..core.framing import on_frames
from ..core.performance import Performance
from ..core.wire import PerformRequest, performance_from_json, performance_to_json
from .added_properties import AddedProperties
from .markers import select_marker


class MIEN_PG_beat(PropertyGroup):
    """One described moment: the words of the script, what they did, and when."""

    words: StringProperty()
    frame: FloatProperty()
    variation: IntProperty(description="The seed that it was played with, where it was replaced on its own")


def _choose_beat(record: Any, index: int) -> None:
    """As an animator means it who clicks a beat: show that moment, with its marker."""
    record.chosen_beat = index
    if 0 <= index < len(record.beats):
        scene, frame = bpy.context.scene, round(record.beats[index].frame)
        scene.frame_set(frame)
        select_marker(scene, record.performance_id, frame)


class MIEN_PG_performance(PropertyGroup):
    """One script on one head.

    wire: the performance as JSON. channels: what it keys, by name. written: what its keys were when they
    were written, by F-curve, to tell whether the animator has changed them since.
    """

    performance_id: StringProperty()
    script: StringProperty()
    background: StringProperty()
    emotion: StringProperty()
    duration: FloatProperty(description="Seconds that were asked for; 0 where the script decides")
    engine: StringProperty()
    seed: IntProperty()
    life: BoolProperty()
    frame_start: FloatProperty()
    frame_end: FloatProperty()
    fps: FloatProperty()
    wire: StringProperty()
    channels: StringProperty()
    written: StringProperty()
    beats: CollectionProperty(type=MIEN_PG_beat)
    chosen_beat: IntProperty()
    beat_index: IntProperty(
        description="The beat that is chosen in the list; choosing one moves the playhead to it",
        get=lambda record: record.chosen_beat,
        set=_choose_beat,
    )
    not_understood: StringProperty(description="Clauses of the script that no keyframe answers, a line each")
    notes: StringProperty(description="What else there is to know, a line each")
    kept: StringProperty(description="What became of keys that stood in its place")


CLASSES = (MIEN_PG_beat, MIEN_PG_performance)


ADDED = (AddedProperties(Object, mien_performances=CollectionProperty(type=MIEN_PG_performance)),)
"""Objects get a place for performances."""


def performances_of(anchor: Any) -> Any:
    """The performances of a head, in the order in which they were made."""
    return anchor.mien_performances


def performance_at(anchor: Any, frame: float) -> Any:
    """The performance that plays at a frame, or else the one made last; None where there is none."""
    stored = performances_of(anchor)
    playing = [record for record in stored if record.frame_start <= frame <= record.frame_end]
    return (playing or list(stored) or [None])[-1]


def new_record(anchor: Any) -> Any:
    """A place for one more performance."""
    record = performances_of(anchor).add()
    record.performance_id = uuid.uuid4().hex
    return record


def ensure_own_ids(anchor: Any) -> None:
    """Give the performances of a duplicated head ids of their own, so that it leaves the other head's markers alone."""
    taken = {
        record.performance_id for other in bpy.data.objects if other != anchor for record in performances_of(other)
    }
    for record in performances_of(anchor):
        if record.performance_id in taken:
            record.performance_id = uuid.uuid4().hex


def remove_record(anchor: Any, record: Any) -> None:
    """Forget a performance; its keys stay."""
    stored = performances_of(anchor)
    stored.remove(next(index for index, other in enumerate(stored) if other == record))


def keep_request(record: Any, request: PerformRequest) -> None:
    """Keep what was asked for."""
    record.script, record.background, record.emotion = request.script, request.background, request.emotion
    record.duration, record.engine, record.seed = request.duration or 0.0, request.engine or "", request.seed
    record.life = request.life


def request_of(record: Any, *, seed: int, script: str | None = None) -> PerformRequest:
    """The same request once more with another seed, or with the script reworded."""
    return PerformRequest(
        script=record.script if script is None else script,
        background=record.background,
        emotion=record.emotion,
        duration=record.duration or None,
        seed=seed,
        life=record.life,
        engine=record.engine or None,
    )


def keep_performance(record: Any, performance: Performance, channels: Iterable[str]) -> None:
    """Keep what is played, with a line for each beat; the record's frames and script must be set."""
    record.wire = json.dumps(performance_to_json(performance))
    record.channels = " ".join(sorted(channels))
    record.frame_end = record.frame_start + performance.duration * record.fps
    record.not_understood = "\n".join(performance.not_understood)
    record.notes = "\n".join(performance.notes)
    variations = [beat.variation for beat in record.beats]
    record.beats.clear()
    for beat in performance.beats:
        line = record.beats.add()
        start, end = beat.source or (0, 0)
        line.name, line.words = beat.description, " ".join(record.script[start:end].split())
        line.frame = record.frame_start + beat.time * record.fps
    if len(variations) == len(record.beats):
        for line, variation in zip(record.beats, variations, strict=True):
            line.variation = variation
    record.chosen_beat = min(record.chosen_beat, max(len(record.beats) - 1, 0))


def performance_of(record: Any) -> Performance:
    """What is played, on whole frames as it was written: the wire tells times to the millisecond only."""
    return on_frames(performance_from_json(json.loads(record.wire)), record.fps)
