"""Replies in the two shapes in which SemanticFace's model answers; the words and the numbers are made up here.

The released ones are not part of this repository: tests read them where MIEN_RELEASED_DATA, or ../shared/data beside
the checkout, has them.
"""

import json
import os
from pathlib import Path
from typing import Any

from blender_addon.core.channels import CHANNELS

NAMES = [name[0].upper() + name[1:] for name in CHANNELS]
VALUES = dict.fromkeys(NAMES, 0.0) | {
    "MouthSmileLeft": 0.5,
    "MouthSmileRight": 0.5,
    "JawOpen": 0.3,
    "BrowOuterUpLeft": 0.4,
    "EyeLookDownLeft": 0.2,
    "EyeLookDownRight": 0.2,
    "LeftEyePitch": 0.1,
    "HeadYaw": -0.2,
    "HeadRoll": -0.0,
}
WORDS = """1. **Facial Expression Category**: A cheerful grin.
2. **Detailed Facial Muscle Movements**:
   - **Mouth**: The corners of the mouth go up, and the tongue is out.
   - **Brows**: The left outer brow is raised.
3. **Emotional Implication**: Perhaps joy.
4. **Symmetry**: The smile is uneven, stronger on the left."""
REFUTED = ("the tongue is out", "The smile is uneven, stronger on the left")
"""What of the words the values refute."""


def markdown(values: dict[str, Any] | None = None, words: str = WORDS) -> str:
    """The shape in which the released model answers."""
    return f"{words}\n\n{json.dumps(VALUES | (values or {}))}"


def strict(values: dict[str, Any] | None = None) -> str:
    """The shape that its prompt asks for."""
    analysis = {"expression_category": "A cheerful grin.", "muscle_movements": "The jaw is open.", "symmetry": "Even."}
    return json.dumps({"analysis": analysis, "arkit": VALUES | (values or {})})


def without(name: str) -> str:
    """A reply with 60 keys."""
    return f"{WORDS}\n\n{json.dumps({key: value for key, value in VALUES.items() if key != name})}"


BAD_REPLIES = {
    "no values": (WORDS, "it holds no JSON"),
    "sixty keys": (without("HeadRoll"), "HeadRoll is missing"),
    "sixty-two keys": (markdown({"Happiness": 1.0}), "Happiness is not asked for"),
    "NaN as a word": (markdown({"JawOpen": "NaN"}), 'JawOpen is "NaN", not a number'),
    "NaN": (markdown({"JawOpen": float("nan")}), "NaN is not a number"),
    "infinity": (markdown({"JawOpen": float("inf")}), "Infinity is not a number"),
    "out of range": (markdown({"JawOpen": 1.7}), "JawOpen is 1.7, outside 0 to 1"),
    "a number as a word": (markdown({"JawOpen": "1.7"}), 'JawOpen is "1.7", not a number'),
    "a word": (strict({"JawOpen": "slightly"}), 'JawOpen is "slightly", not a number'),
    "nothing": (markdown({"TongueOut": None}), "TongueOut is null, not a number"),
    "a truth": (strict({"TongueOut": True}), "TongueOut is true, not a number"),
    "a table in the values' place": ('{"analysis": {}, "arkit": [0.1]}', "its arkit holds no values"),
    "cut off in the values": (markdown()[:-300], "it is cut off before its end"),
    "cut off in the last number": (markdown()[:-1], "it is cut off before its end"),
    "two answers": (f"{markdown()}\n{json.dumps(VALUES)}", "it holds 2 answers instead of one"),
    "a value twice": (markdown().replace('"JawOpen": 0.3', '"JawOpen": 0.3, "JawOpen": 0.4'), "JawOpen more than once"),
    "nothing at all": ("", "it is empty"),
}
"""By what is wrong with it: the reply, and what has to be told."""


def released_pairs() -> list[tuple[dict[str, Any], str, Path]]:
    """Each released request with its reply and picture; none where they are not on this machine."""
    data = Path(os.environ.get("MIEN_RELEASED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "semanticface"
    requests, replies = data / "example.jsonl", data / "example_result.jsonl"
    if not (requests.is_file() and replies.is_file()):
        return []
    lines = zip(requests.read_text("utf-8").splitlines(), replies.read_text("utf-8").splitlines(), strict=True)
    pairs = ((json.loads(request), json.loads(reply)["response"]) for request, reply in lines)
    return [(request, reply, data / Path(request["images"][0]).name) for request, reply in pairs]


def numbers_of(reply: str) -> dict[str, float]:
    """The values of a reply in either shape, found without the code that is tested."""
    start = reply.rindex("{")
    data: dict[str, float] = json.JSONDecoder().raw_decode(reply, start)[0]
    return data
