"""Words of a sentence and their base forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, lru_cache

from .lexicon_files import table

WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]|_")


class Form(Enum):
    """The shape in which English shows a word."""

    BASE = "base"
    S = "s"
    ED = "ed"
    ING = "ing"
    LY = "ly"
    NUMBER = "number"
    MARK = "mark"
    QUOTE = "quote"
    ON_WORD = "on_word"
    """on "never": the word of a line on which an act falls."""


@dataclass(frozen=True)
class Token:
    """A word, number, mark of punctuation or whole quotation.

    start, end: characters of the script.
    bases: every base form that the word may have, itself included.
    keys: what a pattern can ask for: the bases and, with "@", the classes they belong to.
    """

    text: str
    start: int
    end: int
    form: Form
    bases: frozenset[str] = frozenset()
    keys: frozenset[str] = field(default=frozenset())
    line: tuple[int, int] | None = None
    """Of ON_WORD: where the line begins in the script, and how many words of it come before the word."""

    @cached_property
    def lower(self) -> str:
        """The word in small letters, with a straight apostrophe."""
        return self.text.lower().replace("’", "'")

    @cached_property
    def is_word(self) -> bool:
        """Neither punctuation nor a quotation, nor the word of one on which an act falls."""
        return self.form not in (Form.MARK, Form.QUOTE, Form.ON_WORD)

    def only(self, *keys: str) -> "Token":
        """The same word, but to be taken as nothing but `keys`."""
        return replace(self, bases=frozenset(keys), keys=frozenset(keys))


def tokens_of(text: str, offset: int = 0) -> list[Token]:
    """The tokens of a piece of the script that begins at character `offset`."""
    return [_token(match.group(), match.start() + offset) for match in WORD.finditer(text)]


def quote_token(text: str, start: int, end: int) -> Token:
    """A whole quotation as one token; `text` is what is said."""
    return Token(text, start, end, Form.QUOTE, keys=frozenset({"#quote"}))


def word_token(word: str, start: int, end: int) -> Token:
    """A word that stands for what the script has between two characters."""
    return replace(_token(word, start), end=end)


def _token(text: str, start: int) -> Token:
    end = start + len(text)
    if text[0].isdigit():
        return Token(text, start, end, Form.NUMBER, frozenset({text}), frozenset({text}))
    if not text[0].isalpha():
        return Token(text, start, end, Form.MARK, frozenset({text}), frozenset({text}))
    bases = bases_of(text.lower().replace("’", "'"))
    return Token(text, start, end, form_of(text.lower()), bases, keys_of(bases))


@lru_cache(maxsize=8192)
def form_of(word: str) -> Form:
    """The form by its ending, or by the table of irregular words."""
    base_forms = _irregular().get(word, ())
    if word.endswith("ing") and len(word) > 4:
        return Form.ING
    if word.endswith("ly") and len(word) > 4:
        return Form.LY
    if word.endswith("ed") and len(word) > 3:
        return Form.ED
    if word.endswith("s") and not word.endswith("ss") and len(word) > 2:
        return Form.S
    if base_forms and word not in base_forms:
        return Form.ED
    return Form.BASE


@lru_cache(maxsize=8192)
def bases_of(word: str) -> frozenset[str]:
    """Every base form that the word may be a form of; wrong ones are harmless, as no pattern asks for them."""
    found = {word, *_irregular().get(word, ())}
    if word.endswith("n't"):
        found |= {"not", _AUXILIARY.get(word, word.removesuffix("n't"))}
    stem = re.sub(r"('s|s'|')$", "", word)
    found.add(stem)
    found.update(_stripped(stem))
    return frozenset(found)


_AUXILIARY = {"can't": "can", "won't": "will", "shan't": "shall"}


def _stripped(word: str) -> Iterator[str]:
    """The bases that the regular endings of English allow."""
    for ending, least in (("s", 2), ("es", 3), ("ed", 2), ("ing", 2), ("ly", 3), ("er", 3), ("est", 3), ("ness", 3)):
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < least:
            continue
        yield stem
        if ending != "s":
            yield stem + "e"
        if ending in ("es", "ed", "ly", "er", "est", "ness") and stem.endswith("i"):
            yield stem[:-1] + "y"
        if ending in ("ed", "ing", "er", "est") and len(stem) > 3 and stem[-1] == stem[-2]:
            yield stem[:-1]
        if ending == "ly":
            yield from _adverb_bases(stem)


def _adverb_bases(stem: str) -> Iterator[str]:
    """ "joyfully" has "joyful", "angrily" "angry", "frantically" "frantic", "simply" "simple", "tiredly" "tire"."""
    yield stem + "le"
    if stem.endswith("al"):
        yield stem[:-2]
    if stem.endswith(("ed", "ing")):
        yield from _stripped(stem)


@lru_cache(maxsize=8192)
def keys_of(bases: frozenset[str]) -> frozenset[str]:
    """The bases and the classes they belong to."""
    classes = _classes_by_word()
    return bases | {f"@{name}" for base in bases for name in classes.get(base, ())}


@lru_cache(maxsize=1)
def _irregular() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for base, forms in table("morphology")["irregular"].items():
        for form in str(forms).split():
            found.setdefault(form, []).append(base)
    return {form: tuple(bases) for form, bases in found.items()}


@lru_cache(maxsize=1)
def _classes_by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, words in table("words")["classes"].items():
        for word in str(words).split():
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}
