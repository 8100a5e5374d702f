"""Whether a clause asks for an act, lets it fade, rules it out, or lets it grow."""

from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import pairwise

from blender_addon.core.anatomy import ANGLE_LIMITS

from .clauses import Clause, Link
from .entries import Pose
from .events import Event, Polarity
from .manner import Manner, changes, negation_before
from .matching import Match
from .words import Form, Token

_LASTING = frozenset({"neutral", "hold", "wait", "unchanged"})
"""Entries that a negation beside them does not concern: "no expression", "she does not move"."""


def with_polarity(
    event: Event, match: Match, matches: Sequence[Match], clause: Clause, words: Sequence[Token]
) -> Event:
    """The event as the words around it mean it."""
    if event.entry.name in _LASTING:
        return event
    negated = negation_before(words, match.first) is not None or _is_denied_within(match, words)
    stopped = can_fade(event) and _is_stopped(match, words)
    if negated and (stopped or _no_longer(words)):
        return replace(event, polarity=Polarity.FADE, supposed=False)
    if negated or Link.WITHOUT in (clause.link, clause.leading) or _never_comes(match, words):
        return replace(event, polarity=Polarity.FORBID)
    if _is_replaced(match, words) or (stopped and not event.entry.rest):
        return replace(event, polarity=Polarity.FADE, supposed=True)
    kept = _goes_on(match, words) if event.entry.whole else _is_kept_up(match, words)
    kept = kept or _has_been(match, words)
    lasting = kept and not event.steps
    return _waxing_or_waning(replace(event, lasting=lasting), match, matches, words)


def _is_denied_within(match: Match, words: Sequence[Token]) -> bool:
    """ "her eyes are no longer wide", "his brows aren't raised"."""
    within = words[match.first + 1 : match.last]
    if any(word.lower == "neither" for word in within):
        return True  # "looks neither left nor right"
    for verb, after in pairwise([*within, words[match.last]]):
        if verb.lower in _IS and after.lower in ("not", "no", "never"):
            return True
        if verb.lower.removesuffix("n't") in _IS and verb.lower.endswith("n't"):
            return True
    return False


_IS = frozenset({"is", "are", "was", "were"})


def _goes_on(match: Match, words: Sequence[Token]) -> bool:
    """ "keeps smiling", "still smiles", "continues to frown", "goes on grinning"."""
    before = words[: match.first]
    if any(word.lower == "still" or not _GOING_ON.isdisjoint(word.bases) for word in before):
        return True
    if any("freeze" in word.bases for word in words[match.first + 1 :]):
        return True  # "the smile freezes on his face"
    after = {base for word in words[match.last + 1 : match.last + 2] for base in word.bases}
    if before and before[-1].lower in _OWNED and not after.isdisjoint(_STAYS):
        return True  # "his smile holds"
    return any(after.lower == "on" and "go" in word.bases for word, after in pairwise(before))


def _is_kept_up(match: Match, words: Sequence[Token]) -> bool:
    """ "keeps his eyes shut", "her eyes still closed": a part stays; who "keeps raising her brows" moves them."""
    kept = any(not _KEPT.isdisjoint(word.bases) for word in words)
    kept = kept or any(words[position - 1].lower == "still" for position in match.positions if position)
    return kept and not any(words[position].form is Form.ING for position in match.positions)


def _has_been(match: Match, words: Sequence[Token]) -> bool:
    """ "had been smiling", "his brows had been knitted": so it was before anything happened."""
    before = words[: match.last]
    return any("have" in word.bases and after.lower == "been" for word, after in pairwise(before))


_KEPT = frozenset({"keep", "stay", "remain"})
_STAYS = frozenset({"hold", "stay", "remain", "linger"})
_GOING_ON = frozenset({"keep", "continue", "remain", "stay"})


def _is_stopped(match: Match, words: Sequence[Token]) -> bool:
    """ "stops smiling", but not "can't stop smiling"."""
    ceasing = (p for p in _free(changes(words, "cease"), [match]) if p < match.first)
    return any(not _is_negated(words, p) for p in ceasing)


def _is_negated(words: Sequence[Token], position: int) -> bool:
    """ "can't stop grinning"."""
    before = words[position - 1].lower if position else ""
    return before.endswith("n't") or before in ("not", "never", "cannot")


def _is_replaced(match: Match, words: Sequence[Token]) -> bool:
    """ "confusion replaces her smile", "her smile is replaced by confusion"."""
    at = next((p for p, word in enumerate(words) if "replace" in word.bases), None)
    if at is None:
        return False
    passive = any(word.lower in ("by", "with") for word in words[at + 1 :])
    return match.last < at if passive else match.first > at


