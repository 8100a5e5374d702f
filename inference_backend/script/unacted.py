"""What a clause tells that is not acted: what somebody asked, what another showed, what only might be."""

from collections.abc import Sequence
from dataclasses import replace

from .addressing import subjects_in
from .clauses import Clause, Link
from .lexicon_files import word_set
from .word_kinds import is_grammar
from .words import Form, Token


def is_told_of_others(clause: Clause) -> bool:
    """What another shows or says, or what is not so now: "off her look", "when asked if he ate", "usually so merry"."""
    words = clause.words
    if not words:
        return False
    if words[0].lower in _HABITS:
        return True
    seen = word_set("seen")
    if words[0].lower == "off" and len(words) <= 4 and not seen.isdisjoint(words[-1].bases):
        return words[1].lower in ("his", "her", "their", "the", "that") or words[1].lower.endswith("'s")
    asked = words[0].lower in ("asked", "told", "questioned", "addressed")
    return clause.link is Link.WHEN and asked


_PERSON_OF = {"he": "he", "she": "she", "his": "he", "her": "she"}
_PERSONS = ("he", "she")


def cues_of_others(clauses: Sequence[Clause]) -> list[Clause]:
    """ "she drops it the moment he turns away": what he does says when, and is not for her face."""
    acting = {who for clause in clauses if not _says_when(clause) for who in subjects_in(clause.words)}
    acting |= {_PERSON_OF[clause.words[0].lower] for clause in clauses if _says_of_whom(clause)}
    cues = [clause for clause in clauses if _says_when(clause)] if len(acting) == 1 else []
    return [cue for cue in cues if acting.isdisjoint(subjects_in(cue.words) or acting)]


def _says_when(clause: Clause) -> bool:
    return Link.WHEN in (clause.link, clause.leading) and clause.quote is None


def _says_of_whom(clause: Clause) -> bool:
    return not _says_when(clause) and bool(clause.words) and clause.words[0].lower in _PERSON_OF


def with_cues_parted(clauses: Sequence[Clause]) -> list[Clause]:
    """ "as soon as she looks away his face falls": a cue, and what comes on it, without a comma between them."""
    return [part for clause in clauses for part in (_parted(clause) or [clause])]


def _parted(clause: Clause) -> list[Clause]:
    who = min(subjects_in(clause.words), default="") if _says_when(clause) else ""
    own = [p for p, word in enumerate(clause.words) if p > 1 and _PERSON_OF.get(word.lower, who) != who]
    if not who or not own or not _acts(clause.words[own[0] :]):
        return []
    cue = replace(clause, words=clause.words[: own[0]], times=[], end=clause.words[own[0] - 1].end)
    told = replace(clause, link=Link.THEN, leading=None, words=clause.words[own[0] :], start=clause.words[own[0]].start)
    return [cue, told]


def _acts(words: Sequence[Token]) -> bool:
    """ "his face falls", "he smiles": somebody and what he does; not the end of "looks at his face"."""
    return len(words) > 1 and (words[0].lower in _PERSONS or any(word.form is Form.S for word in words[2:]))


def without_supposition(words: list[Token]) -> list[Token]:
    """The words as far as they tell what happens: not what somebody wonders, asks or looks to see "if" or "whether"."""
    for position, word in enumerate(words[1:], start=1):
        if word.lower == "whether" or (word.lower == "if" and not _SUPPOSED.isdisjoint(words[position - 1].bases)):
            return words[:position]
    return words


_HABITS = frozenset({"usually", "normally", "typically", "ordinarily", "rarely", "seldom"})
_SUPPOSED = frozenset({"ask", "wonder", "see", "know", "check", "sure", "decide", "unsure", "guess", "tell"})


def is_nothing(clause: Clause) -> bool:
    """ "then nothing": what was under way comes to nothing."""
    said = [word.lower for word in clause.words]
    return clause.link is Link.THEN and said[:1] == ["nothing"] and set(said) <= {"nothing", "at", "all"}


def is_of_body(words: Sequence[Token]) -> bool:
    """ "shoulders up to her ears", "scratches his nose": a part that is none of the face does it."""
    first = next((word for word in words if not is_grammar(word) and word.form is not Form.NUMBER), None)
    handled = any(not word_set("by_hand").isdisjoint(word.bases) for word in words)
    return handled or (first is not None and not word_set("body").isdisjoint(first.bases))
