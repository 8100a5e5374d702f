"""Whose part of a script is played, where more than one person is in it."""

import re
from collections.abc import Collection, Sequence

from blender_addon.core.errors import InputError

from .addressing import BEFORE_PERSON
from .clauses import Clause
from .direct import plain
from .lexicon_files import word_set
from .screenplay import Sentence, is_say_word
from .word_kinds import is_grammar, is_manner, is_unknown
from .words import Form, Token

_PRONOUNS = {"he": "he", "his": "he", "she": "she", "her": "she"}
_EVERYBODY = frozenset({"they", "both", "all", "everyone", "everybody", "we"})
_STARTERS = frozenset({"then", "and", "but", "now", "so", "meanwhile", "again"})
_LISTED = 3
"""So many things that others do are quoted; the rest is counted."""


class Cast:
    """Tells, clause by clause, whether the one who is played acts, or somebody else does.

    plays: a name as the script writes it, or "he" or "she"; empty to play everybody. Who acts is named by a cue
    ("ANNA", "ANNA: ..."), by the subject of a clause, or by "he says" beside a line; else it is who acted last.
    A pronoun goes on meaning whom it meant first: the one who acted last then. Raises InputError where the
    script names nobody so.
    """

    def __init__(self, plays: str, script: str, sentences: Sequence[Sentence]) -> None:
        self._script = script
        self.speakers = tuple({s.speaker.casefold(): s.speaker for s in sentences if s.speaker}.values())
        self._plays = " ".join(plays.split()).casefold()
        self._names = frozenset(part for name in self.speakers for part in _parts(name)) | _parts(self._plays)
        self._meant: dict[str, str] = {}
        self._acting = ""
        self._voice = ""
        self._is_cued = False
        self._named = ""
        self._heard = 0
        self._left: list[str] = []
        if self._plays and not self._is_named(sentences):
            known = f" It has lines of {', '.join(self.speakers)}." if self.speakers else ""
            raise InputError(
                f'The script names nobody "{plays.strip()}".{known}',
                "Write a name under Plays as the script does, or leave it empty to play everything.",
            )

    @property
    def plays_everybody(self) -> bool:
        """Whether one head acts all of it."""
        return not self._plays

    def begin(self, sentence: Sentence) -> None:
        """The next sentence: who speaks it, where its cue or its "she says" tells."""
        if sentence.speaker:
            self._acting = sentence.speaker.casefold()
        self._is_cued = bool(sentence.speaker)
        self._voice = self._acting if sentence.speaker else self._said_by(sentence.tokens)

    def is_anothers(self, clause: Clause) -> bool:
        """Whether somebody else does what the clause tells, or says its line."""
        if not self._plays:
            return False
        if clause.quote is not None:
            heard = not self._is_played(self._voice or self._acting)
            self._heard += heard
            return heard
        subject = self._subject_of(clause.words)
        if subject is not None:
            self._acting = subject
        if self._is_played(self._acting):
            return False
        if not self._is_cued and any(map(self._is_of_act, clause.words)):
            self._left.append(plain(self._script[clause.start : clause.end]))
        return True

    def _is_of_act(self, word: Token) -> bool:
        return not (is_say_word(word) or is_grammar(word) or self._person(word, first=False))

    def acts_for_several(self, subjects: Collection[str]) -> bool:
        """Whether one head plays more than one person; `subjects`: "he" and "she", as far as they acted."""
        return not self._plays and (len(self.speakers) > 1 or len(subjects) > 1)

    def notes(self) -> list[str]:
        """What of the script is not played, because it is of others; each a sentence."""
        notes = []
        if self._heard:
            lines = "a line" if self._heard == 1 else f"{self._heard} lines"
            notes.append(f"Silent for {lines} that others say.")
        if self._left:
            quoted = ", ".join(f'"{said}"' for said in self._left[:_LISTED])
            more = f" and {len(self._left) - _LISTED} more" if len(self._left) > _LISTED else ""
            notes.append(f"Not acted, since others do it: {quoted}{more}.")
        return notes

    def _is_named(self, sentences: Sequence[Sentence]) -> bool:
        wanted = _parts(self._plays)
        spoken = any(self._is_played(speaker.casefold()) for speaker in self.speakers)
        told = {word.lower.removesuffix("'s") for sentence in sentences for word in sentence.tokens if word.is_word}
        return spoken or (bool(wanted) and wanted <= told)

    def _is_played(self, person: str) -> bool:
        if not person or person == self._plays or self._meant.get(self._plays) == person:
            return True
        return bool(_parts(person) & _parts(self._plays)) and not self._is_full_name(self._plays)

    def _is_full_name(self, name: str) -> bool:
        """ "ANNA" is one of the speakers, so that "OLD ANNA" is another."""
        return any(speaker.casefold() == name for speaker in self.speakers)

    def _said_by(self, tokens: Sequence[Token]) -> str:
        """ "... ," says Ben" and "Ben says: ...": who stands beside the word of saying."""
        if not any(token.form is Form.QUOTE for token in tokens):
            return ""
        for place, token in enumerate(tokens):
            if token.is_word and is_say_word(token):
                for other in (*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2]):
                    person = self._person(other, first=False)
                    if person:
                        return self._known(person)
        return ""

    def _subject_of(self, words: Sequence[Token]) -> str | None:
        """Who acts in a clause, empty for everybody; None where it names nobody in front."""
        for position, word in enumerate(words[:4]):
            if word.lower in _EVERYBODY:
                return ""
            person = self._person(word, first=position == 0)
            relative = word.lower in ("his", "her") and _is_noun_of_person(words[position + 1 : position + 2])
            if person and not relative:
                return self._known(person)
            if word.lower not in _STARTERS and word.lower not in BEFORE_PERSON and not is_manner(word):
                return None
        return None

    def _person(self, word: Token, *, first: bool) -> str:
        """The person that a word names: a pronoun as it stands, a name or a noun in small letters; else empty."""
        name = word.lower.removesuffix("'s")
        if not word.is_word or word.lower in _PRONOUNS:
            return _PRONOUNS.get(word.lower, "") if word.is_word else ""
        capital = word.text[0].isupper()
        if (capital and name in self._names) or name in word_set("person"):
            return name
        return name if capital and first and is_unknown(word) and not _is_grammar_alone(word) else ""

    def _known(self, person: str) -> str:
        """Who is meant by a pronoun; a name is kept for the next pronoun."""
        if person not in _PRONOUNS:
            self._named = person
            return person
        free = self._acting and self._acting not in (*self._meant.values(), *_PRONOUNS)
        if person not in self._meant and free:
            if self._acting != self._named:  # a cue names who speaks; who acts behind the line is a guess
                return self._acting
            self._meant[person] = self._named
        return self._meant.get(person, person)


def _is_noun_of_person(words: Sequence[Token]) -> bool:
    """ "her brother" is somebody else."""
    return any(word.lower in word_set("person") for word in words)


def _is_grammar_alone(word: Token) -> bool:
    """A word of grammar that is no name with "'s"."""
    return is_grammar(word) and not word.lower.endswith("'s")


def _parts(name: str) -> frozenset[str]:
    return frozenset(part for part in re.findall(r"[^\W_]+", name.casefold()) if len(part) > 1)
