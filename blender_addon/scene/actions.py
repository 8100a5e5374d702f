"""Every difference between Blender versions, 4.2 to 5.2, in one place.

Typed as Any on purpose: no single set of type stubs knows all these versions.

- 4.2, 4.3: an Action belongs to one kind of datablock (`id_root`) and owns its F-curves.
- 4.4 on: an Action has slots, one for each datablock it animates; F-curves live in a slot's channelbag.
- 5.0 on: `Action.fcurves` is gone; EEVEE's name and the settings of movie output changed.
- 4.4 on: Sequencer strips are `sequence_editor.strips`; before, `sequences`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import bpy
from bpy_extras import anim_utils

HAS_SLOTS = bpy.app.version >= (4, 4, 0)


def ensure_action(datablock: Any, name: str, made: Any = None) -> Any:
    """Give a datablock an Action where it has none; return the one that was made, for the next datablock.

    From 4.4 on the datablocks of a head share one new Action, each with its slot; before, an Action
    serves one datablock.
    """
    animation = datablock.animation_data or datablock.animation_data_create()
    owner_name = getattr(datablock, "user", datablock).name  # a Key is known by the mesh it belongs to
    if animation.action is None:
        if not HAS_SLOTS:
            made = bpy.data.actions.new(name if owner_name in name else f"{name} {owner_name}")
        elif made is None:
            made = bpy.data.actions.new(name)
        animation.action = made
    if not HAS_SLOTS:
        animation.action.id_root = animation.action.id_root or datablock.id_type
    elif animation.action_slot is None:
        animation.action_slot = animation.action.slots.new(id_type=datablock.id_type, name=owner_name)
    return made


def ensure_fcurve(datablock: Any, data_path: str, index: int = 0, group: str = "") -> Any:
    """The F-curve of a property in the datablock's Action, which must exist (`ensure_action`); a new one is grouped."""
    action = datablock.animation_data.action
    if HAS_SLOTS:
        bag = _channelbag_of(datablock)
        found = bag.fcurves.find(data_path, index=index) if bag else None
        if found:
            return found
        fcurve = action.fcurve_ensure_for_datablock(datablock, data_path, index=index)
        if group and fcurve.group is None:
            groups = _channelbag_of(datablock).groups
            fcurve.group = groups.get(group) or groups.new(group)
        return fcurve
    found = action.fcurves.find(data_path, index=index)
    return found or action.fcurves.new(data_path, index=index, action_group=group)


def remove_fcurve(datablock: Any, fcurve: Any) -> None:
    """Take an F-curve out of the datablock's Action."""
    bag = _channelbag_of(datablock) if HAS_SLOTS else datablock.animation_data.action
    bag.fcurves.remove(fcurve)


def go_on_in_copies(datablocks: Iterable[Any]) -> tuple[str, ...]:
    """Give datablocks copies of their Actions, with the same slots; the names of the Actions, which stay as they are.

    The former Actions are kept by a fake user, also where nothing else uses them.
    """
    copies: dict[Any, Any] = {}
    for datablock in datablocks:
        animation = datablock.animation_data
        if animation is None or animation.action is None:
            continue
        action = animation.action
        slot = animation.action_slot.identifier if HAS_SLOTS and animation.action_slot else ""
        if action not in copies:
            copies[action] = action.copy()
            action.use_fake_user = True
        animation.action = copies[action]
        if slot:
            animation.action_slot = copies[action].slots[slot]
    return tuple(action.name for action in copies)


def fcurves_of(datablock: Any) -> Sequence[Any]:
    """The F-curves that animate a datablock through its Action; empty where nothing does."""
    animation = datablock.animation_data
    if animation is None or animation.action is None:
        return ()
    if not HAS_SLOTS:
        return tuple(animation.action.fcurves)
    bag = _channelbag_of(datablock)
    return tuple(bag.fcurves) if bag else ()


def slot_of(datablock: Any) -> str:
    """The identifier of the slot that animates a datablock; empty where there is none, and before 4.4."""
    animation = datablock.animation_data
    slot = animation.action_slot if HAS_SLOTS and animation else None
    return str(slot.identifier) if slot else ""


def fcurves_in(action: Any, slot: str) -> Sequence[Any]:
    """The F-curves that an Action has for a slot, as `slot_of` tells it."""
    if not HAS_SLOTS:
        return tuple(action.fcurves)
    found = action.slots.get(slot) if slot else None
    bag = anim_utils.action_get_channelbag_for_slot(action, found) if found else None
    return tuple(bag.fcurves) if bag else ()


