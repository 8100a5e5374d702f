"""The released KeyframeFace and SemanticFace descriptions performed as text, against the released numbers.

The files are not part of this repository. They are read from ../shared/data beside the checkout, or
from the folder that MIEN_RELEASED_DATA names; where there are none, the report says so.

A channel counts as active from 0.2 (arXiv 2512.11321 and 2603.14827 give values on a grid of 0.1).
The text of a keyframe is played to its end, and the face that it leaves or, for a gesture, its
fullest moment is compared. The nine angles are left out: the two releases state no unit for them.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from blender_addon.core.channels import CHANNELS, SHAPES
from inference_backend.script.engine import BuiltInPerformer

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("MIEN_RELEASED_DATA", ROOT.parent / "shared" / "data"))
ACTIVE = 0.2

Row = dict[str, Any]
Pair = tuple[str, dict[str, float]]


def run() -> list[Row]:
    """The rows of the report."""
    rows: list[Row] = []
    for title, pairs in (("KeyframeFace", keyframeface()), ("SemanticFace", semanticface())):
        found = list(pairs)
        if found:
            rows.extend(_scores(title, found))
        else:
            rows.append({"name": f"{title}: released descriptions", "value": "not there", "unit": ""})
    return rows


def keyframeface() -> Iterator[Pair]:
    """Each keyframe's words with the values of the reply."""
    for request, reply in _examples("keyframeface"):
        prompt = request["messages"][-1]["content"]
        for name, values in json.loads(reply["response"]).items():
            number = name.split("_")[-1].capitalize()
            described = re.search(rf"Keyframe {number}: (.*)", prompt)
            if described:
                yield described.group(1), _by_arkit_name(values)


def semanticface() -> Iterator[Pair]:
    """The description of each reply, without its headings, with the values after it."""
    for _, reply in _examples("semanticface"):
        text, _, numbers = reply["response"].rpartition("\n\n{")
        movements = re.search(r"Muscle Movements\W*\n(.*?)\n\d\.", text, re.DOTALL)
        if movements:
            yield (
                re.sub(r"\*\*|^\s*- ", "", movements.group(1), flags=re.MULTILINE),
                _by_arkit_name(json.loads("{" + numbers)),
            )


def _examples(folder: str) -> Iterator[tuple[Any, Any]]:
    requests, replies = DATA / folder / "example.jsonl", DATA / folder / "example_result.jsonl"
    if requests.exists() and replies.exists():
        lines = (path.read_text(encoding="utf-8").splitlines() for path in (requests, replies))
        yield from ((json.loads(a), json.loads(b)) for a, b in zip(*lines, strict=True))


def _by_arkit_name(values: dict[str, float]) -> dict[str, float]:
    return {name[0].lower() + name[1:]: float(value) for name, value in values.items()}


def _scores(title: str, pairs: list[Pair]) -> list[Row]:
    performer = BuiltInPerformer()
    wanted = np.array([[values[name] for name in SHAPES] for _, values in pairs])
    got = np.array([_fullest(performer, text) for text, _ in pairs])
    both = ((wanted >= ACTIVE) & (got >= ACTIVE)).sum()
    return [
        {"name": f"{title}: precision of active channels", "value": _share(both, got), "unit": ""},
        {"name": f"{title}: recall of active channels", "value": _share(both, wanted), "unit": ""},
        {"name": f"{title}: mean absolute error", "value": round(float(np.abs(wanted - got).mean()), 4), "unit": ""},
        {"name": f"{title}: descriptions", "value": len(pairs), "unit": ""},
    ]


def _share(both: int, values: np.ndarray) -> float:
    """How many of the active channels in `values` are active in both."""
    return round(float(both / max(1, (values >= ACTIVE).sum())), 3)


def _fullest(performer: BuiltInPerformer, text: str) -> np.ndarray:
    performance = performer.perform(text, life=False)
    times = np.arange(0.0, performance.duration + 0.01, 0.02)
    table = performance.sampled(times)[:, : len(SHAPES)]
    end = table[-1]
    fullest: np.ndarray = np.where(end > 0.02, end, table.max(axis=0))
    return fullest


def difference(text: str, values: dict[str, float]) -> dict[str, tuple[float, float]]:
    """(released, performed) of the channels that only one of the two has active; for a closer look."""
    got = _fullest(BuiltInPerformer(), text)
    return {
        name: (values[name], round(float(got[index]), 2))
        for index, name in enumerate(CHANNELS[: len(SHAPES)])
        if (values[name] >= ACTIVE) != (got[index] >= ACTIVE)
    }
