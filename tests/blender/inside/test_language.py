"""The language engines through the operator and the preferences, with the backend as it is."""

import socket
import threading
from contextlib import closing, contextmanager

import bpy
import pytest
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.work import now

from .performed import stored
from .scenes import digest
from .waiting import engines_once_asked

SCRIPT = "She smiles."


@pytest.fixture
def preferences():
    """The add-on's preferences; what a test sets is taken back."""
    found = bpy.context.preferences.addons["bl_ext.user_default.mien"].preferences
    yield found
    for name in ("url", "model", "key", "adapter", "base"):
        setattr(found, f"language_{name}", "")
    session.stop()


def refused(sentence):
    before = digest()
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.mien.perform_script(script=SCRIPT, engine="llm")
    assert digest() == before
    return now.error


def states():
    """The engines as the panel knows them once the backend has been asked."""
    return engines_once_asked("script")


@contextmanager
def answering(reply):
    """A server on this computer that gives every connection the same bytes; None: it never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        kept = []

        def serve():
            try:
                while True:
                    connection, _ = listener.accept()
                    kept.append(connection)
                    if reply is not None:
                        connection.recv(65536)
                        connection.sendall(reply)
                        connection.close()
            except OSError:  # the listener was closed: the test has ended
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)
        for connection in kept:
            connection.close()


def test_without_a_server_it_says_where_to_name_one(head, preferences):
    assert "in the preferences of Mien" in refused("No language server is named")
    assert states()["llm"].state == "not installed"
    assert states()["keyframeface"].state == "not installed"
    assert states()["performer"].state != "not installed"


def test_a_server_that_does_not_run(head, preferences):
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    preferences.language_url = f"http://127.0.0.1:{port}/v1"
    assert "Start it, or check the address" in refused("No language server can be reached at")
    assert states()["llm"].state == "ready"


@pytest.mark.parametrize("url", ["localhost:11434", "http://", "http://[::1/v1"])
def test_what_is_no_address_takes_nothing_else_away(head, preferences, url):
    preferences.language_url = url
    assert "http://HOST:PORT/v1" in refused("not an address|not the address")
    assert states()["llm"].state == "not installed"
    assert bpy.ops.mien.perform_script(script=SCRIPT) == {"FINISHED"}
    assert len(stored(head)) == 1


def test_an_address_of_something_else(head, preferences):
    with answering(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n") as url:
        preferences.language_url = url
        assert "check the address" in refused("does not speak the OpenAI form").lower()


def test_a_server_without_an_answer(head, preferences, monkeypatch):
    monkeypatch.setenv("MIEN_LANGUAGE_REPLY_SECONDS", "1")
    with answering(None) as url:
        preferences.language_url, preferences.language_model = url, "slow"
        assert "still loading" in refused("did not answer within 1 s")


def test_changed_preferences_reach_the_backend(head, preferences):
    session.connector()()
    before = session.start()
    assert session.start() is before
    preferences.language_model = "other"
    assert session.start() is not before
