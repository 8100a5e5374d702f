"""Reads a script: sentences become groups of events, and what cannot be read is reported."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .addressing import TWO_PEOPLE, is_condition, subjects_in
from .attaching import spread_in_time, with_manner_moved
from .clauses import Clause, Link, clauses_of, is_expression
from .direct import direct_channels, plain
from .entries import REGION_OF, Entry, Pattern, Pose, Region, Sides, entries, mirrored
from .events import Event, Polarity
from .feelings import MILD, POSITIVE, hidden, hides_feeling, is_denied_of_person, with_hiding_marked, without_losses
from .frames import RATE_WANTED, FrameClock
from .introducing import without_introduction
from .lexicon_files import table, word_set
from .manner import Manner, manner_of, strength_of
from .matching import Match, matches_in, matches_using
from .nearest import Nearest
from .objects import is_another_object, with_things_marked
from .phrases import Time, degree_factors
from .polarity import can_fade, scaled, with_polarity
from .pronouncing import is_english
from .screenplay import VOICES, Sentence, is_say_word
from .sides import SideWord, is_two_sided, on_side, side_of, with_sides_marked
from .word_kinds import PARTS, has_content, is_change, is_grammar, is_manner, is_part, is_unknown, is_way
from .words import Form, Token


@dataclass
class ReadClause:
    """A clause and what was made of it.

    events: what it asks for. say: it only says who speaks, and how. bare: it has nothing of its own but
    words of manner, which go to its neighbour. unread: nothing was made of it.
    """

    clause: Clause
    events: list[Event] = field(default_factory=list)
    say: bool = False
    bare: bool = False
    unread: bool = False


class Reader:
    """Reads sentence after sentence, remembering what pronouns and ellipses refer to."""

    def __init__(self, script: str, nearest: Nearest) -> None:
        self._script = script
        self._nearest = nearest
        self._last_part: Token | None = None
        self._last_side: str | None = None
        self._last_way: str | None = None
        self._last_events: list[Event] = []
        self._last_faded: list[Event] = []
        self._last_words: list[Token] = []
        self._degree_before = 1.0
        self._frames = FrameClock()
        self._subjects: set[str] = set()
        self.not_understood: list[str] = []
        self.notes: list[str] = []

    def read(self, sentence: Sentence) -> list[ReadClause]:
        """The clauses of a sentence with their events."""
        clauses = self._clauses(sentence)
        found: list[ReadClause] = []
        for index, clause in enumerate(clauses):
            before = clauses[index - 1] if index else None
            after = clauses[index + 1] if index + 1 < len(clauses) else None
            read = self._read_clause(clause, before, after, is_tag=_is_tag(clause, found, after))
            if clause.link is Link.BUT and found and _is_feeling(found[-1]):
                read.events = [_put_on(event) for event in read.events]
            if read.events and hides_feeling(clause.words):
                _hide([*found[-1:], read])
            if not clause.gloss:
                self._degree_before = strength_of(clause.words)
            found.append(read)
            if after is not None and after.link is Link.INTO and not any(map(is_expression, clause.words)):
                # "breaks into a smile", "her lips curl into a smile": the smile is what it does
                read.unread = False
                read.events = [event for event in read.events if not event.entry.whole or event.entry.emotion]
            if read.unread:
                self.not_understood.append(plain(self._script[clause.start : clause.end]))
            acts = [e for e in read.events if e.polarity is Polarity.DO and e.entry.name not in ("hold", "wait")]
            self._last_faded = [e for e in read.events if e.polarity is Polarity.FADE] or self._last_faded
            if acts:
                self._last_events = acts
        self._play_displeasure(found)
        self._subjects |= {who for read in found if read.events for who in subjects_in(read.clause.words)}
        if len(self._subjects) > 1 and TWO_PEOPLE not in self.notes:
            self.notes.append(TWO_PEOPLE)
        return found

    def _clauses(self, sentence: Sentence) -> list[Clause]:
        """What of the sentence is told, cut into clauses; what is only introduced or supposed is noted."""
        tokens, name = without_introduction(sentence.tokens)
        if name:
            self.notes.append(f'Took "{name}" for a name, with nothing to act.')
        if is_condition(tokens):
            said = plain(self._script[tokens[0].start : tokens[-1].end])
            self.notes.append(f'"{said}" is a condition, which is not acted: say what happens.')
            return []
        clauses = with_manner_moved(clauses_of(tokens))
        spread_in_time(clauses)
        lost_frames = self._frames.settle(clauses)
        self.not_understood.extend(lost_frames)
        self.notes.extend([RATE_WANTED][: len(lost_frames)])
        return clauses

    def _play_displeasure(self, found: list[ReadClause]) -> None:
        """ "he is not happy": where nothing else is said of what he feels, that shows, mildly."""
        events = [event for read in found for event in read.events]
        if any(event.polarity is Polarity.DO and event.entry.whole for event in events):
            return
        for read in found:
            denied = any(e.polarity is Polarity.FORBID and e.entry.name in POSITIVE for e in read.events)
            if denied and is_denied_of_person(read.clause.words):
                read.events.append(self._made(entries()["annoyance"], Manner(strength=MILD), None, read.clause))
                said = plain(self._script[read.clause.start : read.clause.end])
                self.notes.append(f'Took "{said}" as mild displeasure.')

    def _read_clause(self, clause: Clause, before: Clause | None, after: Clause | None, *, is_tag: bool) -> ReadClause:
        read = ReadClause(clause)
        if clause.quote is not None:
            if before is not None and before.link is Link.LIKE:
                # "as if to say 'really?'": nobody says it.
                clause.quote, read.bare = None, True
            return read
        direct = direct_channels(clause, self._script)
        if direct:
            read.events = direct
            return read
        words, sides = with_sides_marked(with_things_marked(with_hiding_marked(clause.words)))
        matches = without_losses(words, matches_in(words))
        if after is not None and after.link is Link.INTO:
            matches = _of_what_was(words, matches)
        if clause.link is Link.LIKE:
            return self._read_comparison(read, words, sides, matches)
        if matches and _is_mostly_foreign(words, matches):
            read.unread = True
            return read
        if any(is_say_word(word) for word in words) and (is_tag or not matches):
            matches = [match for match in matches if match.entry.name not in VOICES]
            read.say = is_tag or _is_beside_quote(before, after)
        if not matches:
            return self._read_without_match(read, words, sides, before, after)
        read.events = self._of_part_alone(clause, words, sides, matches) if before else []
        read.events = read.events or self._events(clause, words, sides, matches)
        self._last_words = clause.words
        return read

    def _read_comparison(
        self, read: ReadClause, words: list[Token], sides: list[SideWord], matches: list[Match]
    ) -> ReadClause:
        """ "as if in pain" is how it looks; "as if to speak" and "as though he had not heard" are not done."""
        intended = any(word.lower == "to" for word in words[:3])
        shown = [match for match in matches if match.entry.whole and not (intended and not match.entry.emotion)]
        read.events = self._events(read.clause, words, sides, shown)
        if not read.events:
            said = plain(self._script[read.clause.start : read.clause.end])
            self.notes.append(f'Took "as {said}" as a comparison, which is not performed.')
            read.bare = True
        return read

    def _read_without_match(
        self, read: ReadClause, words: list[Token], sides: list[SideWord], before: Clause | None, after: Clause | None
    ) -> ReadClause:
        clause = read.clause
        events = (
            self._of_pronoun(clause, words, sides)
            or self._elliptic(clause, words, sides)
            or self._borrowing(clause, words, self._last_words if before else [])
            or self._borrowing(clause, words, after.words if after and after.quote is None else [])
            or self._of_last_part(clause, words, sides)
        )
        if not events and not read.say and has_content(words):
            events = self._by_nearest(clause, words, sides)
        read.events = events
        if not events:
            read.bare = not has_content(words)
            read.unread = not read.bare and not read.say
        return read

    def _of_pronoun(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """ "then he lowers them": the part that was spoken of last."""
        pronoun = any(word.lower in ("them", "it", "they", "both") for word in words)
        if not pronoun or self._last_part is None:
            return []
        extended = [*words, self._last_part]
        return self._events(clause, extended, sides, matches_using(extended, range(len(words))), undo=True)

    def _of_part_alone(
        self, clause: Clause, words: list[Token], sides: list[SideWord], matches: list[Match]
    ) -> list[Event]:
        """ "her brows knit, then relax": the part relaxes, not the face."""
        whole_rests = len(matches) == 1 and matches[0].entry.rest and len(matches[0].positions) == 1
        if not whole_rests or self._last_part is None or not words or words[0].lower in word_set("finite"):
            return []
        return self._of_last_part(clause, words, sides)

    def _of_last_part(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """ "..., then knit again": with the part that was spoken of last."""
        if self._last_part is None or any(is_unknown(word) for word in words if not is_grammar(word)):
            return []
        extended = [*words, self._last_part]
        found = [m for m in matches_using(extended, [len(words)]) if len(m.positions) > 1]
        return self._events(clause, extended, sides, found)

    def _elliptic(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """ "then the left", "then the other", "but it vanishes": the act that was spoken of last."""
        last = self._last_events
        rest = [word for word in words if not is_grammar(word) and not is_manner(word)]
        if is_another_object(words) and any(_is_look(event) for event in last):
            return [self._made(entries()[ELSEWHERE], Manner(), None, clause)]
        if rest and all(is_change(word) for word in rest):
            return [_faded(event, clause, self._script) for event in last if can_fade(event)]
        if rest and all(not _RETURNS.isdisjoint(word.bases) for word in rest):
            # "faltered, then returned"
            span = (clause.start, clause.end)
            return [replace(e, polarity=Polarity.DO, hold=None, source=span) for e in self._last_faded or last]
        if not rest and clause.link is Link.THEN and any(word.lower in degree_factors() for word in words):
            return [self._again(event, words, clause) for event in last]
        other = any(word.lower == "other" for word in words)
        if (sides or other) and all("@left" in w.keys or "@right" in w.keys or "#side" in w.keys for w in rest):
            return self._on_other_side(clause, words, sides, last)
        return []

    def _again(self, event: Event, words: list[Token], clause: Clause) -> Event:
        """ "then more deeply": the same act in another degree."""
        named = Match(event.entry, (), Pattern((), event.entry))
        return self._made(event.entry, manner_of(named, [], words), event.side, clause)

    def _on_other_side(
        self, clause: Clause, words: list[Token], sides: list[SideWord], last: list[Event]
    ) -> list[Event]:
        found = []
        for event in last:
            side = side_of(event.entry, 0, len(words) - 1, words, sides, self._last_side)
            if side and _has_sides(event.entry):
                found.append(self._made(event.entry, Manner(), side, clause))
                self._last_side = side
        return found

    def _borrowing(self, clause: Clause, words: list[Token], neighbour: list[Token]) -> list[Event]:
        """A clause that is complete only with words of its neighbour: "raises her chin and eyebrows"."""
        if not neighbour or not has_content(words):
            return []
        if all(is_unknown(word) for word in words if not is_grammar(word)):
            return []
        own_ways = [word for word in words if is_way(word)]
        others = [word for word in neighbour if not (own_ways and is_way(word))]
        own = [p for p, w in enumerate(words) if not is_grammar(w) and (not is_manner(w) or is_way(w))]
        combined, sides = with_sides_marked([*clause.words, *others])
        found = [m for m in matches_using(combined, own) if len(m.positions) > 1]
        used = {position for match in found for position in match.positions}
        if any(p not in used and is_unknown(combined[p]) and not is_part(combined[p]) for p in own):
            return []
        own_sides = [side for side in sides if side.position < len(words)]
        return self._events(clause, combined, own_sides, found)

    def _by_nearest(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """Spelling first, then meaning; below the threshold of either nothing is guessed."""
        respelled, corrections = self._nearest.respelled(words)
        if corrections:
            found = matches_in(respelled)
            if found:
                self.notes.extend(f'Read "{wrong}" as "{right}".' for wrong, right in corrections)
                return self._events(clause, respelled, sides, found)
        meant = self._nearest.entry_for(plain(self._script[clause.start : clause.end]))
        if meant is None:
            return []
        self.notes.append(f'Took "{plain(self._script[clause.start : clause.end])}" to mean: {meant.does}.')
        return [self._made(meant, Manner(), None, clause)]

    def _events(
        self, clause: Clause, words: list[Token], sides: list[SideWord], matches: list[Match], *, undo: bool = False
    ) -> list[Event]:
        found: list[Event] = []
        for match in matches:
            side = side_of(match.entry, match.first, match.last, words, sides, self._last_side)
            if (
                side is None
                and match.entry.sides is Sides.WAY
                and any(not _GOES_ALONG.isdisjoint(word.bases) for word in words)
            ):
                side = self._last_way  # "eyes right, head follows", "looks to the right and listens"
            if is_two_sided(words) and match.entry.sides is Sides.ONE:
                side = None
            self._remember(match, side, words)
            manner = manner_of(match, matches, words)
            event = self._made(match.entry, manner, side, clause)
            if clause.gloss and event.strength == 1.0 and self._degree_before != 1.0:
                event = self._made(match.entry, replace(manner, strength=self._degree_before), side, clause)
            if clause.gloss:
                event = _within(event, self._last_events)
            if _keeps_gaze(match, clause, words):
                pose = {name: value for name, value in event.pose.items() if REGION_OF[name] is not Region.GAZE}
                event = replace(event, pose=pose)
            undone = not match.entry.whole and (
                undo or _is_taken_back(match.entry, words) or _looks_up_again(match, words)
            )
            event = with_polarity(replace(event, undo=undone), match, matches, clause, words)
            if not any((event.entry, event.side) == (other.entry, other.side) for other in found):
                found.append(event)
        return found

    def _remember(self, match: Match, side: str | None, words: Sequence[Token]) -> None:
        if side is not None and match.entry.sides in (Sides.PAIR, Sides.ONE):
            self._last_side = side
        if match.entry.sides is Sides.WAY:
            self._last_way = side or self._last_way
        for position in match.positions:
            if not PARTS.isdisjoint(words[position].keys):
                self._last_part = words[position]

    def _made(self, entry: Entry, manner: Manner, side: str | None, clause: Clause) -> Event:
        strength = manner.strength
        hold = next((phrase.seconds for phrase in clause.times if phrase.kind is Time.HOLD), None)
        over = next((phrase.seconds for phrase in clause.times if phrase.kind is Time.OVER), None)
        if hold is None and manner.brief:
            hold = float(table("modifiers")["brief"]["seconds"])

        def shaped(pose: Pose) -> dict[str, float]:
            return scaled(on_side(pose, entry, side), manner)

        pose: Pose = shaped(entry.pose)
        steps: tuple[tuple[float, Pose], ...] = tuple((time, shaped(stage)) for time, stage in entry.steps)
        if manner.count > 1 and pose and not steps and not entry.emotion:
            pose, steps = {}, _there_and_back(pose)
        return Event(
            entry=entry,
            pose=pose,
            steps=steps,
            leaves=shaped(entry.leaves),
            strength=strength,
            side=side,
            speed=manner.speed,
            over=over,
            hold=hold,
            count=manner.count,
            mask=entry.mask or (manner.attempted and entry.whole and not entry.emotion),
            source=(clause.start, clause.end),
            words=plain(self._script[clause.start : clause.end]),
        )


_RESTING_LOOKS = frozenset({"look_at", "stare", "peer", "gaze_steady"})


def _keeps_gaze(match: Match, clause: Clause, words: Sequence[Token]) -> bool:
    """ "looks to the left and watches": who looks on at nothing that is named looks where he looked."""
    carried_on = clause.link in (Link.AND, Link.WHILE, Link.WITH)
    return match.entry.name in _RESTING_LOOKS and carried_on and match.last == len(words) - 1


def _looks_up_again(match: Match, words: Sequence[Token]) -> bool:
    """After a look down, "looks up" is a look at who is there, and not at the ceiling."""
    above = any("@above" in word.keys for word in words)
    return match.entry.name == "look_up" and "@look" in match.pattern.slots and not above


ELSEWHERE = "look_at_other"
"""The entry of a look that goes on to a second object."""


def _is_look(event: Event) -> bool:
    return any(REGION_OF[name] is Region.GAZE for name in event.channels)


def _within(event: Event, glossed: list[Event]) -> Event:
    """ "the nose rises (sneer-like)": a gloss on an act of a part says nothing of other parts."""
    parts = {region for other in glossed if not other.entry.whole for region in other.regions}
    own = {name: value for name, value in event.pose.items() if REGION_OF[name] in parts}
    return replace(event, pose=own) if own and event.entry.whole and not event.entry.emotion else event


def _is_taken_back(entry: Entry, words: Sequence[Token]) -> bool:
    """ "closes it again", "tilts it back"; but who looks down again looks down."""
    regions = {REGION_OF[name] for name, value in entry.pose.items() if abs(value) > 0.15}
    looks = regions == {Region.GAZE}
    return not looks and any(word.lower in ("again", "back") for word in words)


def _is_feeling(read: ReadClause) -> bool:
    return bool(read.events) and all(e.entry.emotion and e.polarity is Polarity.DO for e in read.events)


def _hide(reads: Sequence[ReadClause]) -> None:
    """The feeling of the clause, or of the one before it, is hidden behind what else the clause says."""
    for read in reads:
        read.events = [hidden(event) if event.entry.emotion else event for event in read.events]
    reads[-1].events = [_put_on(event) for event in reads[-1].events]


def _put_on(event: Event) -> Event:
    """ "he is furious, but smiles": the fury stays behind the smile."""
    return replace(event, mask=event.mask or (event.entry.whole and not event.entry.emotion and not event.entry.rest))


def _has_sides(entry: Entry) -> bool:
    """Whether "then the left" can be said of it; a look down has no left."""
    if entry.sides is Sides.WAY:
        return mirrored(entry.pose) != entry.pose
    return entry.sides is not Sides.NONE


def _there_and_back(pose: Pose) -> tuple[tuple[float, Pose], ...]:
    """ "raises her brows twice": a pose that is taken up more than once lets go in between."""
    return ((0.25, pose), (0.4, pose), (0.75, dict.fromkeys(pose, 0.0)))


def _faded(event: Event, clause: Clause, script: str) -> Event:
    start, end = clause.start, clause.end
    return replace(event, polarity=Polarity.FADE, supposed=True, source=(start, end), words=plain(script[start:end]))


def _is_tag(clause: Clause, found: Sequence[ReadClause], after: Clause | None) -> bool:
    """Whether the clause can say who speaks; a line that has its tag is only followed by what comes next."""
    if clause.link is Link.THEN:
        return False
    if after is not None and after.quote is not None:
        return True
    told = len(found) > 1 and found[-2].say
    return bool(found) and found[-1].clause.quote is not None and not told


def _of_what_was(words: Sequence[Token], matches: list[Match]) -> list[Match]:
    """ "her face falls from joy (to horror)": it was joy; how it goes over is no expression of its own."""
    start = next((position for position, word in enumerate(words) if word.lower == "from"), len(words))
    named = [match for match in matches if match.first > start and match.entry.whole]
    return named or matches


def _is_beside_quote(before: Clause | None, after: Clause | None) -> bool:
    return any(clause is not None and clause.quote is not None for clause in (before, after))


def _is_mostly_foreign(words: Sequence[Token], matches: Sequence[Match]) -> bool:
    """One word that looks English in a clause that is not: "die Augen"."""
    taken = {p for match in matches for p in match.positions}
    if len(taken) > 2:
        return False
    rest = [word for p, word in enumerate(words) if p not in taken and word.is_word and word.form is not Form.NUMBER]
    strange = [word for word in rest if is_unknown(word) and not is_grammar(word) and not is_manner(word)]
    return len(strange) >= 2 and sum(not is_english(word.lower) for word in strange) * 2 > len(words)


_GOES_ALONG = frozenset({"follow", "listen"})
_RETURNS = frozenset({"return", "reappear", "come"})
