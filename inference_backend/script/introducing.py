"""Names and ages with which a script introduces a person: "MARY (40s, tired)", "SARAH, 25, grins"."""

from collections.abc import Sequence

from .lexicon_files import word_set
from .word_kinds import is_grammar, is_manner, is_unknown
from .words import Form, Token


def without_heading(tokens: Sequence[Token]) -> Sequence[Token]:
    """ "Anticipation: lids drop": what kind of note it is, and no act."""
    headed = len(tokens) > 2 and tokens[0].lower in word_set("remark") and tokens[1].text == ":"
    return tokens[2:] if headed else tokens


LONGEST_NAME = 3
"""Words: "OLD MAN HARRIS"."""
OLDEST = 110
_DECADES = frozenset({"20", "30", "40", "50", "60", "70", "80", "90"})
_SPELLED_DECADES = frozenset({"twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties"})
_BEFORE_AGE = frozenset({"early", "mid", "late", "in", "his", "her", "their", "the", "aged", "age", "around", "about"})
_MARKS = frozenset({",", "(", "[", "-", "–", "—"})


def without_introduction(tokens: Sequence[Token]) -> tuple[Sequence[Token], str]:
    """The sentence without the name and age it begins with; and a name that stands for itself, else ""."""
    name = _name_length(tokens)
    if not name:
        return tokens, ""
    called = " ".join(token.text for token in tokens[:name])
    age, after = _age(tokens, name)
    rest = tokens[after:] if age else tokens[name:]
    if not any(token.is_word or token.form is Form.QUOTE for token in rest):
        shouted = all(token.text.isupper() and len(token.text) > 1 for token in tokens[:name])
        return ((), called) if age or shouted else (tokens, "")
    return (rest, "") if age else (tokens, "")


def _name_length(tokens: Sequence[Token]) -> int:
    """How many words of a name the sentence begins with."""
    length = 0
    while length < min(LONGEST_NAME, len(tokens)) and _is_name(tokens[length]):
        length += 1
    return length


def _is_name(token: Token) -> bool:
    plain = token.form not in (Form.MARK, Form.QUOTE, Form.NUMBER)
    return plain and token.text[0].isupper() and is_unknown(token) and not is_grammar(token) and not is_manner(token)


def _age(tokens: Sequence[Token], index: int) -> tuple[bool, int]:
    """Whether an age follows a name, and where what comes after it begins."""
    if index >= len(tokens) or tokens[index].text not in _MARKS:
        return False, index
    bracketed = tokens[index].text in "(["
    index += 1
    while index < len(tokens) and (tokens[index].lower in _BEFORE_AGE or tokens[index].text == "-"):
        index += 1
    end = _age_end(tokens, index)
    if end <= index:
        return False, index
    if end < len(tokens) and tokens[end].text in ",)]–—-":
        end += 1
    elif bracketed and end < len(tokens):
        return False, index
    return True, end


def _age_end(tokens: Sequence[Token], index: int) -> int:
    """One past "40s", "25", "thirties" or "9 years old"; 0, or no further, where that is no age."""
    words = [token.lower for token in tokens[index : index + 3]]
    if not words or words[0] in _SPELLED_DECADES:
        return index + len(words[:1])
    if not words[0].isdigit() or not 0 < int(words[0]) <= OLDEST:
        return 0
    if words[1:2] in (["s"], ["'s"]) and tokens[index].end == tokens[index + 1].start:
        return index + 2 if words[0] in _DECADES else 0
    if words[1:] == ["years", "old"]:
        return index + 3
    return 0 if len(words) > 1 and tokens[index + 1].is_word else index + 1
