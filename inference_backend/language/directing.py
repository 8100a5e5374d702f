"""The two questions to a general language model: which moments a script has, and what a face does there.

Both answers are JSON of whole numbers (milliseconds, percent, degrees): the grammars into which
servers turn a schema can bound whole numbers, and llama.cpp's can bound no others.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blender_addon.core.anatomy import ANGLE_LIMITS
from blender_addon.core.channels import SHAPES
from blender_addon.core.formats.model_reply import Range, ReplyError, find_object, holds_any, read_numbers
from blender_addon.core.framing import FrameCount

from .chat import ChatRequest, Message
from .passages import Passage

MOST_MOMENTS = 48
_MOMENTS_PER_PASSAGE = 3
_SHORTEST_GAP_MS, _LONGEST_GAP_MS = 80, 6000
_LONGEST_HOLD_MS = 4000
_DESCRIPTION_CHARS = 200

# Tokens: a description may take one a letter in scripts other than Latin, the numbers and names few.
_TOKENS_PER_MOMENT = 280
_POSE_TOKENS = 1000

_SAMPLING_TEMPERATURE = 0.7
"""Used with a variation seed; without one the likeliest answer is taken."""

POSE_RANGES: Mapping[str, Range] = dict.fromkeys(SHAPES, (0.0, 100.0)) | {
    name: (-float(int(math.degrees(limit))), float(int(math.degrees(limit)))) for name, limit in ANGLE_LIMITS.items()
}
"""Percent for shapes, degrees for angles."""

_OUTLINE_RULES = """You direct the face of one character. You are given a script in numbered passages and \
turn it into the key moments of a facial performance, in order.
Each moment has: "passage", the number of the passage that causes it; "after_ms", the milliseconds that \
the face takes to get there once the moment before has been held; "hold_ms", how long it then stays; \
"description", one sentence \
on what the face does: brows, eyes, gaze, cheeks, nose, mouth, jaw, head, with side and degree.
A glance takes 150 to 300 ms, a change of expression 300 to 800 ms, a pause as long as the script says. \
"Left" and "right" are the character's own. Use only what the script says or plainly implies; \
the background and the emotion colour what it leaves open. Write no moment for what no face can show."""

_POSE_RULES = """You are a facial animator who knows the 52 ARKit shapes by heart. You are given the moments of \
a performance and give the face at one of them, consistent with the others.
Answer with one JSON object. Name only what is not at rest. Shapes are percent, 0 to 100: 15 is a trace, 35 slight, \
55 clear, 75 strong, 95 extreme. Angles are degrees: yaw is positive to the character's own left, \
pitch upwards, roll towards the own left shoulder. "Left" is the character's own left; most expressions use both \
sides. mouthClose is never above jawOpen. Where the eyes turn, set their angles and the eyeLook shapes together \
(In is towards the nose)."""


@dataclass(frozen=True)
class Moment:
    """after, hold: seconds. passage: which of the script's passages, counted from 0."""

    after: float
    hold: float
    passage: int
    description: str


def most_moments(passages: Sequence[Passage], duration: float | None) -> int:
    """So many moments may be asked for: a few a passage, and no more than fit into the time."""
    fitting = MOST_MOMENTS if duration is None else max(1, int(duration * 1000 / _SHORTEST_GAP_MS / 2))
    return min(MOST_MOMENTS, fitting, max(2, _MOMENTS_PER_PASSAGE * len(passages)))


def outline_schema(passages: int, moments: int) -> dict[str, Any]:
    """The JSON schema of the first answer."""
    fields: dict[str, Any] = {
        "passage": _whole(1, passages),
        "after_ms": _whole(_SHORTEST_GAP_MS, _LONGEST_GAP_MS),
        "hold_ms": _whole(0, _LONGEST_HOLD_MS),
        "description": {"type": "string", "minLength": 1, "maxLength": _DESCRIPTION_CHARS},
    }
    moment = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    listing = {"type": "array", "items": moment, "minItems": 1, "maxItems": moments}
    return {
        "type": "object",
        "properties": {"moments": listing},
        "required": ["moments"],
        "additionalProperties": False,
    }


def pose_schema() -> dict[str, Any]:
    """The JSON schema of the second answer: all 61 channels, none of them required."""
    channels = {name: _whole(int(low), int(high)) for name, (low, high) in POSE_RANGES.items()}
    return {"type": "object", "properties": channels, "additionalProperties": False}