def _waxing_or_waning(event: Event, match: Match, matches: Sequence[Match], words: Sequence[Token]) -> Event:
    """ "her smile fades", "his anger grows"."""
    if not (can_fade(event) and _is_noun_use(match, words)):
        return event
    fading = [p for p in _free(changes(words, "fade"), matches) if p > match.last and not _fails_to(words[p:])]
    if any(_is_negated(words, p) for p in fading):
        return replace(event, lasting=not event.steps)  # "her smile never falters"
    if (fading and not _is_transform(words, fading)) or does_not_last(words[match.last + 1 :]):
        if fading and all("waver" in words[p].bases for p in fading):
            return dipped(event)
        return replace(event, polarity=Polarity.FADE, supposed=True)
    if any(p > match.last for p in _free(changes(words, "grow"), matches)):
        return _grown(event)
    return event


def _free(positions: Sequence[int], matches: Sequence[Match]) -> list[int]:
    """The positions that belong to none of the matches."""
    taken = {position for match in matches for position in match.positions}
    return [position for position in positions if position not in taken]


def does_not_last(words: Sequence[Token]) -> bool:
    """ "(her smile) doesn't hold", "won't last", "never stays"."""
    return _is_negated_in(words, {"hold", "last", "stay", "survive", "linger"})


def _never_comes(match: Match, words: Sequence[Token]) -> bool:
    """ "the smile never comes", "the laugh won't come"."""
    comes = _is_negated_in(words[match.last + 1 :], {"come", "appear", "arrive", "form"})
    return comes and match.entry.whole and _is_noun_use(match, words)


def _is_negated_in(words: Sequence[Token], verbs: Set[str]) -> bool:
    return any(_is_negated(words, p) for p, word in enumerate(words) if not verbs.isdisjoint(word.bases))


def _fails_to(words: Sequence[Token]) -> bool:
    """ "her smile fails to convince" tells of a smile that stays."""
    return "fail" in words[0].bases and len(words) > 1 and words[1].lower == "to"


def _is_transform(words: Sequence[Token], fading: Sequence[int]) -> bool:
    """ "drops from a smile" fades; "goes wide" and "slides over to the left" do not."""
    after = words[fading[0] + 1 : fading[0] + 5]
    goes_over = any(word.lower in ("to", "over", "across") for word in after)
    sided = any(not {"@left", "@right", "side"}.isdisjoint(word.keys) for word in after)
    return (goes_over and sided) or (bool(after) and after[0].lower in ("wide", "wider"))


def _grown(event: Event) -> Event:
    stronger = Manner(strength=1.3)
    return replace(
        event,
        pose=scaled(event.pose, stronger),
        steps=tuple((time, scaled(pose, stronger)) for time, pose in event.steps),
    )


def dipped(event: Event) -> Event:
    """ "her smile wavers": it was there, is nearly lost and comes back; a gesture that wavers ends."""
    if event.steps or not event.pose:
        return replace(event, polarity=Polarity.FADE, supposed=True)
    low = {name: value * DIP for name, value in event.pose.items()}
    return replace(event, lasting=True, dips=True, hold=None, steps=((0.35, low), (0.6, low), (1.0, event.pose)))


DIP = 0.3
"""What is left of an expression in the moment that it wavers."""


def can_fade(event: Event) -> bool:
    """Expressions and feelings come and go; a nod does not fade."""
    return event.entry.whole or bool(event.entry.pose)


_OWNED = frozenset({"her", "his", "their", "our", "my", "your", "the"})


def _no_longer(words: Sequence[Token]) -> bool:
    text = " ".join(word.lower for word in words)
    return any(phrase in text for phrase in ("no longer", "any more", "anymore", "any longer"))


def _is_noun_use(match: Match, words: Sequence[Token]) -> bool:
    """ "her smile", "the frown", "a grin", "smile fades": a thing that can come and go."""
    if len(match.positions) > 1 and not match.entry.whole:
        return False
    word = words[match.last]
    before = words[match.first - 1].lower if match.first else ""
    if word.form is Form.S and before in _OWNED:
        return True  # "our smiles fade"
    if word.form in (Form.S, Form.ING, Form.ED, Form.LY) and not match.entry.emotion:
        return False
    return before not in ("he", "she", "they", "to", "i", "you")


def scaled(pose: Pose, manner: Manner) -> dict[str, float]:
    """The pose at its strength, each channel within its range."""
    largest = max((abs(value) for value in pose.values()), default=0.0)
    factor = manner.strength
    if manner.number is not None and largest:
        factor = manner.number / max(v for v in (largest, 1e-6))
    if manner.degrees is not None:
        angle = max((abs(value) for name, value in pose.items() if name in ANGLE_LIMITS), default=0.0)
        factor = manner.degrees * 0.0174533 / angle if angle else factor
    return {
        name: max(-limit, min(limit, value * factor))
        if (limit := ANGLE_LIMITS.get(name))
        else max(0.0, min(1.0, value * factor))
        for name, value in pose.items()
    }
