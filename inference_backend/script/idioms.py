"""Set phrases that stand for one or two plain words: "in a blink" is "suddenly", "dead serious" is very serious."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from .lexicon_files import table
from .words import Form, Token, tokens_of, word_token


def with_idioms_folded(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with each set phrase as the words that it stands for; they keep its place in the script."""
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        length, meant = _growing_at(tokens, index) or _idiom_at(tokens, index)
        if length:
            start, end = tokens[index].start, tokens[index + length - 1].end
            found.extend(word_token(word, start, end) for word in meant)
        else:
            found.append(tokens[index])
        index += max(length, 1)
    return found


def with_mouthing_as_speech(tokens: Sequence[Token]) -> list[Token]:
    """ "mouths 'what?'", "mouthing the words 'thank you'": a verb of speech, and no part of the face."""
    return [word_token("says", t.start, t.end) if _mouths(tokens, index) else t for index, t in enumerate(tokens)]


def _mouths(tokens: Sequence[Token], index: int) -> bool:
    if "mouth" not in tokens[index].bases:
        return False
    after = index + 1
    while after < len(tokens) and tokens[after].lower in _BEFORE_LINE:
        after += 1
    owned = index > 0 and tokens[index - 1].lower in ("his", "her", "their", "the", "my", "your", "its")
    return after < len(tokens) and tokens[after].form is Form.QUOTE and not owned


_BEFORE_LINE = frozenset({"the", "word", "words", "a", "silent", "silently", ",", ":", "slowly"})


def _idiom_at(tokens: Sequence[Token], index: int) -> tuple[int, tuple[str, ...]]:
    """How many tokens the longest phrase takes that begins here, and the words it stands for; 0 where none does."""
    for phrase, meant in _by_first_word().get(tokens[index].lower, ()):
        if tuple(token.lower for token in tokens[index : index + len(phrase)]) == phrase:
            return len(phrase), meant
    return 0, ()


def _growing_at(tokens: Sequence[Token], index: int) -> tuple[int, tuple[str, ...]] | None:
    """ "wider and wider", "more and more": by degrees."""
    words = [token.lower for token in tokens[index : index + 3]]
    grows = len(words) == 3 and words[0] == words[2] and words[1] == "and"
    compared = grows and (words[0] == "more" or (words[0].endswith("er") and words[0] not in _NOT_COMPARED))
    return (3, ("gradually", words[0])) if compared else None


_NOT_COMPARED = frozenset({"over", "faster", "quicker", "never", "ever", "after", "under"})


@lru_cache(maxsize=1)
def _by_first_word() -> Mapping[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for meant, phrases in table("modifiers")["idiom"].items():
        for phrase in str(phrases).split("|"):
            words = tuple(token.lower for token in tokens_of(phrase))
            found.setdefault(words[0], []).append((words, tuple(meant.split())))
    return {first: sorted(known, key=lambda pair: -len(pair[0])) for first, known in found.items()}
