"""Puts what was read into time: what happens at once, what after what, and for how long."""

from collections.abc import Sequence
from dataclasses import replace

from .accompanying import (
    gapes,
    goes_along,
    is_absolute,
    is_breath,
    is_mood,
    is_said_meanwhile,
    is_simultaneous,
    takes_the_place,
    tells_how_it_is_said,
)
from .addressing import are_two_people
from .antagonists import opposed_to
from .attaching import is_outcome
from .clauses import Clause, Link
from .conflicts import conflict
from .events import Event, Gap, Group, Polarity, Speech
from .fixation import moves_head
from .phrases import Time
from .read_clauses import ReadClause
from .screenplay import Sentence, is_say_word
from .sequels import in_laughter, is_bare_way, is_start_named_again, looked_straight_from_there
from .sides import on_side
from .voice import voice_of
from .words import Form

HOLD_SECONDS = 1.2
PAUSE_SECONDS = 1.0
"""Of "holds" and "pauses" that say no time."""
_VOICES = frozenset({"whisper", "scream", "talk"})
"""Acts that only show that somebody speaks; the line that follows shows it better."""

CHANGING_ON = 0.1
"""Seconds from the arrival of what came of a change to the next change."""
FREEZING = 0.08
"""Seconds from the arrival of a movement to the feeling in which it freezes."""


