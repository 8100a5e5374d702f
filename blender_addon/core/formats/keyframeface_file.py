"""KeyframeFace JSONL: a described keyframe a line (see `keyframeface` for the words and `released_records`).

A reply is `{"Keyframe_one": {61 values}}`; its description stands in the request, which shows those of all keyframes.
The release's results leave the request out, and with it the words. Its table is a Live Link Face CSV.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ..performance import Keyframe, Performance
from .file_text import FormatError
from .imported import Imported
from .keyframeface import MOST_KEYFRAMES, SYSTEM_PROMPT, reply_key, user_prompt
from .model_reply import ReplyError, find_object
from .pose_convention import KEYFRAMEFACE, RELEASED_NAMES, PoseConvention
from .released_records import SECONDS_APART, Record, channels_from, read_records, released_values, times_of

_DESCRIPTION: Final = re.compile(r"^- Keyframe ([A-Za-z-]+): (.*)$", re.MULTILINE)
_CONTEXT: Final = re.compile(r"^(Background|Emotion): (.*)$", re.MULTILINE)


def is_keyframeface(text: str) -> bool:
    """Whether the first record is of this kind."""
    first = text.lstrip().partition("\n")[0]
    return first.startswith("{") and ('"response"' in first or '"messages"' in first) and "keyframe" in first.lower()


def read_keyframeface(text: str, *, convention: PoseConvention = KEYFRAMEFACE) -> Imported:
    """A performance of the keyframes that have a usable reply; raise FormatError where none has."""
    records, notes = read_records(text)
    keyframes = []
    for record, time in zip(records, times_of(records), strict=True):
        try:
            keyframes.append(_keyframe(record, time, convention))
        except ReplyError as fault:
            notes.append(f"Line {record.line} was left out: {fault}.")
    if not keyframes:
        raise FormatError(f"none of its replies can be used ({notes[-1].partition(': ')[2].rstrip('.')})")
    performance = Performance(tuple(keyframes), duration=keyframes[-1].time + SECONDS_APART)
    words = "\n".join(f"{name}: {text}" for name, text in _CONTEXT.findall(records[0].request))
    return Imported(performance, tuple(notes), words, engine="KeyframeFace")


def write_keyframeface(
    performance: Performance, *, background: str = "", emotion: str = "", convention: PoseConvention = KEYFRAMEFACE
) -> str:
    """A record for each described moment, with the whole face there; raise FormatError where none or too many.

    Easing, holds, and keyframes of speech and of life have no place in this form.
    """
    beats = performance.beats
    if not 1 <= len(beats) <= MOST_KEYFRAMES:
        hint = "Write a Live Link Face CSV or a take file."
        raise FormatError(f"{len(beats)} described moments do not fit a form of 1 to {MOST_KEYFRAMES}", hint)
    poses = performance.sampled(np.array([beat.time for beat in beats]))
    descriptions = [beat.description for beat in beats]
    lines = []
    for number, (beat, values) in enumerate(zip(beats, poses, strict=True), start=1):
        request = user_prompt(descriptions, number, background=background, emotion=emotion)
        messages = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": request}]
        reply = json.dumps({reply_key(number): released_values(values.tolist(), convention)})
        lines.append(json.dumps({"response": reply, "messages": messages, "time": beat.time}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def context_of(words: str) -> dict[str, str]:
    """The `background` and `emotion` among the words that `read_keyframeface` gave."""
    return {name.lower(): text.strip() for name, text in _CONTEXT.findall(words)}


def _keyframe(record: Record, time: float, convention: PoseConvention) -> Keyframe:
    key, values = _answer(record.reply)
    return Keyframe(time, channels_from(values, convention), _description(record.request, key))


def _answer(reply: str) -> tuple[str, Mapping[str, Any]]:
    """The name of the keyframe, where the reply has one, and its values."""
    data = find_object(reply, lambda found: any(_is_keyframe(key) or key in RELEASED_NAMES for key in found)).data
    key = next((key for key in data if _is_keyframe(key)), "")
    if not key:
        return "", data
    if len(data) > 1 or not isinstance(data[key], Mapping):
        raise ReplyError(f"{key[:40]} does not hold the values of one keyframe")
    return key, data[key]


def _is_keyframe(key: str) -> bool:
    return key.lower().startswith("keyframe")


def _description(request: str, key: str) -> str:
    """What the request says of the keyframe of this name."""
    said: dict[str, str] = {title.lower(): words.strip() for title, words in _DESCRIPTION.findall(request)}
    name: str = re.sub(r"(?i)^keyframe[_ ]*", "", key).lower().replace("_", "-")
    return said.get(name, "")
