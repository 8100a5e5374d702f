"""What a look, a turn or a word is directed at: things that no entry knows, and that need not be known.

"stares at the blinking cursor" asks for a stare; the cursor and its blinking are no act of the face.
"""

from collections.abc import Sequence

from .lexicon_files import word_set
from .word_kinds import is_grammar, is_manner, is_unknown
from .words import Form, Token

THING = "#thing"
"""What a pattern of the lexicon asks for where anything may stand."""

_TOWARDS = frozenset({"at", "toward", "towards", "to", "behind", "past", "upon", "beyond", "across"})
_DETERMINERS = frozenset(
    {"the", "a", "an", "his", "her", "their", "its", "my", "your", "this", "that", "these", "some"}
)


def with_things_marked(words: Sequence[Token]) -> list[Token]:
    """The words, with each object that no entry knows as a thing and nothing else."""
    marked = list(words)
    position = 0
    while position < len(words):
        end = _object_end(words, position)
        first = position + 1
        if end and words[first].lower in _DETERMINERS:
            first += 1
        for index in range(first, end):
            marked[index] = words[index].only(THING)
        position = max(end, position + 1)
    return marked


def with_nouns_marked(words: Sequence[Token]) -> list[Token]:
    """The words, with nouns that are also ways to move as things: "the sink", "a fly"."""
    return [word.only(THING) if _is_noun(words, position) else word for position, word in enumerate(words)]


def _is_noun(words: Sequence[Token], position: int) -> bool:
    """ "by the sink", "a fly", "on the kitchen sink": no way to move."""
    following = words[position + 1].lower if position + 1 < len(words) else ""
    if words[position].lower not in word_set("noun") or following == "of":
        return False
    before = [word for word in words[max(0, position - 2) : position] if word.lower in _DETERMINERS]
    return bool(before) and (before[-1] is words[position - 1] or is_unknown(words[position - 1]))


def _object_end(words: Sequence[Token], position: int) -> int:
    """One past the last word of "at the blinking cursor"; 0 where there is no such object."""
    if words[position].lower not in _TOWARDS or position + 2 >= len(words):
        return 0
    if words[position + 1].lower not in _DETERMINERS and not _is_attribute(words, position + 1):
        return 0
    end = position + 2
    while end < len(words) and not _ends_object(words[end]):
        end += 1
    head = words[end - 1]
    if end == position + 2 or is_manner(head):
        return 0
    known = not is_unknown(head) or (is_grammar(head) and head.lower not in word_set("person"))
    return 0 if known else end


def _is_attribute(words: Sequence[Token], position: int) -> bool:
    """ "to distant music": what a thing that no entry knows is like says nothing of who hears it."""
    following = words[position + 1 : position + 2]
    described = not is_grammar(words[position]) and not is_manner(words[position]) and not is_unknown(words[position])
    return described and bool(following) and is_unknown(following[0]) and not is_grammar(following[0])


def _ends_object(word: Token) -> bool:
    person = word.lower in word_set("person")
    return (is_grammar(word) and not person) or word.form in (Form.LY, Form.NUMBER) or not word.is_word


def is_another_object(words: Sequence[Token]) -> bool:
    """ "then at the envelope", "then at her": only where a look goes."""
    content = [word for word in words if THING not in word.keys and not is_grammar(word) and not is_manner(word)]
    directed = any(word.lower in ("at", "toward", "towards", "to") for word in words[:2])
    return directed and not content and len(words) > 1