def _whole(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


def outline_request(
    passages: Sequence[Passage],
    *,
    background: str,
    emotion: str,
    plays: str = "",
    duration: float | None,
    frames: FrameCount | None = None,
    seed: int,
) -> ChatRequest:
    """Ask for the moments of a script."""
    moments = most_moments(passages, duration)
    schema = outline_schema(len(passages), moments)
    length = "" if duration is None else f"The whole performance lasts {duration * 1000:.0f} ms.\n"
    if frames is not None and any("frame" in passage.text.lower() for passage in passages):
        length += f"Frame {frames.first:g} is at 0 ms, and there are {frames.fps:g} frames a second.\n"
    if plays.strip():
        part = " ".join(plays.split())
        length += f'The face plays the part of "{part}": what others do and say only takes its time.\n'
    script = "\n".join(f"{number}. {passage.text}" for number, passage in enumerate(passages, start=1))
    return _request(
        _OUTLINE_RULES,
        schema,
        f"{_context(background, emotion)}{length}At most {moments} moments.\n\nScript:\n{script}",
        max_tokens=moments * _TOKENS_PER_MOMENT,
        seed=seed,
    )


def pose_request(descriptions: Sequence[str], number: int, *, background: str, emotion: str, seed: int) -> ChatRequest:
    """Ask for the face at one moment, numbered from 0, with all of them in view."""
    sequence = "\n".join(f"{index}. {text}" for index, text in enumerate(descriptions, start=1))
    question = f"{_context(background, emotion)}\nMoments:\n{sequence}\n\nGive the face at moment {number + 1}."
    return _request(_POSE_RULES, pose_schema(), question, max_tokens=_POSE_TOKENS, seed=seed)


def _request(rules: str, schema: dict[str, Any], question: str, *, max_tokens: int, seed: int) -> ChatRequest:
    """The schema is repeated in the words: not every server enforces it, and a model writes better what it expects."""
    system = f"{rules}\n\nThe answer obeys this JSON schema:\n{json.dumps(schema, separators=(',', ':'))}"
    return ChatRequest(
        (Message("system", system), Message("user", question)),
        max_tokens=max_tokens,
        schema=schema,
        temperature=_SAMPLING_TEMPERATURE if seed else 0.0,
        seed=seed,
    )


def _context(background: str, emotion: str) -> str:
    lines = (("Background", background), ("Emotion", emotion))
    return "".join(f"{name}: {' '.join(words.split())}\n" for name, words in lines if words.strip())


def read_outline(text: str, *, passages: int, most: int) -> tuple[Moment, ...]:
    """The moments of the first answer; raise ReplyError where it is anything else."""
    listing = find_object(text, lambda data: "moments" in data).data["moments"]
    if not isinstance(listing, list) or not listing:
        raise ReplyError("it lists no moments")
    if len(listing) > most:
        raise ReplyError(f"it lists {len(listing)} moments, more than {most}")
    return tuple(_moment(entry, passages) for entry in listing)


def _moment(entry: object, passages: int) -> Moment:
    if not isinstance(entry, dict):
        raise ReplyError("a moment is not an object")
    description = entry.get("description")
    words = " ".join(description.split()) if isinstance(description, str) else ""
    if not words:
        raise ReplyError("a moment has no description")
    ranges = {
        "passage": (1.0, float(passages)),
        "after_ms": (float(_SHORTEST_GAP_MS), float(_LONGEST_GAP_MS)),
        "hold_ms": (0.0, float(_LONGEST_HOLD_MS)),
    }
    numbers = read_numbers({name: value for name, value in entry.items() if name != "description"}, ranges)
    if not numbers["passage"].is_integer():
        raise ReplyError(f"passage is {numbers['passage']:g}, not a whole number")
    return Moment(
        after=numbers["after_ms"] / 1000,
        hold=numbers["hold_ms"] / 1000,
        passage=int(numbers["passage"]) - 1,
        description=words[:_DESCRIPTION_CHARS],
    )


def read_pose(text: str) -> dict[str, float]:
    """The channels that the second answer names, in channel units; raise ReplyError where it is anything else."""
    data = find_object(text, lambda data: not data or holds_any(data, POSE_RANGES)).data
    numbers = read_numbers(data, POSE_RANGES, complete=False)
    return {name: value / 100 if name in _SHAPE_NAMES else math.radians(value) for name, value in numbers.items()}


_SHAPE_NAMES = frozenset(SHAPES)
