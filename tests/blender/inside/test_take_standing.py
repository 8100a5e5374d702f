"""Which takes of the list the head plays now, and where the keys of the others are."""

import bpy
import pytest
from bl_ext.user_default.mien.scene.stored_takes import add_take, takes_of
from bl_ext.user_default.mien.scene.take_standing import Standing, standing_of, why_elsewhere
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take

from .taken import video


def test_the_newer_of_two_takes_plays_and_the_other_after_it_is_reverted(face, keys, scene):
    add_take(face.anchor, video())
    add_take(face.anchor, video())
    one, other = takes_of(face.anchor).items
    assert (standing_of(one), why_elsewhere(one)) == (Standing.OFF, "")
    apply_take(face, one, scene, mode=WritingMode.NEW_ACTION)
    assert (standing_of(one), why_elsewhere(one)) == (Standing.PLAYS, "")
    first = keys.animation_data.action.name
    apply_take(face, other, scene, mode=WritingMode.NEW_ACTION)
    assert [standing_of(one), standing_of(other)] == [Standing.ELSEWHERE, Standing.PLAYS]
    assert why_elsewhere(one) == f'Its keys are in the Action "{first}"; the head plays another one now.'
    revert_take(face, other, scene)
    assert [standing_of(one), standing_of(other)] == [Standing.PLAYS, Standing.OFF]


@pytest.mark.parametrize("mode", [WritingMode.NEW_ACTION, WritingMode.REPLACE])
def test_a_deleted_action_is_told(face, keys, scene, mode):
    record = add_take(face.anchor, video())
    apply_take(face, record, scene, mode=mode)
    bpy.data.actions.remove(keys.animation_data.action)
    assert standing_of(record) is Standing.ELSEWHERE
    assert "has been deleted" in why_elsewhere(record)


def test_a_muted_layer_is_not_played(face, keys, scene):
    record = add_take(face.anchor, video())
    apply_take(face, record, scene, mode=WritingMode.LAYER)
    assert standing_of(record) is Standing.PLAYS
    for track in keys.animation_data.nla_tracks:
        track.mute = True
    assert standing_of(record) is Standing.ELSEWHERE
    assert "NLA Editor" in why_elsewhere(record)
