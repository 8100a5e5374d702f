"""Orders as animators give them, read and made on a track, a performance and a pose."""

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from blender_addon.core.word_edits import request_for, with_edits
from inference_backend.editing.reader import read_edits

from .expectations import Seen, faults
from .takes import FPS, TAKES

_CORPUS = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text(encoding="utf-8"))
_ORDERS = [(kind, words) for kind in TAKES for words in _CORPUS[kind]]


@cache
def _before(kind: str) -> Seen:
    return Seen.of(TAKES[kind]())


@pytest.mark.parametrize(("kind", "words"), _ORDERS)
def test_an_order_does_what_it_says(kind: str, words: str) -> None:
    take = TAKES[kind]()
    reply = read_edits(request_for(take, words, FPS, playhead=1.0))
    assert reply.not_understood == ()
    edited = with_edits(take, reply.edits, FPS)
    assert faults(_CORPUS[kind][words], _before(kind), Seen.of(edited)) == []
    added = edited.shaping.edits[len(take.shaping.edits) :]
    assert all(edit.did for edit in added)


@pytest.mark.parametrize(
    ("words", "frame"), [("blink", 990), ("blink", -20), ("squint", 990), ("squint", -20), ("wink", 990)]
)
def test_a_moment_outside_of_the_take_changes_nothing_and_says_so(words: str, frame: int) -> None:
    take = replace(TAKES["talk"](), frame_start=1.0 if frame > 0 else 101.0)
    reply = read_edits(request_for(take, f"{words} at frame {abs(frame)}", FPS, playhead=take.frame_start))
    edited = with_edits(take, reply.edits, FPS)
    (sentence,) = (sentence for edit in edited.shaping.edits for sentence in edit.did)
    assert sentence.startswith("Nothing to do for ")
    assert sentence.endswith(": that is outside of the take.")
    assert (edited.curves(FPS)["eyeBlinkLeft"].values == take.curves(FPS)["eyeBlinkLeft"].values).all()


def test_a_movement_that_was_added_says_from_when_to_when() -> None:
    take = replace(TAKES["talk"](), frame_start=1.0)
    edited = with_edits(take, read_edits(request_for(take, "squint at frame 50", FPS, playhead=1.0)).edits, FPS)
    (sentence,) = (sentence for edit in edited.shaping.edits for sentence in edit.did)
    first, last = (int(number) for number in re.findall(r"from frame (\d+) to (\d+) ", sentence)[0])
    assert first < 50 < last
    assert sentence.startswith("Added: the eyes narrow from frame ")


@pytest.mark.parametrize("words", _CORPUS["lost"])
def test_what_is_not_understood_is_reported(words: str) -> None:
    take = TAKES["talk"]()
    reply = read_edits(request_for(take, words, FPS, playhead=1.0))
    assert list(reply.not_understood) == _CORPUS["lost"][words]


@pytest.mark.parametrize("kind", TAKES)
def test_without_its_edits_a_take_is_what_it_was(kind: str) -> None:
    take = TAKES[kind]()
    edited = with_edits(take, read_edits(request_for(take, "half the smile", FPS, playhead=1.0)).edits, FPS)
    undone = replace(edited, shaping=replace(edited.shaping, edits=()))
    assert undone == replace(take, shaping=undone.shaping)
    before, after = take.curves(FPS), undone.curves(FPS)
    assert all((before[name].values == after[name].values).all() for name, _ in before)
