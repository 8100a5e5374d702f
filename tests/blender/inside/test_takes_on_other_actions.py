"""Takes on a head that plays another Action than the one they were written into: that one is the animator's."""

import pytest
from bl_ext.user_default.mien.core.shaping import Shaping
from bl_ext.user_default.mien.scene.baking import bake_to_one_action
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, keep_shaping, takes_of
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take

from .taken import JAW, SMILE, every_curve, key, talking, video
from .whole_file import every_action


def keys_of(action):
    """Each F-curve of an Action, bit for bit."""
    return {place: state for place, state in every_action().items() if place[0] == action.name}


@pytest.fixture(params=[WritingMode.NEW_ACTION, WritingMode.REPLACE])
def elsewhere(request, face, keys, scene):
    """A take that is written, on a head that the animator has given another Action since, with keys of their own."""
    key(keys, JAW, (1, 0.1), (50, 0.9))
    record = add_take(face.anchor, video(frame_start=10.0))
    apply_take(face, record, scene, mode=request.param)
    keys.animation_data.action.use_fake_user = True
    keys.animation_data.action = None
    key(keys, JAW, (1, 0.2), (20, 0.6), (90, 0.7))
    key(keys, SMILE, (5, 0.3))
    return record


def test_shaped_anew_nothing_of_the_other_action_is_lost(elsewhere, face, keys, scene):
    own, before, (written_into,) = keys.animation_data.action, every_curve(), {e.action for e in elsewhere.owners}
    written, keys_before = keys_of(written_into), keys_of(own)
    keep_shaping(elsewhere, Shaping(gain={"jaw": 0.5}))
    apply_take(face, elsewhere, scene)
    assert keys_of(written_into) == written
    if elsewhere.is_new_action:
        assert keys.animation_data.action != own
        assert keys_of(own) == keys_before
    revert_take(face, elsewhere, scene)
    assert keys.animation_data.action == own
    assert every_curve() == before
    assert keys_of(written_into) == written


def test_a_slider_leaves_what_was_baked_as_it_is(face, keys, scene):
    key(keys, JAW, (1, 0.1), (50, 0.9))
    apply_take(face, add_take(face.anchor, video(frame_start=10.0)), scene)
    layer = add_take(face.anchor, video(talking(seed=3), frame_start=30.0))
    apply_take(face, layer, scene, mode=WritingMode.LAYER)
    bake_to_one_action(face, scene)
    baked, before = keys.animation_data.action, every_curve()
    kept = keys_of(baked)
    keep_shaping(takes_of(face.anchor).items[0], Shaping(gain={"jaw": 0.5}))
    apply_take(face, takes_of(face.anchor).items[0], scene)
    assert keys_of(baked) == kept
    revert_take(face, takes_of(face.anchor).items[0], scene)
    assert every_curve() == before


def test_the_action_of_a_later_take_is_no_other(face, keys, scene):
    key(keys, JAW, (1, 0.1), (50, 0.9))
    before = every_curve()
    apply_take(face, add_take(face.anchor, video(shaping=Shaping(regions=("jaw",)))), scene)
    apply_take(face, add_take(face.anchor, video(shaping=Shaping(regions=("brows",)))), scene)
    later = keys.animation_data.action
    keep_shaping(takes_of(face.anchor).items[0], Shaping(regions=("jaw",), gain={"jaw": 0.5}))
    apply_take(face, takes_of(face.anchor).items[0], scene)
    assert keys.animation_data.action == later
    revert_take(face, active_take(face.anchor), scene)
    revert_take(face, takes_of(face.anchor).items[0], scene)
    assert every_curve() == before