class Order:
    """Collects groups sentence by sentence."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._first_of_sentence = 0
        self._wait = 0.0
        self._manner: tuple[float, float] = (1.0, 1.0)
        self._voice_groups = 0
        self._on_words: list[Group] = []

    def add(self, sentence: Sentence, clauses: Sequence[ReadClause]) -> None:
        """Place the clauses of one sentence."""
        self._first_of_sentence = len(self.groups)
        self._quiet_sentence(sentence)
        before = len(self.groups)
        sentence_groups = _SentenceOrder(self._taken_wait()).ordered(clauses, self._manner)
        self._on_words.extend(sentence_groups.on_words)
        self._wait = sentence_groups.wait_after
        for group in sentence_groups.groups:
            if group is sentence_groups.groups[0] and before:
                group.gap = Gap.SENTENCE
            self.groups.append(group)
        if sentence.time is not None and len(self.groups) > before:
            self.groups[before].at = sentence.time.at
        if sentence_groups.stay_before and before:
            self.groups[before - 1].stay += sentence_groups.stay_before
        elif sentence_groups.stay_before and sentence_groups.groups:
            self.groups[0].wait += sentence_groups.stay_before
        elif sentence_groups.stay_before:
            self._wait += sentence_groups.stay_before
        if any(group.speech for group in sentence_groups.groups):
            del self.groups[before - self._voice_groups : before]
            self._manner = (1.0, 1.0)
        self._put_on_words()
        only_voice = all(event.entry.name in _VOICES for group in sentence_groups.groups for event in group.events)
        self._voice_groups = len(sentence_groups.groups) if only_voice and self._manner != (1.0, 1.0) else 0

    def _put_on_words(self) -> None:
        """What falls on a word of a line follows the line; for a line that is still to come it waits."""
        for group in list(self._on_words):
            begin = group.on_word[0] if group.on_word else 0
            said = (n for n, other in enumerate(self.groups) if any(s.token.start == begin for s in other.speech))
            at = next(said, None)
            if at is not None:
                while at + 1 < len(self.groups) and self.groups[at + 1].on_word:
                    at += 1
                self.groups.insert(at + 1, group)
                self._on_words.remove(group)

    @property
    def wait_at_end(self) -> float:
        """A pause that nothing follows still lasts."""
        return self._wait

    def _taken_wait(self) -> float:
        wait, self._wait = self._wait, 0.0
        return wait

    def _quiet_sentence(self, sentence: Sentence) -> None:
        """ "(whispering)" before a line of dialogue is how the line is said; "She slowly turns." is not."""
        if not any(token.form is Form.QUOTE for token in sentence.tokens):
            words = [token for token in sentence.tokens if token.is_word]
            told_of_voice = len(words) <= 2 or any(is_say_word(word) for word in words)
            self._manner = voice_of(words) if told_of_voice else (1.0, 1.0)


class _SentenceOrder:
    """The groups of one sentence."""

    def __init__(self, wait: float) -> None:
        self.groups: list[Group] = []
        self.wait_after = wait
        self.stay_before = 0.0
        self.on_words: list[Group] = []
        """What falls on a word of a line, in this sentence or another."""
        self._leading: Link | None = None
        self._forbidden: list[Event] = []

    def ordered(self, clauses: Sequence[ReadClause], manner: tuple[float, float]) -> "_SentenceOrder":
        for number, read in enumerate(clauses):
            self._pauses(read)
            unread = number > 0 and clauses[number - 1].unread
            if unread and read.clause.link in (Link.WITH, Link.WHILE) and self.groups:
                # "then covers it up with a cough": the cough comes where the unread act would.
                read.clause.link = clauses[number - 1].clause.link
            if read.clause.quote is not None:
                tag = clauses[number - 1] if number else read
                aside = number > 1 and clauses[number - 2].say and not tag.say and not is_breath(tag.events)
                self._tagged = self._tagged or aside or is_said_meanwhile(tag) or self._is_main_clause(tag)
                self._speak(read, clauses, manner)
            elif read.events:
                self._changing = clauses[number - 1].events if number else []
                self._of_another = number > 0 and are_two_people(clauses[number - 1].clause.words, read.clause.words)
                self._place(read)
            elif read.say or read.bare or read.unread:
                self._leading = self._leading or read.clause.leading if not self.groups else self._leading
        for group in self.groups:
            group.events.extend(event for event in self._forbidden if event not in group.events)
        if not self.groups and self._forbidden:
            self.groups.append(Group(list(self._forbidden), wait=self._taken()))
        return self

    def _is_main_clause(self, tag: ReadClause) -> bool:
        """ "Nodding, he says ...", "While she smiles, she says ...": what leads goes on as the line is said."""
        leads = len(self.groups) == 1 and self._leading in (Link.WHILE, Link.WITH)
        leads = leads and not is_breath(self.groups[0].events)
        return leads and tag.say and not tag.events and tag.clause.link is Link.COMMA

    def _taken(self) -> float:
        wait, self.wait_after = self.wait_after, 0.0
        return wait

    def _pauses(self, read: ReadClause) -> None:
        for phrase in read.clause.times:
            if phrase.kind is Time.WAIT:
                self.wait_after += phrase.seconds
            elif phrase.kind is Time.HOLD and all(event.polarity is Polarity.FORBID for event in read.events):
                self._stay(phrase.seconds)
        names = {event.entry.name for event in read.events}
        holding = next((phrase.seconds for phrase in read.clause.times if phrase.kind is Time.HOLD), None)
        till = _until(read.clause)
        if till is not None and names & {"hold", "wait"}:
            if self.groups:
                self.groups[-1].ends = till
            else:
                self.wait_after = till
        elif "hold" in names:
            self._frozen = self.groups[-1] if self.groups else None
            self._stay(holding or HOLD_SECONDS)
        if "wait" in names and till is None and not any(phrase.kind is Time.WAIT for phrase in read.clause.times):
            self.wait_after += holding or PAUSE_SECONDS
        read.events = [event for event in read.events if event.entry.name not in ("hold", "wait")]

    def _stay(self, seconds: float) -> None:
        if self.groups:
            self.groups[-1].stay += seconds
        else:
            self.stay_before += seconds

    def _speak(self, line: ReadClause, clauses: Sequence[ReadClause], manner: tuple[float, float]) -> None:
        assert line.clause.quote is not None
        tags = [word for read in clauses if read.say for word in read.clause.words]
        loudness, slowness = voice_of(tags) if tags else manner
        speech = Speech(line.clause.quote, loudness, slowness, others=line.others)
        if self.groups and self._tagged and not self.groups[-1].speech:
            self.groups[-1].speech.append(speech)
        else:
            self.groups.append(Group(speech=[speech], gap=Gap.SOFT, wait=self._taken()))

    _tagged = False
    _of_another = False
    """The clause tells of another person than the one before: one head plays them one after the other."""
    _changing: Sequence[Event] = ()
    """What the clause before asked for: what an "into" changes."""
    _became: Group | None = None
    """The group that something turned into."""
    _frozen: Group | None = None
    """The group that the face froze in."""

    def _place(self, read: ReadClause) -> None:
        clause = read.clause
        self._forbidden.extend(event for event in read.events if event.polarity is Polarity.FORBID)
        events = [event for event in read.events if event.polarity is not Polarity.FORBID]
        self._tagged = read.say
        at = next((phrase for phrase in clause.times if phrase.kind is Time.AT), None)
        till, first = _until(clause), not self.groups
        if not events:
            return
        if clause.on_word is not None:
            self.on_words.append(Group(events, on_word=clause.on_word.line))
            return
        for number, batch in enumerate(_batches(events)):
            if number:
                self.groups.append(Group(batch, gap=Gap.SOFT))
            else:
                self._put(read, batch)
                if at is not None:
                    self.groups[-1].at, self.groups[-1].ends = at.seconds, at.until
                if till is not None:
                    self.groups[-1].ends = till
        if len(self.groups) == 1:
            leads = (is_absolute(clause) and not (first and clause.link is Link.WITH)) or is_mood(read)
            self._leading = clause.leading or (Link.WITH if leads else None)

    def _put(self, read: ReadClause, events: list[Event]) -> None:
        link = read.clause.link
        if is_bare_way(read.clause.words):
            events = [looked_straight_from_there(event) for event in events]
        group = Group(events, gap=Gap.FIRM if link is Link.THEN else Gap.SOFT, wait=self._taken())
        if not self.groups:
            if link is Link.WITH:  # "freezes with her brows raised"
                group.stay, self.stay_before = self.stay_before, 0.0
            self.groups.append(group)
            return
        if any(word.lower == "both" for word in read.clause.words):
            self._take_turns(events)
        leading, self._leading = self._leading, None
        if goes_along(read) and link in _ALONGSIDE and moves_head(self.groups[-1].events):
            self.groups[-1].events.extend(events)
        elif leading is not None and link in (Link.COMMA, Link.AND, Link.BUT):
            self._put_main(leading, group)
        else:
            self._put_linked(read, group)

    def _put_linked(self, read: ReadClause, group: Group) -> None:
        """Where the word that joins the clause puts it."""
        link, events = read.clause.link, group.events
        if link in (Link.WHILE, Link.WITH, Link.WITHOUT, Link.LIKE) or (read.say and self.groups[-1].speech):
            self._join(group, below=True)
        elif link is Link.UNTIL and is_outcome(read.clause):
            self._grow_to(group)
        elif link is Link.UNTIL:
            self.groups[-1].until = True
            self.groups.append(group)
        elif link in (Link.AFTER, Link.WHEN):
            self._insert_before_last(group, prompt=read.clause.prompt)
        elif link is Link.INTO:
            self._transform(group)
        elif self.groups[-1].speech and tells_how_it_is_said(read):
            self._join(group, below=True)
        elif link in (Link.THEN, Link.BEFORE) or any(event.polarity is Polarity.FADE for event in events):
            group.gap = Gap.FIRM if link is Link.THEN else Gap.SOFT
            self.groups.append(group)
        else:
            self._put_next(read, group)

    def _put_next(self, read: ReadClause, group: Group) -> None:
        """After a comma, "and" or "but"."""
        last = self.groups[-1]
        told = [] if self._of_another else last.events
        group.events = [event for event in group.events if not is_start_named_again(told, event)]
        if not group.events:
            last.wait += group.wait
            return
        thrown = in_laughter(last.events, group.events)
        if thrown:
            last.events = [*last.events, *thrown]
            return
        if is_bare_way(read.clause.words):
            self.groups.append(group)
            return
        if takes_the_place(read, last.events):
            pace = max(event.speed for event in last.events)
            group.events = [replace(event, speed=max(event.speed, pace)) for event in group.events]
            group.gap = Gap.TOGETHER
            self.groups.append(group)
            return
        if self._frozen is self.groups[-1] and is_mood(read):
            # "turns and freezes, terrified": the feeling comes as it freezes, and is what stays.
            group.stay, self.groups[-1].stay = self.groups[-1].stay, 0.0
            group.wait = FREEZING
            self.groups.append(group)
        elif not group.wait and self._goes_with_last(read) and not conflict(last.events, group.events):
            if read.clause.link is Link.BUT and last.speech:  # "says "Yes," but her eyes look away": as she speaks
                group.gap = Gap.TOGETHER
                self.groups.append(group)
                return
            self._join(group)
        else:
            spoken = bool(self.groups[-1].speech)  # nobody can laugh and finish the line
            busy = spoken or (gapes(last.events) and gapes(group.events))  # "sighs and laughs": one after the other
            if read.clause.link is Link.AND and not busy and not conflict(last.events, group.events):
                group.gap = Gap.TOGETHER
            self.groups.append(group)

    def _goes_with_last(self, read: ReadClause) -> bool:
        """Whether a clause describes what goes on, and does not tell what comes next."""
        if any(phrase.kind is Time.AT for phrase in read.clause.times):
            return False
        return is_simultaneous(read) or (bool(self.groups[-1].speech) and tells_how_it_is_said(read))

    def _take_turns(self, both: Sequence[Event]) -> None:
        """ "one eyebrow, then the other, then both": one is let go as the other comes."""
        entries = {event.entry.name for event in both}
        for group in self.groups:
            if group.events and all(event.side and event.entry.name in entries for event in group.events):
                group.until = True

    def _put_main(self, leading: Link, group: Group) -> None:
        """The main clause after "as ...,", "after ...,", "before ...,"."""
        if leading in (Link.WHILE, Link.WITH, Link.WITHOUT):
            self._join(group)
        elif leading in (Link.BEFORE, Link.UNTIL):
            group.until = leading is Link.UNTIL
            self.groups.insert(0, group)
        else:
            self.groups.append(group)

    def _join(self, group: Group, *, below: bool = False) -> None:
        """At the same time as the last group; what is said in passing lies below what it goes with."""
        if conflict(self.groups[-1].events, group.events, blending=not self._of_another):
            group.gap = Gap.SOFT if self._of_another else Gap.TOGETHER
            self.groups.append(group)
            return
        last = self.groups[-1]
        last.events = [*group.events, *last.events] if below else [*last.events, *group.events]
        self.groups[-1].wait += group.wait

    def _insert_before_last(self, group: Group, *, prompt: bool) -> None:
        group.wait, self.groups[-1].wait = self.groups[-1].wait, group.wait
        if prompt:
            group.gap, self.groups[-1].gap = self.groups[-1].gap, Gap.TOGETHER
        self.groups.insert(len(self.groups) - 1, group)

    def _grow_to(self, group: Group) -> None:
        """ "her smile grows until it is almost manic": nothing that has grown is less of it."""
        growing = [event for event in self.groups[-1].events if event.polarity is Polarity.DO]
        pace = max((event.speed for event in growing), default=1.0)
        grown = {name: value for event in growing for name, value in event.pose.items()}
        for number, event in enumerate(group.events):
            kept = {name: max(value, event.pose.get(name, 0.0)) for name, value in grown.items() if value > 0}
            against = {other for name in event.pose for other in opposed_to(name)}
            pose = {**event.pose, **{name: value for name, value in kept.items() if name not in against}}
            group.events[number] = replace(event, pose=pose, speed=max(event.speed, pace))
        group.wait = group.wait or CHANGING_ON
        self.groups.append(group)

    def _transform(self, group: Group) -> None:
        """ "her frown turns into a smile": what stands before was there from the beginning; a part only moves."""
        last = self.groups[-1]
        if last is self._became:
            # "from surprise to fear to anger": the fear has just come about itself
            self._became, group.wait = group, group.wait or CHANGING_ON
            self.groups.append(group)
            return
        self._became = group
        changing = [event for event in last.events if any(event is own for own in self._changing)]
        kept = [event for event in changing if event.entry.whole]
        sides = [event.side for event in changing if event.side]
        faded = [e if e.entry.rest else replace(e, polarity=Polarity.FADE, supposed=True) for e in kept]
        told = [event for event in last.events if event not in changing]
        last.events = told or faded
        if told and faded:
            self.groups.append(Group(faded, gap=Gap.SOFT))
        elif not last.events:
            self.groups.pop()
        # "wide-eyed, he gapes, breaking into a grin": nothing is named that changes, so that the grin comes next
        group.gap = Gap.SOFT if told and not changing else Gap.TOGETHER
        pace = max((event.speed for event in kept), default=1.0)
        over = next((event.over for event in kept if event.over), None)
        group.events = [replace(event, speed=max(event.speed, pace), over=event.over or over) for event in group.events]
        if sides and not kept:
            group.events = [_on_side(event, sides[0]) for event in group.events]
        self.groups.append(group)


_ALONGSIDE = frozenset({Link.COMMA, Link.AND, Link.BUT, Link.WHILE, Link.WITH})


def _until(clause: Clause) -> float | None:
    """The second until which it stays so."""
    return next((phrase.seconds for phrase in clause.times if phrase.kind is Time.TILL), None)


def _on_side(event: Event, side: str) -> Event:
    return replace(event, pose=on_side(event.pose, event.entry, side), side=side)


def _batches(events: list[Event]) -> list[list[Event]]:
    """Events of one clause happen at once, unless they cannot: "looks up and down"."""
    found: list[list[Event]] = []
    for event in events:
        if found and not conflict(found[-1], [event]):
            found[-1].append(event)
        else:
            found.append([event])
    return found