def set_action(datablock: Any, action: Any, slot: str) -> None:
    """Let an Action animate a datablock by one of its slots; None for no Action."""
    animation = datablock.animation_data
    animation.action = action
    if action is not None and HAS_SLOTS and slot in action.slots:
        animation.action_slot = action.slots[slot]


def share_action(datablock: Any, action: Any) -> bool:
    """Let an Action that plays other datablocks play this one too, by an empty slot of its own.

    False, with nothing done, before 4.4: there an Action serves one datablock.
    """
    if not HAS_SLOTS:
        return False
    name = getattr(datablock, "user", datablock).name
    datablock.animation_data.action = action
    datablock.animation_data.action_slot = action.slots.new(id_type=datablock.id_type, name=name)
    return True


def new_strip(track: Any, name: str, action: Any, slot: str) -> Any:
    """A strip of the NLA that plays an Action by one of its slots; one that begins where the Action does."""
    strip = track.strips.new(name, int(action.frame_range[0]), action)
    if HAS_SLOTS and slot in action.slots:
        strip.action_slot = action.slots[slot]
    return strip


def exchange_action(strip: Any, copy: Any) -> None:
    """Let a strip play a copy of its Action, by the same slot."""
    slot = slot_of_strip(strip)
    strip.action = copy
    if slot:
        strip.action_slot = copy.slots[slot]


def fcurves_of_strip(strip: Any) -> Sequence[Any]:
    """The F-curves that a strip plays; empty for one that is no Action's, such as a sound."""
    return () if strip.action is None else fcurves_in(strip.action, slot_of_strip(strip))


def slot_of_strip(strip: Any) -> str:
    """The identifier of the slot by which a strip plays its Action; empty before 4.4."""
    slot = strip.action_slot if HAS_SLOTS else None
    return str(slot.identifier) if slot else ""


def shape_key_default() -> float:
    """What the NLA takes for a shape key that nothing plays; 1 in 5.0 by a fault of its own, otherwise 0."""
    shape_key: Any = bpy.types.ShapeKey
    return float(shape_key.bl_rna.properties["value"].default)


def _channelbag_of(datablock: Any) -> Any:
    animation = datablock.animation_data
    slot = animation.action_slot
    return anim_utils.action_get_channelbag_for_slot(animation.action, slot) if slot else None


def strips_of(editor: Any) -> Any:
    """The top-level strips of a sequence editor."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def strip_scene(context: Any) -> Any:
    """The scene whose strips the Sequencer shows; since 5.0 it need not be the window's scene."""
    return getattr(context, "sequencer_scene", None) or context.scene


def set_still_output(settings: Any) -> None:
    """Make a scene write PNG; since 5.0 the kind of media is chosen before the format."""
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "8"


@contextmanager
def still_output(settings: Any) -> Iterator[None]:
    """`set_still_output` for a moment, on a scene of the user's."""
    names = [name for name in ("media_type", "file_format", "color_mode", "color_depth") if hasattr(settings, name)]
    before = {name: getattr(settings, name) for name in names}
    set_still_output(settings)
    try:
        yield
    finally:
        for name in names:
            setattr(settings, name, before[name])


def new_movie_strip(editor: Any, name: str, filepath: str, frame_start: int) -> Any:
    """A movie strip in channel 1, at the movie's own size."""
    return strips_of(editor).new_movie(
        name=name, filepath=filepath, channel=1, frame_start=frame_start, fit_method="ORIGINAL"
    )


def chosen_strip(scene: Any) -> Any:
    """The movie or image strip that is selected last, or else the one at the playhead; None where there is none."""
    editor = scene.sequence_editor
    active = editor.active_strip if editor else None
    return active if active is not None and active.type in {"MOVIE", "IMAGE"} else strip_at(scene, scene.frame_current)


def strip_at(scene: Any, frame: int) -> Any:
    """The strip with a picture at a frame: the active one if it is there, or else the topmost; None where none is."""
    editor = scene.sequence_editor
    if editor is None:
        return None
    shown = [strip for strip in strips_of(editor) if strip.type != "SOUND" and not strip.mute and _covers(strip, frame)]
    if editor.active_strip in shown:
        return editor.active_strip
    return max(shown, key=lambda strip: strip.channel, default=None)


