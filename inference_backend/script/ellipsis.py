"""Reads clauses that are complete only with what was said before: pronouns, ellipses, shared words."""

from collections.abc import Sequence
from dataclasses import replace

from .clauses import Clause, Link
from .direct import plain
from .entries import REGION_OF, Entry, Pattern, Region, Sides, entries, mirrored
from .events import Event, Polarity
from .grading import changes_degree, degree_after, is_amount, is_comparative
from .lexicon_files import word_set
from .making import EventMaker, Memory
from .manner import Manner, manner_of
from .matching import Match, matches_in, matches_using
from .objects import THING, is_another_object
from .phrases import Time, speed_factors
from .polarity import can_fade, dipped, does_not_last
from .sides import SideWord, side_of, with_sides_marked
from .word_kinds import has_content, is_change, is_grammar, is_manner, is_part, is_place, is_unknown, is_way
from .words import Form, Token


class ElidedClauses:
    """Fills in what a clause leaves out."""

    def __init__(self, script: str, memory: Memory, maker: EventMaker) -> None:
        self._script = script
        self._memory = memory
        self._maker = maker

    def of_pronoun(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """ "then he lowers them": the part that was spoken of last."""
        pronoun = any(word.lower in ("them", "it", "they", "both") for word in words)
        if not pronoun or self._memory.part is None:
            return []
        extended = [*words, self._memory.part]
        return self._maker.events(clause, extended, sides, matches_using(extended, range(len(words))), undo=True)

    def with_part_named(self, words: list[Token]) -> list[Token]:
        """ "struggles to keep them open": the part in place of the pronoun, where only so it is a phrase of its own."""
        part = self._memory.part
        at = next((p for p, word in enumerate(words) if word.lower in ("them", "it")), None)
        if part is None or at is None:
            return words
        named = [*words[:at], part, *words[at + 1 :]]
        plainly = max((len(match.positions) for match in matches_in(words)), default=0)
        return named if any(len(m.positions) > max(2, plainly) for m in matches_using(named, [at])) else words

    def stopped(self, clause: Clause, before: Clause, words: list[Token]) -> list[Event]:
        """ "laughs, then stops": what was done last ends; who "walks in, stops" stands still."""
        rest = [word for word in words if not is_grammar(word) and not is_manner(word)]
        on_cue = clause.link is Link.THEN or Link.WHEN in (before.link, before.leading)
        if not on_cue or len(rest) != 1 or "stop" not in rest[0].bases:
            return []
        return [_faded(event, clause, self._script) for event in self._memory.expressions]

    def ended(self, clause: Clause) -> list[Event]:
        """ "..., snaps off": what showed last is gone."""
        words = [word for word in clause.words if not is_grammar(word) or word.lower == "off"]
        verbs = [word for word in words if not word_set("switches").isdisjoint(word.bases)]
        if not verbs or not any(word.lower == "off" for word in words):
            return []
        if any(word not in verbs and word.lower != "off" and not is_manner(word) for word in words):
            return []
        return [_faded(event, clause, self._script) for event in self._memory.events if can_fade(event)]

    def of_part_alone(
        self, clause: Clause, before: Clause, words: list[Token], sides: list[SideWord], matches: list[Match]
    ) -> list[Event]:
        """ "her brows knit, then relax": the part relaxes, not the face; "mouth open, then relaxes" is the face."""
        if _only_describes(before.words) and any(word.form is Form.S for word in words):
            return []
        whole_rests = len(matches) == 1 and matches[0].entry.rest and len(matches[0].positions) == 1
        if not whole_rests or self._memory.part is None or not words or words[0].lower in word_set("finite"):
            return []
        return self.of_last_part(clause, words, sides)

    def of_last_part(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """ "..., then knit again": with the part that was spoken of last."""
        content = [word for word in words if not is_grammar(word) and not is_manner(word)]
        if self._memory.part is None or any(map(is_unknown, content)):
            return []
        goes_back = any(is_way(word) for word in words)  # "looks up. Then down again" is no second look
        said = [word.only("#again") if goes_back and word.lower == "again" else word for word in words]
        extended = [*said, self._memory.part]
        found = [m for m in matches_using(extended, [len(words)]) if len(m.positions) > 1]
        found = [m for m in found if any(p < len(words) and THING not in extended[p].keys for p in m.positions)]
        return self._maker.events(clause, extended, sides, found)

    def elliptic(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """ "then the left", "then the other", "but it vanishes": the act that was spoken of last."""
        last = self._memory.events
        rest = [word for word in words if not is_grammar(word) and not is_manner(word)]
        if is_another_object(words) and any(_is_look(event) for event in last):
            return [self._maker.made(entries()[ELSEWHERE], Manner(), None, clause)]
        if _comes_back(words, rest) and any(map(_turns, last)):
            return [self._maker.made(entries()[BACK], Manner(speed=_pace(words)), None, clause)]
        if changed := self._changed(clause, words, rest):
            return changed
        if last and _is_both(words):
            return [self._maker.made(event.entry, manner_of(_named(event), [], words), None, clause) for event in last]
        other = any(word.lower == "other" for word in words)
        if (sides or other) and all("@left" in w.keys or "@right" in w.keys or "#side" in w.keys for w in rest):
            found = self._on_other_side(clause, words, sides, last)
            denied = any(word.lower == "not" or word.lower.endswith("n't") for word in words)
            return [replace(event, polarity=Polarity.FORBID) for event in found] if denied else found
        return []

    def _changed(self, clause: Clause, words: list[Token], rest: list[Token]) -> list[Event]:
        """What was done last goes, comes back, grows or breaks out; rest: the words beyond grammar and manner."""
        last = self._memory.events
        if _loses_it(rest, words):
            return self._let_loose(clause)
        gone = all(is_change(word) for word in rest) if rest else _denies_what_was(words)
        if rest and all("waver" in word.bases for word in rest):
            return [self._said_in(clause, dipped(event)) for event in last if can_fade(event)]
        if gone or _it_does_not_last(words):
            return [_faded(event, clause, self._script) for event in last if can_fade(event)]
        if rest and all(not _RETURNS.isdisjoint(word.bases) for word in rest):
            # "faltered, then returned"
            span = (clause.start, clause.end)
            there = [replace(e, steps=(), dips=False) if e.dips else e for e in last]
            return [replace(e, polarity=Polarity.DO, hold=None, source=span) for e in self._memory.faded or there]
        graded = is_amount(words) or (clause.link is Link.THEN and changes_degree(words))
        if graded and all(map(is_comparative, rest)):
            return [self._again(event, words, clause) for event in last if event.polarity is Polarity.DO]
        return []

    def _said_in(self, clause: Clause, event: Event) -> Event:
        span = (clause.start, clause.end)
        return replace(event, source=span, words=plain(self._script[span[0] : span[1]]))

    def _let_loose(self, clause: Clause) -> list[Event]:
        """ "loses it": what showed last breaks out, laughter, tears or rage."""
        shown = {name: value for event in self._memory.events for name, value in event.pose.items()}
        for channel, entry in _BREAKS_OUT:
            if shown.get(channel, 0.0) > 0.3:
                return [self._maker.made(entries()[entry], Manner(), None, clause)]
        return []

    def _again(self, event: Event, words: list[Token], clause: Clause) -> Event:
        """ "then more deeply", "then less", "then at 80 %": the same act in another degree."""
        if event.entry.fuller and any(word.lower in _FULLY for word in words):
            return self._maker.made(entries()[event.entry.fuller], Manner(speed=_pace(words)), event.side, clause)
        manner = manner_of(_named(event), [], words)
        if manner.number is None and manner.degrees is None:
            manner = replace(manner, strength=degree_after(event.strength, words))
        return self._maker.made(event.entry, manner, event.side, clause)

    def _on_other_side(
        self, clause: Clause, words: list[Token], sides: list[SideWord], last: list[Event]
    ) -> list[Event]:
        found = []
        for event in last:
            side = side_of(event.entry, 0, len(words) - 1, words, sides, self._memory.side)
            if side and _has_sides(event.entry):
                found.append(self._maker.made(event.entry, manner_of(_named(event), [], words), side, clause))
                self._memory.side = side
        return found

    def borrowing(self, clause: Clause, words: list[Token], neighbour: list[Token]) -> list[Event]:
        """A clause that is complete only with words of its neighbour: "raises her chin and eyebrows"."""
        if not neighbour or not has_content(words):
            return []
        if all(is_unknown(word) for word in words if not is_grammar(word)):
            return []
        own_ways = [word for word in words if is_way(word)]
        others = [word for word in neighbour if not (own_ways and is_way(word))]
        own = [p for p, w in enumerate(words) if not is_grammar(w) and (not is_manner(w) or is_way(w))]
        own = [p for p in own if THING not in words[p].keys]
        combined, sides = with_sides_marked([*clause.words, *others])
        found = [m for m in matches_using(combined, own) if len(m.positions) > 1]
        used = {position for match in found for position in match.positions}
        if any(p not in used and _is_of_its_own(combined[p]) and not is_part(combined[p]) for p in own):
            return []
        own_sides = [side for side in sides if side.position < len(words)]
        return self._maker.events(clause, combined, own_sides, found)


def _named(event: Event) -> Match:
    """The entry of an event as it is meant without a word that names it."""
    return Match(event.entry, (), Pattern((), event.entry))


_FULLY = frozenset({"fully", "completely", "entirely", "wholly", "totally"})


def _pace(words: Sequence[Token]) -> float:
    """The factor of the first word of speed."""
    return next((speed_factors()[word.lower] for word in words if word.lower in speed_factors()), 1.0)


def _is_both(words: Sequence[Token]) -> bool:
    """ "(one eyebrow, then the other,) then both"."""
    lower = [word.lower for word in words if word.lower not in ("then", "of", "them", "at", "once", "together")]
    return lower == ["both"]


_BREAKS_OUT = (("mouthSmileLeft", "laugh"), ("browInnerUp", "cry"), ("browDownLeft", "fury"))
"""What shows in a channel, and what comes of it."""


def _only_describes(words: Sequence[Token]) -> bool:
    """ "mouth open", "eyes wide", "brows raised": a part and how it is, with no verb of its own."""
    told = any(word.form in (Form.S, Form.ED, Form.ING) and not is_part(word) for word in words)
    told = told and not (len(words) == 2 and words[1].form is Form.ED)
    return bool(words) and is_part(words[0]) and not told


def _loses_it(rest: Sequence[Token], words: Sequence[Token]) -> bool:
    return len(rest) == 1 and "lose" in rest[0].bases and words[-1].lower == "it"


def _denies_what_was(words: Sequence[Token]) -> bool:
    """ "now he was not", "and then she isn't"."""
    denied = any(word.lower in ("not", "longer", "anymore") or word.lower.endswith("n't") for word in words)
    return (denied and words[0].lower in ("now", "then", "suddenly", "no")) or (denied and words[-1].lower == "anymore")


def _it_does_not_last(words: Sequence[Token]) -> bool:
    """ "It fails.", "but it doesn't last"."""
    it = [word.lower for word in words[:1]] == ["it"]
    return it and ("fail" in words[-1].bases or does_not_last(words))


_RETURNS = frozenset({"return", "reappear", "come"})
BACK = "look_back_ahead"
ELSEWHERE = "look_at_other"
"""The entries of a look that comes back to the viewer, and of one that goes on to a second object."""


def _comes_back(words: Sequence[Token], rest: Sequence[Token]) -> bool:
    """ "(looks over his shoulder), then back at the camera", "back to her": only where the look goes."""
    directed = any(word.lower in ("at", "to", "toward", "towards") for word in words)
    back = any(word.lower == "back" for word in rest)
    return directed and back and all(word.lower == "back" or "@ahead" in word.keys for word in rest)


def _turns(event: Event) -> bool:
    """A look or a turn of the head that lasts."""
    return not event.steps and any(REGION_OF[name] in (Region.GAZE, Region.HEAD) for name in event.main_channels())


def _is_of_its_own(word: Token) -> bool:
    """ "wipes her eyes", "the door opens": a word that says more than the neighbour's words can complete."""
    return is_unknown(word) or is_place(word) or not word_set("by_hand").isdisjoint(word.bases)


def _is_look(event: Event) -> bool:
    return any(REGION_OF[name] is Region.GAZE for name in event.channels)


def _has_sides(entry: Entry) -> bool:
    """Whether "then the left" can be said of it; a look down has no left."""
    if entry.sides is Sides.WAY:
        return mirrored(entry.pose) != entry.pose
    return entry.sides is not Sides.NONE


def _faded(event: Event, clause: Clause, script: str) -> Event:
    start, end = clause.start, clause.end
    over = next((phrase.seconds for phrase in clause.times if phrase.kind is Time.OVER), None)
    return replace(
        event,
        polarity=Polarity.FADE,
        supposed=True,
        speed=_pace(clause.words),
        over=over,
        source=(start, end),
        words=plain(script[start:end]),
    )
