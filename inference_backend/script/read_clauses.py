"""Clauses with what was made of them, and what they take from one another."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .clauses import Clause, Link
from .events import Event, Polarity
from .feelings import hidden
from .lexicon_files import word_set
from .screenplay import is_say_word, only_says
from .word_kinds import is_part
from .words import Form


@dataclass
class ReadClause:
    """A clause and what was made of it.

    events: what it asks for. say: it only says who speaks, and how. bare: it has nothing of its own but
    words of manner, which go to its neighbour. unread: nothing was made of it. others: others do it, or say it.
    """

    clause: Clause
    events: list[Event] = field(default_factory=list)
    say: bool = False
    bare: bool = False
    unread: bool = False
    others: bool = False


def join(found: Sequence[ReadClause], read: ReadClause, replaced: list[Event]) -> None:
    """What a clause takes from the one before it. replaced: the events that an "into" took away."""
    if not found:
        return
    _join_comparison(found[-1], read)
    if _says_again(found[-1], read):
        read.events, read.bare = [], True
    if read.clause.link is Link.INTO and replaced and all(event.entry.rest for event in read.events):
        # "hardens into something unreadable": nothing comes in its place
        unnamed = any(word.lower in ("something", "nothing") for word in read.clause.words)
        found[-1].events, read.events = replaced, []
        read.unread = read.unread and not unnamed


def _join_comparison(before: ReadClause, read: ReadClause) -> None:
    """ "as if to say: come on, hit me": the words that nobody says go on to the end of the sentence."""
    said = before.clause.link is Link.LIKE and any(is_say_word(word) for word in before.clause.words)
    if said and read.unread and read.clause.link is Link.COMMA:
        read.clause.link, read.unread, read.bare = Link.LIKE, False, True
        read.clause.words = [*before.clause.words, *read.clause.words]


def _says_again(before: ReadClause, read: ReadClause) -> bool:
    """ "only his eyes move, following a fly": each clause is complete only with the other, and both tell of one act."""
    first = read.clause.words[0] if read.clause.words else None
    participle = first is not None and (first.form is Form.ING or first.lower in ("which", "that"))
    told = [event.entry for event in read.events]
    return participle and bool(told) and told == [event.entry for event in before.events] and bool(told[0].steps)


def is_feeling(read: ReadClause) -> bool:
    """Whether all that it asks for is felt."""
    return bool(read.events) and all(e.entry.emotion and e.polarity is Polarity.DO for e in read.events)


def hide(reads: Sequence[ReadClause]) -> None:
    """The feeling of the clause, or of the one before it, is hidden behind what else the clause says."""
    for read in reads:
        read.events = [hidden(event) if event.entry.emotion else event for event in read.events]
    reads[-1].events = [put_on(event) for event in reads[-1].events]


def put_on(event: Event) -> Event:
    """ "he is furious, but smiles": the fury stays behind the smile."""
    return replace(event, mask=event.mask or (event.entry.whole and not event.entry.emotion and not event.entry.rest))


def leads_to_line(clauses: Sequence[Clause], index: int) -> bool:
    """ "she whispers, terrified, 'He's here'": a line comes next, or after a word on how it is said."""
    following = clauses[index + 1 : index + 3]
    if following and following[0].quote is not None:
        return True
    says = any(map(is_say_word, clauses[index].words))
    aside = says and len(following) == 2 and following[1].quote is not None and following[0].link in _ASIDES
    finite = word_set("finite")
    told = [w for w in following[0].words if not is_part(w) and "@tear" not in w.keys] if aside else []
    return aside and not any(w.form is Form.S or w.lower in finite or is_say_word(w) for w in told)


_ASIDES = frozenset({Link.COMMA, Link.WITH, Link.WITHOUT, Link.WHILE})


def is_tag_of_line(clause: Clause, found: Sequence[ReadClause], *, leads: bool) -> bool:
    """Whether the clause can say who speaks; a line that has its tag is only followed by what comes next."""
    if clause.link is Link.THEN:  # "then whispers 'Yes'" only says; a sigh is over as the line begins
        return leads and any(map(only_says, clause.words))
    if leads:
        return True
    told = len(found) > 1 and found[-2].say
    return bool(found) and found[-1].clause.quote is not None and not told


def is_beside_quote(before: Clause | None, after: Clause | None) -> bool:
    """Whether the clause before or the one after is a line."""
    return any(clause is not None and clause.quote is not None for clause in (before, after))
