"""SemanticFace (arXiv 2603.14827): the words and the replies of its released adapter.

A request shows one picture; the reply describes its face in four fields and gives 61 values. The prompt asks for
strict JSON, `{"analysis": {...}, "arkit": {...}}`; the released model writes Markdown and then one bare object of
values. Both are read here.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..channels import SHAPES
from .model_reply import Range, ReplyError, find_object, holds_any, read_numbers
from .pose_convention import RELEASED_NAMES

# The adapter was trained on these very words; they are its interface, not prose of ours.
SYSTEM_PROMPT: Final = (
    "You are a professional facial expression parameter generation expert based on the ARKit facial expression "
    "parameter system. Output strict JSON with all 61 parameters in the given order"
)

USER_PROMPT: Final = f"""\
You are an expert in Facial Action Coding System (FACS) and ARKit facial expression analysis.

Given a facial image, provide a two-part analysis:

Part 1: "analysis"
Analyze the facial expression with the following structure:
- expression_category: the most likely facial expression category
- muscle_movements: detailed facial muscle movements with intensity (by region: eyebrows, eyes, cheeks, mouth, jaw)
- emotional_implication: emotional meaning ONLY if clearly observable from facial muscles, otherwise state \
"not clearly observable"
- symmetry: describe left-right facial symmetry or any notable asymmetry, otherwise state "mostly symmetric"

Part 2: "arkit"
Generate a complete JSON object mapping every ARKit blendshape coefficient name to a precise value in the range \
[0, 1] with 3 decimal places.
- You MUST include ALL 61 coefficients from the provided list
- Each value should reflect the observed facial muscle activation intensity
- Format: {{"coefficient_name": value}}

CRITICAL REQUIREMENTS:
- Return ONLY a valid JSON object with two keys: "analysis" and "arkit"
- NO additional text, explanations, or markdown formatting
- The "arkit" object must contain exactly these 61 coefficients: {json.dumps(RELEASED_NAMES)}

Expected output format:
{{
  "analysis": {{
    "expression_category": "...",
    "muscle_movements": "...",
    "emotional_implication": "...",
    "symmetry": "..."
  }},
  "arkit": {{
    "EyeBlinkLeft": 0.000,
    "EyeLookDownLeft": 0.000,
    ...
  }}
}}"""
"""What follows the picture."""

ANALYSIS: Final = "analysis"
VALUES: Final = "arkit"
ANALYSIS_FIELDS: Final = ("expression_category", "muscle_movements", "emotional_implication", "symmetry")

RANGES: Final[Mapping[str, Range]] = {
    name: (0.0, 1.0) if index < len(SHAPES) else (-math.pi / 2, math.pi / 2)
    for index, name in enumerate(RELEASED_NAMES)
}
"""The range of each value by its released name. The prompt says 0 to 1 for all; the released replies have angles below
0, and a head or an eye that turns further than a quarter turn shows no face."""


@dataclass(frozen=True)
class FaceReply:
    """values: all 61, by their released names. words: the description as the model wrote it; may be empty.

    mended: what had to be made up for in the reply's form, as a sentence; empty where nothing had to.
    """

    values: Mapping[str, float]
    words: str
    mended: str = ""


def read_face_reply(text: str) -> FaceReply:
    """The 61 numbers and the words of a reply in either shape, fenced or not; raise ReplyError otherwise.

    A reply that was cut off behind its last value is mended; one that was cut off before is refused, since even its
    last number may lack digits.
    """
    data, words, mended = values_and_words(text)
    return FaceReply(read_numbers(data, RANGES), words, mended)


def values_and_words(text: str) -> tuple[Mapping[str, Any], str, str]:
    """What a reply gives as values, as it stands, its description, and what was mended; raise ReplyError without any.

    The description is what stands in front of bare values, or behind them where there is nothing in front.
    """
    found = find_object(text, lambda data: holds_any(data, (VALUES, *RELEASED_NAMES)))
    fields = {key.lower(): value for key, value in found.data.items()}
    if VALUES in fields:
        if not isinstance(fields[VALUES], Mapping):
            raise ReplyError(f"its {VALUES} holds no values")
        return fields[VALUES], analysis_words(fields.get(ANALYSIS, "")), found.mended
    words = found.before or found.after
    if f'"{VALUES}"' not in words.lower():
        return found.data, words, found.mended
    return found.data, analysis_words(_analysis_in(words)), "The reply was cut off behind its last value."


def _analysis_in(text: str) -> object:
    """The analysis in the beginning of a strict reply; empty where there is none."""
    try:
        return find_object(text, lambda data: holds_any(data, ANALYSIS_FIELDS)).data
    except ReplyError:
        return ""


def analysis_words(analysis: object) -> str:
    """The description of a strict reply, a line for each of its fields."""
    if isinstance(analysis, Mapping):
        return "\n".join(f"{str(name).replace('_', ' ')}: {_flat(words)}" for name, words in analysis.items())
    return str(analysis).strip()


def _flat(words: object) -> str:
    """A field's words; some models divide it by region, or write a list."""
    if isinstance(words, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')}: {_flat(inner)}" for name, inner in words.items())
    if isinstance(words, list):
        return "; ".join(map(_flat, words))
    return str(words)
