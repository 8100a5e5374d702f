"""Puts a part of the face back into what is said of it: "his brows, which had been knitted, lifted"."""

from collections.abc import Sequence

from .clauses import Clause, Link
from .entries import vocabulary
from .lexicon_files import part_classes, word_set
from .matching import Match
from .unacted import is_told_of_others
from .word_kinds import is_grammar
from .words import Token

_PARTS = part_classes("solid")
_PERSONS = frozenset({"he", "she", "they", "his", "her", "their"})
_RELATIVE = frozenset({"which", "that", "who"})
_OPENS = _RELATIVE | {"already", "still", "usually", "normally", "always", "once", "now", "so", "until", "long"}


def with_subjects_restored(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, with a part that stands alone in front of an insertion in what is said of it before and after."""
    found: list[Clause] = []
    index = 0
    while index < len(clauses):
        subject = clauses[index]
        following = clauses[index + 1 : index + 3]
        if _is_part_alone(subject) and len(following) == 2 and _is_inserted(*following):
            inserted, main = following
            told = [word for word in inserted.words if word.lower not in _RELATIVE]
            if not is_told_of_others(inserted):
                inserted.words = [*subject.words, *told]
            inserted.link, inserted.leading = subject.link, subject.leading
            inserted.start, inserted.times = subject.start, [*subject.times, *inserted.times]
            main.words = [*subject.words, *main.words]
            found.extend([inserted, main])
            index += 3
        else:
            found.append(subject)
            index += 1
    return found


def goes_on_with_part(before: Sequence[Token], words: Sequence[Token], matches: Sequence[Match]) -> bool:
    """ "his gaze hardened, softened, and fell": of the gaze, where the clause names nothing that could do it."""
    subject = next((word for word in before[1:3] if word.lower not in word_set("no_subject")), None)
    if subject is None or before[0].lower not in ("his", "her", "their", "the"):
        return False
    if any(_is_part(word) or "@gaze" in word.keys or word.lower in word_set("finite") for word in words):
        return False
    falls = not matches and any(not _SINKS.isdisjoint(word.bases) for word in words)
    sinks = falls and not _LOWERED.isdisjoint(subject.keys)
    lone = len(matches) == 1 and len(matches[0].positions) == 1
    return sinks or (lone and (_is_part(subject) or "@gaze" in subject.keys))


_SINKS = frozenset({"fall", "drop", "sink"})
_LOWERED = frozenset({"@gaze", "@eye", "@head", "@lid"})
"""What goes down when it falls; a brow or a corner of the mouth that falls comes back to where it was."""


def _is_part_alone(clause: Clause) -> bool:
    content = [word for word in clause.words if not is_grammar(word)]
    return clause.quote is None and bool(content) and all(map(_is_part, content))


def _is_part(word: Token) -> bool:
    return not _PARTS.isdisjoint(word.keys)


def _is_inserted(clause: Clause, main: Clause) -> bool:
    opened = clause.link is Link.COMMA and bool(clause.words) and clause.words[0].lower in _OPENS
    return opened and _lacks_subject(main)


def _lacks_subject(clause: Clause) -> bool:
    """A clause that goes on with a verb, of the part that was named before."""
    if clause.link not in (Link.COMMA, Link.THEN) or not clause.words or clause.quote is not None:
        return False
    named = any(_is_part(word) or word.lower in _PERSONS for word in clause.words[:3])
    return not named and any(not vocabulary().isdisjoint(word.bases) for word in clause.words)
