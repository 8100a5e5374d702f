"""Puts a part of the face back into what is said of it: "his brows, which had been knitted, lifted"."""

from collections.abc import Sequence

from .clauses import Clause, Link
from .entries import vocabulary
from .lexicon_files import part_classes
from .word_kinds import is_grammar
from .words import Token

_PARTS = part_classes("solid")
_RELATIVE = frozenset({"which", "that", "who"})
_OPENS = _RELATIVE | {"already", "still", "usually", "normally", "always", "once", "now", "so", "until", "long"}


def with_subjects_restored(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, with a part that stands alone in front of an insertion in what is said of it before and after."""
    found: list[Clause] = []
    index = 0
    while index < len(clauses):
        subject = clauses[index]
        inserted, main = (clauses[index + 1 : index + 3] + [None, None])[:2] if _is_part_alone(subject) else (None, None)
        if inserted is not None and main is not None and _is_insertion(inserted) and _lacks_subject(main):
            told = [word for word in inserted.words if word.lower not in _RELATIVE]
            inserted.words, inserted.link, inserted.leading = [*subject.words, *told], subject.link, subject.leading
            inserted.start, inserted.times = subject.start, [*subject.times, *inserted.times]
            main.words = [*subject.words, *main.words]
            found.extend([inserted, main])
            index += 3
        else:
            found.append(subject)
            index += 1
    return found


def _is_part_alone(clause: Clause) -> bool:
    content = [word for word in clause.words if not is_grammar(word)]
    return clause.quote is None and bool(content) and all(map(_is_part, content))


def _is_part(word: Token) -> bool:
    return not _PARTS.isdisjoint(word.keys)


def _is_insertion(clause: Clause) -> bool:
    return clause.link is Link.COMMA and bool(clause.words) and clause.words[0].lower in _OPENS


def _lacks_subject(clause: Clause) -> bool:
    """A clause that goes on with a verb, of the part that was named before."""
    if clause.link not in (Link.COMMA, Link.THEN) or not clause.words or clause.quote is not None:
        return False
    named = any(_is_part(word) or word.lower in ("he", "she", "they", "his", "her", "their") for word in clause.words[:3])
    return not named and any(not vocabulary().isdisjoint(word.bases) for word in clause.words)