def end_of_strip(strip: Any) -> int:
    """The first frame after a strip."""
    return int(strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end)


@dataclass(frozen=True)
class StripPlace:
    """Where a movie or image strip stands, in frames of the scene.

    content_start, content_end: where all of its source would be shown. left, right: where its handles are.
    trim_start, trim_end: frames of the source that are no part of the content, from its start and before its end.
    """

    content_start: float
    content_end: float
    left: float
    right: float
    trim_start: int
    trim_end: int

    @classmethod
    def of(cls, strip: Any) -> Self:
        """As it is now. Before 5.1 the length of the content is that of the source, however fast it plays."""
        if hasattr(strip, "left_handle"):
            left, right, start = strip.left_handle, strip.right_handle, strip.content_start
            end = right + strip.right_handle_offset
            trims = strip.content_trim_start, strip.content_trim_end
        else:
            left, right, start = strip.frame_final_start, strip.frame_final_end, strip.frame_start
            end = right + strip.frame_offset_end
            trims = strip.animation_offset_start, strip.animation_offset_end
        return cls(float(start), float(end), float(left), float(right), int(trims[0]), int(trims[1]))


def add_clip_strip(scene: Any, filepath: str, frame: float, *, shown_from: float) -> Any:
    """A movie and its sound as strips in free channels, the movie's first frame at `frame`, at its own speed.

    shown_from: the frame at which they begin to be seen and heard. Only Blender's operator sets the playback rate
    that keeps a movie's seconds, and it asks for a Sequencer. It also changes the view transform of a scene that
    had no strips, which is put back. Returns the movie strip.
    """
    editor = scene.sequence_editor or scene.sequence_editor_create()
    before = set(strips_of(editor))
    channel = 1 + max((strip.channel for strip in before), default=0)
    look = scene.view_settings.view_transform, scene.view_settings.look
    with _sequencer_of(scene):
        bpy.ops.sequencer.movie_strip_add(
            filepath=filepath,
            frame_start=round(frame),
            channel=channel,
            sound=True,
            use_framerate=False,
            adjust_playback_rate=True,
            fit_method="FIT",
        )
    scene.view_settings.view_transform, scene.view_settings.look = look
    added = [strip for strip in strips_of(editor) if strip not in before]
    for strip in added:
        _cut_before(strip, round(shown_from))
    return next((strip for strip in added if strip.type == "MOVIE"), None)


def _cut_before(strip: Any, frame: int) -> None:
    name = "left_handle" if hasattr(strip, "left_handle") else "frame_final_start"
    if frame > getattr(strip, name):
        setattr(strip, name, frame)


@contextmanager
def _sequencer_of(scene: Any) -> Iterator[None]:
    """A context in which a scene's strips can be edited; an area lends itself to it where none shows them."""
    window = bpy.context.window or bpy.context.window_manager.windows[0]
    areas = list(window.screen.areas)
    area = next((area for area in areas if area.type == "SEQUENCE_EDITOR"), areas[0])
    kind, workspace = area.ui_type, window.workspace
    shown = workspace.sequencer_scene if hasattr(workspace, "sequencer_scene") else None
    area.ui_type = "SEQUENCE_EDITOR"
    if hasattr(workspace, "sequencer_scene"):
        workspace.sequencer_scene = scene
    try:
        with bpy.context.temp_override(window=window, area=area, scene=scene):
            yield
    finally:
        area.ui_type = kind
        if hasattr(workspace, "sequencer_scene"):
            workspace.sequencer_scene = shown


def _covers(strip: Any, frame: int) -> bool:
    if hasattr(strip, "left_handle"):  # 5.1 on; the older names are deprecated
        return bool(strip.left_handle <= frame < strip.right_handle)
    return bool(strip.frame_final_start <= frame < strip.frame_final_end)


def enable_nodes(datablock: Any) -> None:
    """Let nodes make a material or a world; since 5.0 they always do, and asking for it is deprecated."""
    if bpy.app.version < (5, 0, 0):
        datablock.use_nodes = True


def driven_paths(owner: Any) -> set[str]:
    """The data paths of a datablock that drivers move; a muted driver moves nothing."""
    drivers = owner.animation_data.drivers if owner.animation_data else ()
    return {driver.data_path for driver in drivers if not driver.mute}
