"""Reads a script: sentences become groups of events, and what cannot be read is reported."""

from collections.abc import Sequence
from dataclasses import replace

from blender_addon.core.framing import FrameCount

from .addressing import TWO_PEOPLE, is_condition, subjects_in
from .attaching import keep_backgrounds, put_lengths_on_what_they_measure, relate, with_manner_moved
from .casting import Cast
from .clauses import Clause, Link, clauses_of, is_expression
from .direct import direct_channels, plain
from .ellipsis import ElidedClauses
from .entries import entries
from .events import Event, Polarity
from .failing import Failures, is_failure
from .feelings import MILD, POSITIVE, hides_feeling, is_denied_of_person, with_hiding_marked, without_losses
from .frames import RATE_WANTED, FrameClock
from .idioms import with_idioms_folded, with_mouthing_as_speech
from .introducing import without_heading, without_introduction
from .lexicon_files import word_set
from .making import EventMaker, Memory
from .manner import NEGATIONS, Manner, strength_of
from .matching import Match, matches_in
from .nearest import Nearest
from .objects import with_nouns_marked, with_things_marked
from .paths import with_paths_split
from .phrases import Time
from .pronouncing import is_english
from .read_clauses import (
    ReadClause,
    hide,
    is_beside_quote,
    is_feeling,
    is_tag_of_line,
    join,
    leads_to_line,
    put_on,
)
from .relatives import goes_on_with_part, with_subjects_restored
from .revising import revised
from .screenplay import VOICES, Sentence, is_say_word
from .sides import SideWord, with_sides_marked
from .unacted import (
    cues_of_others,
    is_nothing,
    is_of_body,
    is_told_of_others,
    with_cues_parted,
    without_supposition,
)
from .word_kinds import has_content, is_change, is_grammar, is_manner, is_part, is_unknown
from .words import Form, Token


