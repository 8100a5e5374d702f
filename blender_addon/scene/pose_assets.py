"""The pose of a head as an asset: an Action of one frame with everything that is bound, described in words."""

from collections.abc import Iterable, Mapping
from typing import Any

import bpy

from ..core.channels import CHANNELS
from ..core.curves import Curve, Curves
from ..core.errors import InputError
from ..core.pose import Pose
from ..core.semantics.reader import describe
from .actions import ensure_action, ensure_fcurve, share_action
from .character import Character
from .key_table import key_table, merge_keys
from .key_targets import Target, Targets
from .nla_layers import without_action

_FRAME = 1.0
_TAG = "Mien"


def shown_pose(character: Character) -> Pose:
    """What the shape keys of a head show now; angles are 0."""
    shown: dict[str, float] = {}
    for target in character.shapes:
        value = target.coefficient_for(target.mesh.data.shape_keys.key_blocks[target.key].value)
        shown.setdefault(target.channel, min(max(value, 0.0), 1.0))
    return Pose.from_mapping(shown)


def words_of(pose: Pose) -> str:
    """A pose as the description of an asset."""
    told = describe(pose)
    moved = [f"{region.value.capitalize()}: {words}" for region, words in told.movements.items()]
    return "\n".join([told.expression, *moved])


def save_pose(character: Character, name: str, words: str) -> tuple[Any, ...]:
    """Make an asset of the pose that a head shows; nothing of the head is changed.

    One Action; before 4.4, where an Action serves one kind of datablock, a second one for the bones.
    Raises InputError where parts of the head are linked from another file, so that no Action can be tried on them.
    """
    everything = Curves({channel: Curve([0.0], [0.0]) for channel in CHANNELS})
    targets = list(Targets(character, everything, _FRAME, 1.0, None))
    values = {target.curve_id: target.value for target in targets}
    owners = list(dict.fromkeys(target.owner for target in targets))
    if linked := [owner for owner in owners if not owner.is_editable]:
        names = ", ".join(getattr(owner, "user", owner).name for owner in linked)
        raise InputError(f"{names}: linked from another file.", "Make a library override first.")
    without = [owner for owner in owners if owner.animation_data is None]
    with without_action(owners):
        actions = _posed(targets, values, name)
    for owner in without:
        owner.animation_data_clear()
    for action in actions:
        action.asset_mark()
        action.asset_data.description = words
        action.asset_data.tags.new(_TAG, skip_if_exists=True)
    bpy.context.view_layer.update()
    return actions


def _posed(targets: Iterable[Target], values: Mapping[Any, float], name: str) -> tuple[Any, ...]:
    """Actions with one key for every target; datablocks of one kind share one."""
    made: dict[str, Any] = {}
    for target in targets:
        owner = target.owner
        if owner.animation_data is None or owner.animation_data.action is None:
            _begin(owner, made, name)
        fcurve = ensure_fcurve(owner, target.data_path, target.index, target.group)
        if not len(fcurve.keyframe_points):  # before 4.4 the meshes share one curve, and the face comes first
            merge_keys(fcurve, key_table(Curve([0.0], [values[target.curve_id]]), _FRAME, 1.0))
    return tuple(dict.fromkeys(made.values()))


def _begin(owner: Any, made: dict[str, Any], name: str) -> None:
    animation = owner.animation_data or owner.animation_data_create()
    first = next(iter(made.values()), None)
    if first is None or not share_action(owner, first):
        if owner.id_type in made:
            animation.action = made[owner.id_type]
        else:
            ensure_action(owner, name)
            animation.action.name = name
    made[owner.id_type] = animation.action
