"""How takes are kept in the .blend: on the head's anchor object, so that they are saved, undone, copied and appended.

The takes of a library override are kept on the scene, as its character is: an override takes no new entries. Those
that it has from its library are copied there, where they can be written, as it is bound or one is used.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import Action, Object, PropertyGroup, Scene

from ..core.errors import CharacterError, InputError
from ..core.raw_bytes import raw_from_bytes, raw_to_bytes
from ..core.shaping import Shaping
from ..core.take import Take, TakeKind, free_name
from .added_properties import AddedProperties
from .giving_way import rename_takes
from .markers import select_marker

_LONGEST_NAME = 40
"""Characters; a script's first words name its take."""


class MIEN_PG_beat(PropertyGroup):
    """One described moment of a script: its words, what they did, and when."""

    words: StringProperty()
    frame: FloatProperty()
    variation: IntProperty(description="The seed that it was played with, where it was replaced on its own")


class MIEN_PG_written_owner(PropertyGroup):
    """A datablock that a take was written into: an object, or the shape keys of its mesh.

    layer_slot: of a layer, by which slot the datablock plays its Action.
    former_blend: of a layer, how the Action of the datablock was blended before; empty where an earlier layer knows.
    former: the Action that it had before. action: the one that the take was written into. Blender clears them where
    the Action is deleted; had_action tells whether there was a former one.
    """

    holder: PointerProperty(type=Object)
    of_shapes: BoolProperty()
    had_animation: BoolProperty()
    had_action: BoolProperty()
    former: PointerProperty(type=Action)
    former_slot: StringProperty()
    former_was_kept: BoolProperty(description="Whether the former Action had a fake user")
    former_blend: StringProperty()
    layer_slot: StringProperty()
    action: PointerProperty(type=Action)


def _choose_beat(record: Any, index: int) -> None:
    """As an animator means it who clicks a beat: show that moment, with its marker."""
    record.chosen_beat = index
    if 0 <= index < len(record.beats):
        scene, frame = bpy.context.scene, round(record.beats[index].frame)
        scene.frame_set(frame)
        select_marker(scene, record.take_id, frame)


WRITING_MODES = (
    ("NEW_ACTION", "New Action", "The head goes on in a new Action; the former one stays as it was"),
    ("REPLACE", "Replace in Range", "Keys of the same channels within the take's frames give way"),
    ("LAYER", "Layer on Top", "In a track of the NLA, added to what moves the head; no key is touched"),
)
"""The ways to write a take, as Blender lists them; the names are those of `takes.WritingMode`."""


class MIEN_PG_take(PropertyGroup):
    """One take; `core.take.Take` has the words for most of it.

    raw: the raw result, packed. moments: as text, because Blender's own numbers have 32 bits.
    shaping: JSON. is_written: whether its keys are on the head now, from frame `written_from` to `written_until`;
    written_order: takes that were written later have a higher number.
    curves: JSON, for each F-curve that it wrote the number of its owner, path, index, the value before and what
    tells whether its keys have been changed since.
    before: what stood there, packed; empty where the former Actions tell.
    gave_way: JSON, where other takes play in its place; see `giving_way`.
    Of a script: the request, the beats, what became of keys in its place (`kept`), and `written`, what its keys were.
    """

    take_id: StringProperty()
    kind: EnumProperty(items=[(kind.name, kind.value.capitalize(), "") for kind in TakeKind])
    engine: StringProperty()
    source: StringProperty()
    words: StringProperty()
    raw: StringProperty(subtype="BYTE_STRING")
    moments: StringProperty(description="JSON: start and end of the span, and where to resume; seconds or null")
    made_at: StringProperty()
    shaping: StringProperty()
    frame_start: FloatProperty()
    write_as: EnumProperty(name="Write", description="Where Apply puts the keys", items=WRITING_MODES)
    all_channels: BoolProperty(
        name="All Bound Channels",
        description="Key every bound shape, also those that stay at rest, as exporters such as glTF want it. "
        "Otherwise what stays at rest, and nothing else moves, gets no key",
    )
    asked: StringProperty(description="JSON, of a clip: what was asked, and the pictures of a sequence")
    read_frames: IntProperty(description="How many frames of a clip have been read")
    seen: FloatProperty(description="In which part of them the face was seen, 0..1")
    unrested: StringProperty(description="What of the face its calmest stretch does not show at rest, in a sentence")

    is_written: BoolProperty()
    is_new_action: BoolProperty()
    is_layer: BoolProperty(description="Whether its keys are in an Action of the NLA that is added to the others")
    is_draft: BoolProperty(description="Whether its keys are those of a slider that is still being dragged")
    written_order: IntProperty()
    written_from: FloatProperty()
    written_until: FloatProperty()
    owners: CollectionProperty(type=MIEN_PG_written_owner)
    curves: StringProperty()
    before: StringProperty(subtype="BYTE_STRING")
    gave_way: StringProperty()

    background: StringProperty()
    emotion: StringProperty()
    plays: StringProperty(description="Whose part of the script; empty for everybody's")
    duration: FloatProperty(description="Seconds that were asked for; 0 where the script decides")
    seed: IntProperty()
    life: BoolProperty()
    frame_end: FloatProperty()
    fps: FloatProperty()
    channels: StringProperty(description="What it keys, by name")
    from_rest: BoolProperty(description="Whether it lets go what earlier keys hold where it begins")
    room: StringProperty(description="JSON, see `room`: what it has let go, and which keys gave way to it")
    written: StringProperty(description="What its keys were when they were written, by F-curve")
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


