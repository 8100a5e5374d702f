"""One model in memory at a time, and none after a while."""

import threading
import time
import weakref

import pytest

from blender_addon.core.errors import CancelledError
from inference_backend.language.residence import Residence


class Model:
    pass


def never() -> bool:
    return False


def test_a_model_is_loaded_once_and_leaves_before_the_next_is_loaded() -> None:
    residence = Residence()
    alive: list[weakref.ref[Model]] = []

    def load() -> Model:
        assert all(reference() is None for reference in alive)
        model = Model()
        alive.append(weakref.ref(model))
        return model

    for key in ("a", "a", "b"):
        with residence.model(key, load, cancelled=never):
            assert residence.holds(key)
    assert len(alive) == 2
    residence.vacate()
    assert not residence.holds("b")
    assert alive[1]() is None


def test_an_idle_model_leaves_by_itself() -> None:
    residence = Residence(idle_seconds=0.2)
    with residence.model("a", Model, cancelled=never):
        time.sleep(0.4)
        assert residence.holds("a")  # not while it is at work
    deadline = time.monotonic() + 5
    while residence.holds("a") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not residence.holds("a")


def test_a_failed_load_leaves_nothing() -> None:
    residence = Residence()

    def fail() -> Model:
        raise OSError("no")

    with pytest.raises(OSError, match="no"), residence.model("a", fail, cancelled=never):
        pass
    assert not residence.holds("a")
    with residence.model("a", Model, cancelled=never):
        assert residence.holds("a")


def test_who_waits_can_give_up_and_a_model_at_work_is_not_taken_away() -> None:
    residence = Residence()
    working, done = threading.Event(), threading.Event()

    def work() -> None:
        with residence.model("a", Model, cancelled=never):
            working.set()
            done.wait(5)

    thread = threading.Thread(target=work)
    thread.start()
    working.wait(5)
    residence.vacate()
    assert residence.holds("a")
    with pytest.raises(CancelledError), residence.model("b", Model, cancelled=working.is_set):
        pass
    done.set()
    thread.join()
