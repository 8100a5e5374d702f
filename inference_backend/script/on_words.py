"""Acts that fall on a word of a line: 'On "never" her brows go up', "blinks on the word never"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .screenplay import Sentence, is_say_word
from .spoken import Word, spoken
from .words import Form, Token

LONGEST = 4
"""Words of a line on which one act falls; more of them are a line of their own."""
_LEADS = frozenset({"on", "at", "with", "over", "during"})
_BEFORE_WORD = frozenset({"the", "her", "his", "their", "very", "each", "every"})
_WHICH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1}
_NAMES = frozenset({"word", "words", "syllable", "line"})


@dataclass(frozen=True)
class _Phrase:
    """first, last: its tokens, one past the last; said: the words of the line that it names.

    which: the occurrence of them in the line, from 0; -1 is the last. just_said: only the last line can be meant.
    """

    first: int
    last: int
    said: str
    which: int = 0
    just_said: bool = False


def with_words_of_lines_marked(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences, with each phrase that names a word of a line as one token ON_WORD.

    The line is the last one before the phrase that has the word, or else the next one behind it. A phrase
    whose words no line has is left as it is.
    """
    lines = [token for sentence in sentences for token in sentence.tokens if token.form is Form.QUOTE]
    if not lines:
        return list(sentences)
    return [replace(sentence, tokens=tuple(_marked(sentence.tokens, lines))) for sentence in sentences]


def _marked(tokens: Sequence[Token], lines: Sequence[Token]) -> list[Token]:
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        phrase = _phrase_at(tokens, index)
        place = _place_of(phrase, tokens, lines) if phrase else None
        if phrase is None or place is None:
            found.append(tokens[index])
            index += 1
            continue
        end = tokens[phrase.last - 1].end
        found.append(Token(phrase.said, tokens[index].start, end, Form.ON_WORD, line=place))
        index = phrase.last
    return found


def _phrase_at(tokens: Sequence[Token], index: int) -> _Phrase | None:
    """on (the word) "never"; at 'never'; on the words come closer; as she says "never"."""
    if tokens[index].lower in ("as", "when", "while"):
        return _said_again(tokens, index)
    if tokens[index].lower not in _LEADS:
        return None
    at, which, named = index + 1, 0, False
    while at < len(tokens) and tokens[at].lower in _BEFORE_WORD | _NAMES | _WHICH.keys():
        which = _WHICH.get(tokens[at].lower, which)
        named = named or tokens[at].lower in _NAMES
        at += 1
    if at >= len(tokens) or (tokens[index].lower not in ("on", "at") and not named):
        return None
    if tokens[at].form is Form.QUOTE:
        return _Phrase(index, at + 1, tokens[at].text, which)
    if tokens[at].text == "'":
        closing = (p for p in range(at + 1, min(at + 2 + LONGEST, len(tokens))) if tokens[p].text == "'")
        end = next(closing, 0)
        said = " ".join(token.text for token in tokens[at + 1 : end])
        return _Phrase(index, end + 1, said, which) if said else None
    return _Phrase(index, at + 1, tokens[at].text, which) if named and tokens[at].is_word else None


def _said_again(tokens: Sequence[Token], index: int) -> _Phrase | None:
    """ "(his brows go up) as he says 'never'", of a line that was told before."""
    for at in range(index + 2, min(index + 4, len(tokens) - 1)):
        if is_say_word(tokens[at]) and tokens[at + 1].form is Form.QUOTE:
            return _Phrase(index, at + 2, tokens[at + 1].text, just_said=True)
    return None


def _place_of(phrase: _Phrase, tokens: Sequence[Token], lines: Sequence[Token]) -> tuple[int, int] | None:
    """The line that has the words of the phrase, by where it begins, and how many of its words come before them."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", phrase.said)
    if not 0 < len(words) <= LONGEST:
        return None
    wanted = re.compile(r"(?<![\w'])" + r"[^\w']+".join(map(re.escape, words)) + r"(?![\w'])", re.IGNORECASE)
    start, end = tokens[phrase.first].start, tokens[phrase.last - 1].end
    before = [line for line in reversed(lines) if line.end <= start]
    after = [line for line in lines if line.start >= end]
    for line in before[:1] if phrase.just_said else (*before, *after):
        found = list(wanted.finditer(line.text))
        if found and (len(words) < _length(line.text) or not phrase.just_said):
            chosen = found[min(phrase.which, len(found) - 1)]
            return line.start, _length(line.text[: chosen.start()])
    return None


def _length(text: str) -> int:
    """How many words are said."""
    return sum(isinstance(piece, Word) for piece in spoken(text))