class MIEN_PG_takes(PropertyGroup):
    """The takes of one head, in the order in which they were made. anchor: set where a scene keeps them."""

    anchor: PointerProperty(type=Object)
    items: CollectionProperty(type=MIEN_PG_take)
    index: IntProperty(name="Take", description="The take that the buttons and sliders act on")


CLASSES = (MIEN_PG_beat, MIEN_PG_written_owner, MIEN_PG_take, MIEN_PG_takes)


ADDED = (
    AddedProperties(Object, mien_takes=PointerProperty(type=MIEN_PG_takes)),
    AddedProperties(Scene, mien_overridden_takes=CollectionProperty(type=MIEN_PG_takes)),
)
"""Objects get a place for takes, and scenes one for those of library overrides."""


def takes_of(anchor: Any) -> Any:
    """Where the takes of a head are kept, a `MIEN_PG_takes`: `items` and the `index` of the active one."""
    if anchor.override_library is not None:
        for scene in bpy.data.scenes:
            for entry in getattr(scene, "mien_overridden_takes"):  # noqa: B009 - as above
                if entry.anchor == anchor:
                    return entry
    return anchor.mien_takes


def active_take(anchor: Any) -> Any:
    """The record of the take that is chosen in the list; None where there is none."""
    takes = takes_of(anchor)
    return takes.items[takes.index] if 0 <= takes.index < len(takes.items) else None


def record_of(anchor: Any, take_id: str) -> Any:
    """The record of a take; raise InputError where it is not there any more."""
    for record in takes_of(anchor).items:
        if record.take_id == take_id:
            return record
    raise InputError("The take is not there any more.", "Choose another one in the list.")


def add_take(anchor: Any, take: Take, *, scene: Any = None) -> Any:
    """Keep a take and make it the active one; nothing is keyed. The record that was made.

    scene: needed for the head of a library override, whose takes it keeps.
    Raises CharacterError where the head is linked.
    """
    record = new_record(anchor, scene=scene)
    keep_take(record, take)
    name_take(anchor, record, take.name)
    return record


def new_record(anchor: Any, *, scene: Any = None) -> Any:
    """A place for one more take, which becomes the active one."""
    takes = _place_for_more(anchor, scene)
    record = takes.items.add()
    record.take_id = uuid.uuid4().hex
    takes.index = len(takes.items) - 1
    return record


def keep_take(record: Any, take: Take) -> None:
    """Keep what a take holds, in the place of what the record held; its name stays where it has one."""
    record.name = record.name or take.name
    record.kind, record.engine, record.source, record.words = take.kind.name, take.engine, take.source, take.words
    record.raw = raw_to_bytes(take.raw)
    record.moments = json.dumps([*take.span, take.resume_at])
    record.made_at, record.frame_start = take.made_at, take.frame_start
    keep_shaping(record, take.shaping)


def keep_shaping(record: Any, shaping: Shaping) -> None:
    """Keep other settings; the keys are not written anew."""
    record.shaping = json.dumps(shaping.to_json())


def shaping_of(record: Any) -> Shaping:
    """The settings kept with a take; raise InputError where they cannot be read."""
    try:
        return Shaping.from_json(json.loads(record.shaping or "{}"))
    except (TypeError, ValueError) as fault:
        raise InputError(f"The settings of {record.name} cannot be read: {fault}.", "Set them anew.") from fault


def source_start_of(record: Any) -> float:
    """The second of a take's source that stands at its first frame."""
    return float(json.loads(record.moments or "[0.0]")[0])


def take_of(record: Any) -> Take:
    """The take that a record keeps; raise InputError where its data is damaged."""
    start, end, resume_at = json.loads(record.moments or "[0.0, null, null]")
    return Take(
        name=record.name,
        kind=TakeKind[record.kind],
        raw=raw_from_bytes(record.raw),
        engine=record.engine,
        source=record.source,
        words=record.words,
        span=(start, end),
        resume_at=resume_at,
        made_at=record.made_at,
        shaping=shaping_of(record),
        frame_start=record.frame_start,
    )


