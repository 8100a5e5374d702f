"""A script cut into numbered passages, so that a model can say which words it means by a number alone."""

import re
from dataclasses import dataclass

from blender_addon.core.errors import InputError, TooLargeError

MAX_SCRIPT_CHARS = 20_000
_MOST_PASSAGES = 60

_SENTENCE = re.compile(r"[^.!?…。！？\n]+[.!?…。！？]*[\"'”’)\]]*")


@dataclass(frozen=True)
class Passage:
    """Some words of a script. start, end: its first and one-past-last character there."""

    text: str
    start: int
    end: int


def passages_of(script: str) -> tuple[Passage, ...]:
    """The sentences of a script in order, neighbours joined where there are very many.

    Raises InputError for a script without words, TooLargeError for one beyond the limit.
    """
    if len(script) > MAX_SCRIPT_CHARS:
        raise TooLargeError(
            f"The script has {len(script):,} characters; at most {MAX_SCRIPT_CHARS:,} are read.", "Send it in parts."
        )
    spans = [_trimmed(script, match.start(), match.end()) for match in _SENTENCE.finditer(script)]
    spans = [(start, end) for start, end in spans if any(letter.isalnum() for letter in script[start:end])]
    if not spans:
        raise InputError("The script holds no words.", "Write what happens, such as: She smiles, then looks away.")
    size = -(-len(spans) // _MOST_PASSAGES)
    groups = [spans[first : first + size] for first in range(0, len(spans), size)]
    return tuple(
        Passage(" ".join(script[group[0][0] : group[-1][1]].split()), group[0][0], group[-1][1]) for group in groups
    )


def _trimmed(script: str, start: int, end: int) -> tuple[int, int]:
    words = script[start:end]
    return start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))
