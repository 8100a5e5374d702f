"""Estimate from Image with the engine semanticface, behind a server that replays replies."""

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.core.formats.pose_convention import SEMANTICFACE
from bl_ext.user_default.mien.core.semantics.reader import describe
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.operators.estimate_image import MIEN_OT_estimate_image
from bl_ext.user_default.mien.ui.work import now

from tests.face_replies import BAD_REPLIES, REFUTED, VALUES, markdown, numbers_of, released_pairs
from tests.language.scripted_server import ScriptedServer, chat, error

from .scenes import curves, digest
from .waiting import Waiting, engines_once_asked


@pytest.fixture
def preferences():
    """The add-on's preferences; what a test sets is taken back."""
    found = bpy.context.preferences.addons["bl_ext.user_default.mien"].preferences
    yield found
    found.language_face_url = ""


@pytest.fixture(scope="module")
def only_server():
    """One for all tests, so that one backend, which is told of it at its start, does for them."""
    server = ScriptedServer(lambda _: chat(markdown()), models=("semanticface",))
    yield server
    session.stop()
    server.close()


@pytest.fixture
def server(only_server, preferences):
    """A server that answers as a test says; the add-on asks it."""
    only_server.reply = lambda _: chat(markdown())
    only_server.requests.clear()
    only_server.hanging.clear()
    preferences.language_face_url = only_server.url
    return only_server


@pytest.fixture
def impatient(monkeypatch):
    """A backend that waits for a server for a second, which it is told at its start."""
    session.stop()
    monkeypatch.setenv("MIEN_LANGUAGE_REPLY_SECONDS", "1")
    yield
    session.stop()


@pytest.fixture
def drawing(tmp_path):
    """A picture in which the built-in engine finds no face."""
    image = bpy.data.images.new("Drawing", 96, 64)
    image.filepath_raw, image.file_format = str(tmp_path / "drawing.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return str(tmp_path / "drawing.png")


def shapes_of(head):
    blocks = head.meshes[0].data.shape_keys.key_blocks
    return {name: blocks[name].value for name in SHAPES}


def expected(values):
    """The shapes of released values, and all of their angles in our signs."""
    return SEMANTICFACE.to_pose(values)


def states():
    """The image engines as the panel knows them once the backend has been asked."""
    return engines_once_asked("image")


def test_the_numbers_stand_on_the_head(scene, head, server, drawing):
    scene.frame_set(7)
    assert bpy.ops.mien.estimate_image(filepath=drawing, engine="semanticface") == {"FINISHED"}
    found, wanted = shapes_of(head), expected(VALUES)
    np.testing.assert_allclose([found[name] for name in SHAPES], [wanted[name] for name in SHAPES], atol=1e-5)
    assert {array[0, 0] for array in curves().values()} == {7}
    assert len(server.requests) == 1


def test_the_faithful_words_come_with_the_models_own(scene, head, server, drawing):
    bpy.ops.mien.estimate_image(filepath=drawing, engine="semanticface")
    last = scene.mien_estimate
    assert last.expression == describe(expected(VALUES)).expression
    assert "Mouth:" in last.words
    assert "A cheerful grin." in last.own_words
    assert len(last.contradictions.splitlines()) == len(REFUTED)
    assert "left and right are equal in the smile: left 0.5, right 0.5." in last.contradictions
    assert set(last.refuted.splitlines()) < set(last.own_words.splitlines())


def test_words_of_a_model_do_not_outlive_the_next_estimate(scene, head, server, drawing, photo):
    bpy.ops.mien.estimate_image(filepath=drawing, engine="semanticface")
    bpy.ops.mien.estimate_image(filepath=photo)
    last = scene.mien_estimate
    assert (last.own_words, last.refuted, last.contradictions) == ("", "", "")
    assert len(server.requests) == 1


def test_the_choice_of_the_panel_holds(scene, head, server, drawing):
    scene.mien.image_engine = "semanticface"
    assert bpy.ops.mien.estimate_image(filepath=drawing) == {"FINISHED"}
    assert len(server.requests) == 1


@pytest.mark.parametrize("number", range(len(released_pairs())))
def test_the_released_replies_stand_on_the_head(scene, head, server, number):
    _, reply, picture = released_pairs()[number]
    server.reply = lambda _: chat(reply)
    bpy.ops.mien.estimate_image(filepath=str(picture), engine="semanticface")
    found, wanted = shapes_of(head), expected(numbers_of(reply))
    np.testing.assert_allclose([found[name] for name in SHAPES], [wanted[name] for name in SHAPES], atol=1e-5)


@pytest.mark.parametrize("kind", ["sixty keys", "NaN as a word", "out of range", "a word", "cut off in the values"])
def test_a_bad_reply_changes_nothing(head, server, drawing, kind):
    text, reason = BAD_REPLIES[kind]
    server.reply = lambda _: chat(text)
    before = digest()
    with pytest.raises(RuntimeError, match="can't be used"):
        bpy.ops.mien.estimate_image(filepath=drawing, engine="semanticface")
    assert reason in now.error
    assert digest() == before


def test_a_server_that_fails_changes_nothing(head, server, drawing):
    server.reply = lambda _: error(500, "CUDA out of memory")
    before = digest()
    with pytest.raises(RuntimeError, match="CUDA out of memory"):
        bpy.ops.mien.estimate_image(filepath=drawing, engine="semanticface")
    assert digest() == before


def test_a_server_that_hangs_changes_nothing(head, server, impatient, drawing):
    server.reply = server.hang
    before = digest()
    with pytest.raises(RuntimeError, match="did not answer within 1 s"):
        bpy.ops.mien.estimate_image(filepath=drawing, engine="semanticface")
    assert digest() == before


def test_esc_stops_a_model_in_mid_answer(head, server, drawing):
    server.reply = server.hang
    before = digest()
    waiting = Waiting(MIEN_OT_estimate_image, filepath=drawing, engine="semanticface", source="PANEL", face_index=0)
    assert server.hanging.wait(20)
    assert waiting.send("ESC") == {"CANCELLED"}
    assert digest() == before
    assert server.is_left(within_seconds=30)


def test_its_state_says_what_it_needs_and_how_to_get_it(head, preferences):
    found = states()
    assert set(found) >= {"face", "semanticface"}
    assert found["semanticface"].state == "not installed"
    assert "GiB of memory" in found["semanticface"].detail
    preferences.language_face_url = "http://127.0.0.1:9/v1"
    assert states()["semanticface"].state == "ready"