def with_line(told: str, line: str) -> str:
    """What is told of a take with one more line, which may be empty or there already."""
    return "\n".join(dict.fromkeys([*told.splitlines(), *line.splitlines()]))


def name_take(anchor: Any, record: Any, name: str) -> None:
    """Give a take a name, with a number where another take has it; without one, it is called after its kind."""
    wanted = " ".join(name.split())
    if len(wanted) > _LONGEST_NAME:
        wanted = wanted[: _LONGEST_NAME - 3].rstrip() + "..."
    others = {other.name for other in takes_of(anchor).items if other.take_id != record.take_id}
    record.name = free_name(wanted or record.kind.capitalize(), others)


def duplicate_take(anchor: Any, record: Any, *, onto: Any = None, scene: Any = None) -> Any:
    """One more take like this one, active, with nothing of it on the head.

    onto: the anchor of another head, that gets it.
    """
    name, take_id, other = record.name, record.take_id, onto or anchor
    copy = new_record(other, scene=scene)  # adding an entry moves the others in memory
    _copy_unwritten(record_of(anchor, take_id), copy)
    name_take(other, copy, name)
    return copy


def adopt_takes(anchor: Any, scene: Any) -> None:
    """Copy the takes that an override has from its library to the scene, none of them on the head."""
    if anchor.override_library is not None and len(anchor.mien_takes.items):
        _place_for_more(anchor, scene)


def own_record(anchor: Any, record: Any, *, scene: Any) -> Any:
    """The record of a take to write on: one that an override has from its library goes to the scene first."""
    if anchor.override_library is None or record.id_data != anchor:
        return record
    take_id = record.take_id
    _place_for_more(anchor, scene)
    return record_of(anchor, take_id)


def remove_take(anchor: Any, record: Any) -> None:
    """Forget a take; its keys stay."""
    takes = takes_of(anchor)
    place = next(index for index, other in enumerate(takes.items) if other == record)
    takes.items.remove(place)
    takes.index = max(0, min(takes.index - (takes.index > place), len(takes.items) - 1))


@contextmanager
def forgotten_if_not_keyed(anchor: Any) -> Iterator[None]:
    """Where what is done within raises, forget the takes that it added, and choose again the one that was active."""
    takes = takes_of(anchor)
    count, was_active = len(takes.items), takes.index
    try:
        yield
    except BaseException:
        while len(takes.items) > count:
            takes.items.remove(len(takes.items) - 1)
        takes.index = was_active
        raise


def ensure_own_ids(anchor: Any) -> None:
    """Give the takes of a duplicated head ids of their own, so that it leaves the other head's markers alone."""
    taken = {record.take_id for other in bpy.data.objects if other != anchor for record in takes_of(other).items}
    renamed = {record.take_id: uuid.uuid4().hex for record in takes_of(anchor).items if record.take_id in taken}
    for record in takes_of(anchor).items:
        record.take_id = renamed.get(record.take_id, record.take_id)
    rename_takes(takes_of(anchor).items, renamed)


def _place_for_more(anchor: Any, scene: Any) -> Any:
    if not anchor.is_editable:
        raise CharacterError(f"{anchor.name} is linked from another file.", "Make a library override of it first.")
    takes = takes_of(anchor)
    if anchor.override_library is not None and takes.anchor is None:
        takes = (scene or bpy.context.scene).mien_overridden_takes.add()
        takes.anchor = anchor
        for inherited in anchor.mien_takes.items:
            copy = takes.items.add()
            copy.name, copy.take_id = inherited.name, inherited.take_id
            _copy_unwritten(inherited, copy)
        takes.index = anchor.mien_takes.index
    return takes


_COPIED = (
    *("kind", "engine", "source", "words", "raw", "moments", "made_at", "shaping", "frame_start"),
    *("asked", "read_frames", "seen", "write_as", "all_channels"),
    *(
        "background",
        "emotion",
        "plays",
        "duration",
        "seed",
        "life",
        "frame_end",
        "fps",
        "channels",
        "from_rest",
        "not_understood",
    ),
)
"""What a copy of a take has from it; what the take has written is its own."""


def _copy_unwritten(original: Any, copy: Any) -> None:
    for name in _COPIED:
        setattr(copy, name, getattr(original, name))
    for beat in original.beats:
        line = copy.beats.add()
        line.name, line.words, line.frame, line.variation = beat.name, beat.words, beat.frame, beat.variation