class Reader:
    """Reads sentence after sentence, remembering what pronouns and ellipses refer to."""

    def __init__(self, script: str, nearest: Nearest, cast: Cast, frames: FrameCount | None = None) -> None:
        self._script = script
        self._cast = cast
        self._nearest = nearest
        self._memory = Memory()
        self._maker = EventMaker(script, self._memory)
        self._failures = Failures(script, self._maker)
        self._ellipsis = ElidedClauses(script, self._memory, self._maker)
        self._frames = FrameClock(frames)
        self._subjects: set[str] = set()
        self._cues: set[int] = set()
        """Clauses of the sentence that tell what another does, and so when its own person acts."""
        self.length: float | None = None
        """Seconds that the script gives for the whole."""
        self.not_understood: list[str] = []
        self.notes: list[str] = []

    def read(self, sentence: Sentence) -> list[ReadClause]:
        """The clauses of a sentence with their events."""
        self._cast.begin(sentence)
        clauses = self._clauses(sentence)
        self._cues = {id(clause) for clause in cues_of_others(clauses) if self._cast.plays_everybody}
        found: list[ReadClause] = []
        replaced: list[Event] = []
        for index, clause in enumerate(clauses):
            after = clauses[index + 1] if index + 1 < len(clauses) else None
            others = self._cast.is_anothers(clause)
            if found and self._revises(clause, found[-1]):
                found.append(ReadClause(clause, bare=True, others=others))
                continue
            read = self._read_next(clauses, index, found)
            read.others = others
            if clause.link is Link.BUT and found and is_feeling(found[-1]):
                read.events = [put_on(event) for event in read.events]
            if read.events and hides_feeling(clause.words):
                hide([*found[-1:], read])
            join(found, read, replaced)
            if not clause.gloss:
                self._memory.degree = strength_of(clause.words)
            found.append(read)
            replaced = list(read.events)
            moves = after is not None and after.link is Link.INTO and clause.link is not Link.INTO
            if moves and not any(map(is_expression, clause.words)):
                # "breaks into a smile", "her lips curl into a smile": the smile is what it does
                read.unread = False
                read.events = [event for event in read.events if not event.entry.whole or event.entry.emotion]
            if read.unread and not others:
                self.not_understood.append(plain(self._script[clause.start : clause.end]))
            self._remember(read.events)
        self._play_displeasure(found)
        for read in found:
            if read.others:
                read.events = [replace(event, others=True) for event in read.events]
        self._note_people(found)
        return found

    @staticmethod
    def _revises(clause: Clause, before: ReadClause) -> bool:
        """Whether the clause only takes back part of the one before it, which is then so."""
        told = revised(clause.words, before.events, without=clause.link is Link.WITHOUT)
        before.events = before.events if told is None else told
        return told is not None

    def _remember(self, events: Sequence[Event]) -> None:
        """What later clauses may refer to."""
        acts = [e for e in events if e.polarity is Polarity.DO and e.entry.name not in ("hold", "wait")]
        self._memory.faded = [e for e in events if e.polarity is Polarity.FADE] or self._memory.faded
        if acts:
            self._memory.events = acts
            self._memory.expressions = [e for e in acts if e.entry.whole] or self._memory.expressions
            self._failures.remember(acts)

    def _note_people(self, found: Sequence[ReadClause]) -> None:
        self._subjects |= {who for read in found if read.events for who in subjects_in(read.clause.words)}
        if self._cast.acts_for_several(self._subjects) and TWO_PEOPLE not in self.notes:
            self.notes.append(TWO_PEOPLE)

    def _clauses(self, sentence: Sentence) -> list[Clause]:
        """What of the sentence is told, cut into clauses; what is only introduced or supposed is noted."""
        tokens, name = without_introduction(without_heading(sentence.tokens))
        if name:
            self.notes.append(f'Took "{name}" for a name, with nothing to act.')
        if is_condition(tokens):
            said = plain(self._script[tokens[0].start : tokens[-1].end])
            self.notes.append(f'"{said}" is a condition, which is not acted: say what happens.')
            return []
        cut = put_lengths_on_what_they_measure(clauses_of(with_idioms_folded(with_mouthing_as_speech(tokens))))
        for clause in cut:
            clause.words = with_nouns_marked(clause.words)
        keep_backgrounds(cut)
        clauses = with_paths_split(with_subjects_restored(with_manner_moved(with_cues_parted(cut))))
        self._note_length(sentence, clauses)
        relate(clauses)
        lost_frames = self._frames.settle(clauses)
        self.not_understood.extend(lost_frames)
        self.notes.extend([RATE_WANTED][: len(lost_frames)])
        return clauses

    def _note_length(self, sentence: Sentence, clauses: Sequence[Clause]) -> None:
        told = [phrase.seconds for clause in clauses for phrase in clause.times if phrase.kind is Time.TOTAL]
        if sentence.time is not None and sentence.time.until is not None:
            told.append(max(sentence.time.until, self.length or 0.0))
        self.length = told[-1] if told else self.length

    def _play_displeasure(self, found: list[ReadClause]) -> None:
        """ "he is not happy": where nothing else is said of what he feels, that shows, mildly."""
        events = [event for read in found for event in read.events]
        if any(event.polarity is Polarity.DO and event.entry.whole for event in events):
            return
        for read in found:
            denied = any(e.polarity is Polarity.FORBID and e.entry.name in POSITIVE for e in read.events)
            if denied and is_denied_of_person(read.clause.words):
                read.events.append(self._maker.made(entries()["annoyance"], Manner(strength=MILD), None, read.clause))
                said = plain(self._script[read.clause.start : read.clause.end])
                self.notes.append(f'Took "{said}" as mild displeasure.')

    def _read_clause(self, clause: Clause, before: Clause | None, after: Clause | None, *, is_tag: bool) -> ReadClause:
        read = ReadClause(clause)
        if self._is_read_at_once(read, before):
            return read
        clause.words = self._ellipsis.with_part_named(without_supposition(clause.words))
        words, sides = with_sides_marked(with_things_marked(with_hiding_marked(clause.words)))
        into = after is not None and after.link is Link.INTO
        matches = _without_changes(words, without_losses(words, matches_in(words)), into=into)
        if into:
            matches = _of_what_was(words, matches)
        if clause.link is Link.LIKE:
            return self._read_comparison(read, words, sides, matches)
        if matches and _is_mostly_foreign(words, matches):
            read.unread = True
            return read
        if any(is_say_word(word) for word in words) and (is_tag or not matches):
            matches = [match for match in matches if match.entry.name not in VOICES]
            read.say = is_tag or is_beside_quote(before, after)
        read.events = self._of_what_stands_before(clause, before, words, sides, matches)
        if not matches and not read.events:
            return self._read_without_match(read, words, sides, before, after)
        read.events = read.events or self._maker.events(clause, words, sides, matches)
        if matches:
            self._memory.words = clause.words
        return read

    def _read_next(self, clauses: Sequence[Clause], index: int, found: list[ReadClause]) -> ReadClause:
        """The clause, with what it takes from the one before it: "... and fails"."""
        clause = clauses[index]
        if found and is_failure(clause):
            events = self._failures.of_attempt(clause, found[-1].clause.words, found[-1].events)
            clause.link = Link.BEFORE
            return ReadClause(clause, events, unread=not events)
        before = clauses[index - 1] if index else None
        after = clauses[index + 1] if index + 1 < len(clauses) else None
        leads = leads_to_line(clauses, index)
        read = self._read_clause(clause, before, after, is_tag=is_tag_of_line(clause, found, leads=leads))
        read.events = self._failures.of_failing_to(clause, read.events)
        return read

    def _is_read_at_once(self, read: ReadClause, before: Clause | None) -> bool:
        """A quotation, numbers of channels, or what the whole clause stands for; without a look at its words."""
        clause = read.clause
        if clause.quote is not None:
            if before is not None and before.link is Link.LIKE:
                # "as if to say 'really?'": nobody says it.
                clause.quote, read.bare = None, True
            return True
        read.events = direct_channels(clause, self._script) or self._ellipsis.ended(clause)
        if is_told_of_others(clause) or id(clause) in self._cues:
            said = plain(self._script[clause.start : clause.end])
            self.notes.append(f'"{said}" is not acted: it tells of another, or of another time.')
            read.bare = True
        elif is_nothing(clause):
            read.events = [self._maker.made(entries()["neutral"], Manner(), None, clause)]
        return bool(read.events) or read.bare

    def _of_what_stands_before(
        self, clause: Clause, before: Clause | None, words: list[Token], sides: list[SideWord], matches: list[Match]
    ) -> list[Event]:
        """What a clause asks for only because of the one before it: of the same part, or its end."""
        if before is None:
            return []
        if goes_on_with_part(before.words, words, matches):
            found = self._ellipsis.of_last_part(clause, words, sides)
            if found:
                return found
        if not matches:
            return []
        ellipsis = self._ellipsis
        return ellipsis.stopped(clause, before, words) or ellipsis.of_part_alone(clause, before, words, sides, matches)

    def _read_comparison(
        self, read: ReadClause, words: list[Token], sides: list[SideWord], matches: list[Match]
    ) -> ReadClause:
        """ "as if in pain" is how it looks; "as if to speak" and "as though he had not heard" are not done."""
        intended = any(word.lower == "to" for word in words[:3])
        shown = [match for match in matches if match.entry.whole and not (intended and not match.entry.emotion)]
        read.events = self._maker.events(read.clause, words, sides, shown)
        if not read.events:
            said = plain(self._script[read.clause.start : read.clause.end])
            self.notes.append(f'Took "as {said}" as a comparison, which is not performed.')
            read.bare = True
        return read

    def _read_without_match(
        self, read: ReadClause, words: list[Token], sides: list[SideWord], before: Clause | None, after: Clause | None
    ) -> ReadClause:
        clause = read.clause
        of_body = is_of_body(words)
        complete = of_body or (read.say and all(map(_is_of_saying, words)))
        events = [] if complete else self._completed(clause, words, sides, before, after)
        if not events and not read.say and has_content(words):
            events = self._by_nearest(clause, words, sides)
        if clause.link is Link.WITHOUT:
            events = [replace(event, polarity=Polarity.FORBID) for event in events]
        read.events = events
        if not events:
            named = [word for word in words if not is_grammar(word)]
            if named and (all(map(is_part, named)) or (of_body and is_part(named[-1]))):
                self._memory.part = named[-1]  # "ON: her eyes", "rubs her eyes" are taken up by what follows
            read.bare = not has_content(words)
            read.unread = not read.bare and not read.say
            self._explain(read, words)
        return read

    def _completed(
        self, clause: Clause, words: list[Token], sides: list[SideWord], before: Clause | None, after: Clause | None
    ) -> list[Event]:
        """What the clause asks for together with what was said before, or comes next."""
        return (
            self._ellipsis.of_pronoun(clause, words, sides)
            or self._ellipsis.elliptic(clause, words, sides)
            or self._ellipsis.borrowing(clause, words, self._memory.words if before or _follows(words) else [])
            or self._ellipsis.borrowing(clause, words, after.words if after and after.quote is None else [])
            or self._ellipsis.of_last_part(clause, words, sides)
        )

    def _explain(self, read: ReadClause, words: Sequence[Token]) -> None:
        """What says that nothing happens, or that somebody speaks, is no act that was not understood."""
        said = plain(self._script[read.clause.start : read.clause.end])
        if not read.unread:
            return
        if Link.WITHOUT in (read.clause.link, read.clause.leading) or _is_denied(words):
            self.notes.append(f'Nothing to do for "{said}": it says what does not happen.')
            read.unread, read.bare = False, True
        elif all(map(_is_of_saying, words)):
            self.notes.append(f'"{said}" gives no words to speak: write them in quotation marks.')
            read.unread, read.bare = False, True

    def _by_nearest(self, clause: Clause, words: list[Token], sides: list[SideWord]) -> list[Event]:
        """Spelling first, then meaning; below the threshold of either nothing is guessed."""
        respelled, corrections = self._nearest.respelled(words)
        if corrections:
            found = matches_in(respelled)
            if found:
                self.notes.extend(f'Read "{wrong}" as "{right}".' for wrong, right in corrections)
                return self._maker.events(clause, respelled, sides, found)
        meant = self._nearest.entry_for(plain(self._script[clause.start : clause.end]))
        if meant is None:
            return []
        self.notes.append(f'Took "{plain(self._script[clause.start : clause.end])}" to mean: {meant.does}.')
        return [self._maker.made(meant, Manner(), None, clause)]


