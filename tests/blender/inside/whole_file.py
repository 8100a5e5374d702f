"""Everything of a file that has to do with animation, so that not a bit of it changes unseen."""

import bpy
from bl_ext.user_default.mien.scene.actions import HAS_SLOTS, fcurves_in, slot_of, slot_of_strip
from bl_ext.user_default.mien.scene.curve_states import CurveState

from .scenes import owners


def every_action():
    """Each F-curve of each Action, bit for bit."""
    slots = {a.name: [s.identifier for s in a.slots] if HAS_SLOTS else [""] for a in bpy.data.actions}
    return {
        (action.name, slot, fcurve.data_path, fcurve.array_index): _every_bit(CurveState.of(fcurve))
        for action in bpy.data.actions
        for slot in slots[action.name]
        for fcurve in fcurves_in(action, slot)
    }


def _every_bit(state):
    columns = {name: (column.dtype, column.shape, column.tobytes()) for name, column in state.keys.items()}
    return columns, state.traits, state.group


def what_plays():
    """By what each datablock is animated: its Action, how that is blended, and the strips of the NLA."""
    return {owner.name: _playing(owner.animation_data, slot_of(owner)) for owner in owners() if owner.animation_data}


def _playing(animation, slot):
    strips = [
        (track.name, track.mute, strip.action.name, slot_of_strip(strip), strip.frame_start, strip.frame_end)
        for track in animation.nla_tracks
        for strip in track.strips
    ]
    return animation.action.name if animation.action else "", slot, animation.action_blend_type, strips


def whole_file():
    """All of it."""
    return every_action(), what_plays()


def shown_values():
    """The value of every shape key."""
    return {(keys.name, block.name): block.value for keys in bpy.data.shape_keys for block in keys.key_blocks}
