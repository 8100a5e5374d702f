"""Every script of the corpus does what was expected of it before the performer was written."""

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from blender_addon.core.anatomy import faults
from blender_addon.core.errors import InputError
from blender_addon.core.performance import Performance
from inference_backend.script.engine import BuiltInPerformer

from .expectations import Seen, failure, threshold

CORPUS = Path(__file__).parent / "corpus"


def cases(kind: str) -> list:
    found = []
    for path in sorted(CORPUS.glob("*.toml")):
        for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get(kind, []), start=1):
            found.append(pytest.param(case, id=f"{path.stem}-{kind}-{number}"))
    return found


@cache
def performer() -> BuiltInPerformer:
    return BuiltInPerformer()


def performed(case: dict) -> Performance:
    """Without life: a blink that nobody wrote is no answer to what the script says."""
    return performer().perform(
        case["text"] * case.get("repeat", 1),
        background=case.get("background", ""),
        emotion=case.get("emotion", ""),
        duration=case.get("duration"),
        life=False,
    )


@pytest.mark.parametrize("case", cases("script"))
def test_script(case: dict) -> None:
    if case["expect"] == ["refused"]:
        with pytest.raises(InputError) as caught:
            performed(case)
        assert caught.value.hint
        return
    performance = performed(case)
    assert not faults(performance)
    seen = Seen(performance)
    failures = [f"{claim}: {why}" for claim in case["expect"] if (why := failure(seen, claim))]
    assert not failures, f"{case['text']!r}: {failures}"


def peak(text: str, channel: str) -> float:
    return float(np.abs(Seen(performed({"text": text})).line(channel)).max())


@pytest.mark.parametrize("case", cases("compare"))
def test_degree(case: dict) -> None:
    less, more = peak(case["less"], case["channel"]), peak(case["more"], case["channel"])
    assert 0.02 < less < 0.85 * more, f"{case['less']!r} {less:.2f}, {case['more']!r} {more:.2f}"


def rise_seconds(text: str, channel: str) -> float:
    seen = Seen(performed({"text": text}))
    line = np.abs(seen.line(channel))
    assert line.max() > threshold(channel)
    return float(((line > 0.1 * line.max()) & (line < 0.9 * line.max())).sum())


@pytest.mark.parametrize("case", cases("compare_rise"))
def test_speed(case: dict) -> None:
    slower, faster = (rise_seconds(case[key], case["channel"]) for key in ("slower", "faster"))
    assert slower > 1.5 * faster


@pytest.mark.parametrize("case", cases("compare_length"))
def test_length(case: dict) -> None:
    shorter, longer = (performed({"text": case[key]}).duration for key in ("shorter", "longer"))
    assert longer > shorter + 0.3


def test_the_corpus_is_large_enough() -> None:
    assert sum(len(cases(kind)) for kind in ("script", "compare", "compare_rise", "compare_length")) >= 150
