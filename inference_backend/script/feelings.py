"""Words that name a feeling and mean another thing, and feelings that are denied."""

from collections.abc import Sequence
from dataclasses import replace

from .entries import REGION_OF, Pose, Region
from .events import Event
from .lexicon_files import word_set
from .matching import Match
from .words import Form, Token

MILD = 0.55
"""Strength of the displeasure that shows where a good feeling is denied."""
POSITIVE = word_set("positive")
"""Entries of feelings whose denial says of a person that something displeases him."""

_AFTER_LOST = frozenset(
    {"in", "and", "or", "but", "for", "at", "without", "there", "here", "now", "too", "again", "as", "look", "gaze"}
)


def without_losses(words: Sequence[Token], matches: Sequence[Match]) -> list[Match]:
    """ "looks lost" is a feeling; "lost the watch", "lost everything" say what somebody has no longer."""
    return [match for match in matches if not any(_is_loss(words, position) for position in match.positions)]


def _is_loss(words: Sequence[Token], position: int) -> bool:
    if words[position].lower != "lost" or position + 1 >= len(words):
        return False
    following = words[position + 1]
    adverb = following.form is Form.LY or not _AFTER_LOST.isdisjoint(following.bases)
    return not adverb and "@face" not in following.keys and "@eye" not in following.keys


HIDDEN = "#hidden"
"""Marks a word that says that a feeling is hidden behind something."""
_HIDING = frozenset({"hide", "conceal", "mask", "disguise", "cover", "bury", "bottle"})


def with_hiding_marked(words: Sequence[Token]) -> list[Token]:
    """ "hides it behind a smile" hides no smile."""
    behind = max((p for p, word in enumerate(words) if word.lower in ("behind", "under", "beneath")), default=-1)
    return [
        word.only(HIDDEN) if position < behind and not _HIDING.isdisjoint(word.bases) else word
        for position, word in enumerate(words)
    ]


def hides_feeling(words: Sequence[Token]) -> bool:
    """Whether the clause says that something felt is kept from showing: "behind it, panic"."""
    behind = len(words) > 1 and words[0].lower in _BEHIND and words[1].lower in _WHAT_HIDES
    return behind or any(not _HIDING.isdisjoint(word.bases) for word in words)


_WHAT_HIDES = frozenset({"it", "that", "this", "the", "his", "her"})
_BEHIND = frozenset({"behind", "beneath", "underneath"})


def hidden(event: Event) -> Event:
    """What of a hidden feeling leaks: the eyes more than the brows, the brows more than the mouth."""
    pose = {name: value * LEAKS.get(REGION_OF[name], LEAK) for name, value in event.pose.items()}
    return replace(event, pose=pose, strength=event.strength * LEAK)


LEAK = 0.45
LEAKS = {Region.LID: 0.7, Region.MOUTH: 0.25, Region.JAW: 0.25}
"""Shares of a hidden feeling that show all the same (Ekman and Friesen 1969: leakage)."""


def is_denied_of_person(words: Sequence[Token]) -> bool:
    """ "he is not happy", "she doesn't look amused": somebody is, or looks, otherwise."""
    being = any(not _BEING.isdisjoint(word.bases) or word.lower.endswith("n't") for word in words)
    denied = any(word.lower in ("not", "never", "hardly") or word.lower.endswith("n't") for word in words)
    return denied and (being or words[0].lower == "not")


_BEING = frozenset({"is", "are", "was", "were", "be", "look", "seem", "feel", "appear", "sound", "get"})


def stays_in_mouth(words: Sequence[Token]) -> bool:
    """ "a laugh that doesn't reach his eyes", "a mirthless grin"."""
    if any(word.lower in word_set("unfelt") for word in words) or limits_to_mouth(words):
        return True
    at = next((p for p, word in enumerate(words) if "reach" in word.bases), len(words))
    denied = any(
        word.lower in ("not", "never", "hardly", "barely") or word.lower.endswith("n't") or "fail" in word.bases
        for word in words[:at]
    )
    return denied and any("@eye" in word.keys for word in words[at:])


def limits_to_mouth(words: Sequence[Token]) -> bool:
    """ "smiles only with his lips", "with her mouth alone"."""
    lower = {word.lower for word in words}
    limited = not lower.isdisjoint({"only", "just", "alone", "merely"}) and "with" in lower
    return limited and any("@mouth" in word.keys or "@lip" in word.keys for word in words)


def spares_eyes(words: Sequence[Token], *, without: bool) -> bool:
    """ "(smiles,) but not with his eyes", "but her eyes don't", "without the eyes": a clause that says no more.

    without: it is joined by that word.
    """
    denied = [word for word in words if word.lower == "not" or word.lower.endswith("n't")]
    if not (denied or without) or not any("@eye" in word.keys for word in words):
        return False
    rest = [word for word in words if "@eye" not in word.keys and word not in denied[:1]]
    return all(word.lower in _AROUND_EYES or not _JOINS_IN.isdisjoint(word.bases) for word in rest)


_AROUND_EYES = frozenset(
    {"with", "in", "his", "her", "their", "the", "do", "does", "did", "to", "too", "it", "at", "all"}
)
_JOINS_IN = frozenset({"smile", "join", "follow", "reach", "touch", "agree", "match", "use", "involve"})


def unfelt(event: Event) -> Event:
    """A smile or a laugh without what the eyes do in a felt one (Duchenne's mark: cheeks and lids)."""

    def without_eyes(pose: Pose) -> dict[str, float]:
        smiles = any(name.startswith("mouthSmile") for name in event.channels)
        return {n: v for n, v in pose.items() if not (smiles and n.startswith(("cheekSquint", "eyeSquint")))}

    steps = tuple((time, without_eyes(pose)) for time, pose in event.steps)
    return replace(event, pose=without_eyes(event.pose), steps=steps, leaves=without_eyes(event.leaves))