def _is_of_saying(word: Token) -> bool:
    """A word that says who speaks, or how, and asks for nothing more."""
    return is_say_word(word) or is_grammar(word) or is_manner(word)


def _follows(words: Sequence[Token]) -> bool:
    """ "One eyebrow goes up. The corner of the mouth follows." """
    return any("follow" in word.bases for word in words)


def _is_denied(words: Sequence[Token]) -> bool:
    """ "no words come", "he doesn't answer"; "covers nothing" is an act."""
    at = next((p for p, word in enumerate(words) if word.lower in NEGATIONS or word.lower.endswith("n't")), None)
    return at is not None and has_content(words[at + 1 :])


def _of_what_was(words: Sequence[Token], matches: list[Match]) -> list[Match]:
    """ "her face falls from joy (to horror)": it was joy; how it goes over is no expression of its own."""
    start = next((position for position, word in enumerate(words) if word.lower == "from"), len(words))
    named = [match for match in matches if match.first > start and match.entry.whole]
    return named or matches


def _without_changes(words: Sequence[Token], matches: list[Match], *, into: bool) -> list[Match]:
    """ "his frown melts away", "softens into a smile": what changes here is the frown, and not the face."""
    kept = []
    for match in matches:
        named = any(other.entry.whole and other.last < match.first for other in matches)
        word = words[match.first]
        becoming = not word_set("becoming").isdisjoint(word.bases)
        becomes = becoming and (into or (not match.entry.whole and _is_owned_expression(words, match.first - 1)))
        moved = _is_owned_expression(words, match.first - 1) and not match.entry.whole and becoming
        verb = into and word.form in (Form.S, Form.ED)  # "his confusion dawns into delight"
        changes = len(match.positions) == 1 and (is_change(word) or becomes or verb)
        if not (named and ((changes and (match.entry.whole or becomes)) or moved)):
            kept.append(match)
    return kept


def _is_owned_expression(words: Sequence[Token], position: int) -> bool:
    """The smile of "his smile turns sour": it is what turns, and no head."""
    owned = position > 0 and words[position - 1].lower in ("her", "his", "their", "my", "the")
    return owned and is_expression(words[position])


def _is_mostly_foreign(words: Sequence[Token], matches: Sequence[Match]) -> bool:
    """One word that looks English in a clause that is not: "die Augen"."""
    taken = {p for match in matches for p in match.positions}
    if len(taken) > 2:
        return False
    rest = [word for p, word in enumerate(words) if p not in taken and word.is_word and word.form is not Form.NUMBER]
    strange = [word for word in rest if is_unknown(word) and not is_grammar(word) and not is_manner(word)]
    return len(strange) >= 2 and sum(not is_english(word.lower) for word in strange) * 2 > len(words)
