"""Cuts a sentence into clauses and says how each is joined to the one before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from .entries import patterns_by_first_slot
from .lexicon_files import part_classes, word_set
from .phrases import Time, TimePhrase, degree_factors, speed_factors, time_phrases
from .words import Form, Token


class Link(Enum):
    """How a clause is joined to what stands before it."""

    FIRST = "first"
    COMMA = "comma"
    AND = "and"
    BUT = "but"
    THEN = "then"
    WITH = "with"
    WITHOUT = "without"
    WHILE = "while"
    BEFORE = "before"
    AFTER = "after"
    UNTIL = "until"
    WHEN = "when"
    INTO = "into"
    LIKE = "like"
    """as if, as though: what it looks like, and not what is done"""


SUBORDINATE = frozenset({Link.WITH, Link.WITHOUT, Link.WHILE, Link.BEFORE, Link.AFTER, Link.UNTIL, Link.WHEN})
"""Links that, at the head of a sentence, speak of the clause that follows."""

_WORD_LINKS = {
    "and": Link.AND,
    "or": Link.AND,
    "nor": Link.WITHOUT,
    "plus": Link.AND,
    "but": Link.BUT,
    "yet": Link.BUT,
    "though": Link.BUT,
    "although": Link.BUT,
    "however": Link.BUT,
    "then": Link.THEN,
    "before": Link.BEFORE,
    "after": Link.AFTER,
    "while": Link.WHILE,
    "whilst": Link.WHILE,
    "as": Link.WHILE,
    "because": Link.WHILE,
    "despite": Link.WHILE,
    "until": Link.UNTIL,
    "till": Link.UNTIL,
    "when": Link.WHEN,
    "whenever": Link.WHEN,
    "with": Link.WITH,
    "without": Link.WITHOUT,
    "through": Link.WHILE,
    "followed": Link.THEN,
}
_THEN_STARTS = word_set("then")
_PAIRS = {
    ("instead", "of"): Link.WITHOUT,
    ("rather", "than"): Link.WITHOUT,
    ("as", "if"): Link.LIKE,
    ("as", "though"): Link.LIKE,
}
_DIRECTIONS = word_set("directions")
_MARK_LINKS = frozenset(",;:—–-/()[]|+>=→&")


@dataclass
class Clause:
    """A stretch of a sentence that says one thing.

    words: its tokens without punctuation and phrases of time.
    on_word: the word of a line on which it falls: on "never".
    gloss: it stands in brackets behind another clause, and says the same in other words.
    prompt: what it is told of comes with it, and not after it: "the moment he turns", "as soon as he turns".
    leading: the subordinating word in front of the main clause: "as she smiles, ...".
    start, end: characters of the script.
    """

    link: Link
    words: list[Token] = field(default_factory=list)
    times: list[TimePhrase] = field(default_factory=list)
    quote: Token | None = None
    on_word: Token | None = None
    leading: Link | None = None
    gloss: bool = False
    prompt: bool = False
    start: int = 0
    end: int = 0


def clauses_of(tokens: Sequence[Token]) -> list[Clause]:
    """The clauses of one sentence, in the order of the script."""
    phrases = {phrase.first: phrase for phrase in time_phrases(tokens)}
    found: list[Clause] = [Clause(Link.FIRST)]
    index = 0
    while index < len(tokens):
        phrase = phrases.get(index)
        if phrase:
            found[-1].times.append(phrase)
            _extend(found[-1], tokens[index : phrase.last])
            index = phrase.last
            continue
        index += _take(found, tokens, index)
    return [clause for clause in _with_words_of_lines_joined(found) if clause.words or clause.quote or clause.times]


def _with_words_of_lines_joined(clauses: Sequence[Clause]) -> list[Clause]:
    """ "her brows go up, on 'never'": what stands alone says when the act before it is done."""
    found: list[Clause] = []
    for clause in clauses:
        if clause.on_word and found and found[-1].words and not (clause.words or clause.quote):
            found[-1].on_word = clause.on_word
        else:
            found.append(clause)
    return found


def _take(found: list[Clause], tokens: Sequence[Token], index: int) -> int:
    """Put one token where it belongs; return how many tokens that used."""
    token = tokens[index]
    if token.form is Form.QUOTE:
        _open(found, Link.COMMA)
        found[-1].quote = token
        _extend(found[-1], [token])
        return 1
    if token.form is Form.ON_WORD:
        if found[-1].quote is not None:
            _open(found, Link.COMMA)
        found[-1].on_word = token
        _extend(found[-1], [token])
        return 1
    comparison = _comparison(tokens, index)
    if comparison:
        # "as wide as possible" is a degree: the strongest.
        _extend(found[-1], tokens[index : index + comparison])
        found[-1].words.append(token.only("#utmost"))
        found[-1].words.extend(word for word in tokens[index + 1 : index + 2])
        return comparison
    # "Surprise, becoming fear": what becomes something stands in the clause before
    told = found[-2] if len(found) > 1 and not found[-1].words and token.lower == "becoming" else found[-1]
    link = _link_at(told, tokens, index)
    if link is not None:
        _open(found, link)
        found[-1].gloss = token.text in "([" and len(found) > 1
        if tuple(t.lower for t in tokens[index : index + 2]) in _PAIRS and link is Link.WITHOUT:
            _extend(found[-1], tokens[index : index + 2])  # "instead of answering" is what it says
            return 2
        moment = _moment(tokens, index)
        found[-1].prompt = found[-1].prompt or bool(moment)
        return moment or (2 if token.lower == "followed" else 1)
    if token.is_word or token.text == "%":
        if found[-1].quote is not None:
            _open(found, Link.COMMA)
        found[-1].words.append(token)
        _extend(found[-1], [token])
    return 1


def _extend(clause: Clause, tokens: Sequence[Token]) -> None:
    if clause.end == 0:
        clause.start = tokens[0].start
    clause.end = max(clause.end, tokens[-1].end)


def _open(found: list[Clause], link: Link) -> None:
    """Begin a clause; an empty one takes the stronger of two links ("and then", ", while")."""
    last = found[-1]
    if last.words or last.quote or (len(found) > 1 and link in _GOES_ON and _is_hold(last)):
        found.append(Clause(link))
        return
    if link in SUBORDINATE and last.link in (Link.FIRST, Link.THEN, Link.COMMA, Link.BUT):
        if last.link is Link.COMMA and len(found) > 1:
            last.link = link
        else:
            last.leading = link
    elif last.link is Link.FIRST and link is Link.THEN:
        last.link = link
    elif last.link in (Link.COMMA, Link.AND, Link.BUT) and link is not Link.COMMA:
        # ", and" lists what comes one after the other, as the commas before it did.
        last.link = Link.COMMA if (last.link, link) == (Link.COMMA, Link.AND) else link


_GOES_ON = frozenset({Link.THEN, Link.BEFORE, Link.AND, Link.BUT})


def _is_hold(clause: Clause) -> bool:
    """ "..., for two seconds, then ...": how long all that stands before it stays."""
    return any(phrase.kind is Time.HOLD for phrase in clause.times)


def _link_at(current: Clause, tokens: Sequence[Token], index: int) -> Link | None:
    token = tokens[index]
    if not token.is_word:
        return _mark_link(current, tokens, index)
    word = token.lower
    following = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if _moment(tokens, index):
        return Link.WHEN
    if (word, following) in _PAIRS:
        return _PAIRS[word, following]
    if word in _THEN_STARTS and not current.words:
        return Link.THEN
    if word in ("once", "to", "into", "onto") or "become" in token.bases:
        return _link_of_ambiguous(current, tokens, index)
    return _word_link(tokens, index)


_MOMENTS = (("the", "moment"), ("the", "second"), ("the", "instant"), ("the", "minute"), ("as", "soon", "as"))
_WHO_ACTS = frozenset({"he", "she", "they", "it", "his", "her", "their", "the", "someone", "somebody", "everyone"})


def _moment(tokens: Sequence[Token], index: int) -> int:
    """How many tokens "the moment (that) he ..." takes to say when; 0 where none does."""
    words = [token.lower for token in tokens[index : index + 5]]
    length = next((len(m) for m in _MOMENTS if tuple(words[: len(m)]) == m), 0)
    if words[length : length + 1] == ["that"]:
        length += bool(length)
    following = tokens[index + length] if length and index + length < len(tokens) else None
    named = following is not None and following.is_word and following.text[0].isupper()
    return length if following is not None and (named or following.lower in _WHO_ACTS) else 0


def _word_link(tokens: Sequence[Token], index: int) -> Link | None:
    word = tokens[index].lower
    link = _WORD_LINKS.get(word)
    if link is None or (link is Link.AND and _joins_words(tokens, index)) or _is_noun_use(tokens, index):
        return None
    if (word == "through" and _is_veil(tokens, index)) or _is_laughter_in_tears(tokens, index):
        return None
    return None if word in ("with", "through") and not _bears_meaning(tokens, index) else link


_VEILS = frozenset({"tear", "pain", "grief", "tooth"})


def _is_veil(tokens: Sequence[Token], index: int) -> bool:
    """ "smiles through tears", "breathes through her teeth": one thing, not two."""
    return any(not _VEILS.isdisjoint(token.bases) for token in tokens[index + 1 : index + 4])


_LAUGHTER = frozenset({"laugh", "laughter", "giggle", "howl"})
_CRYING = frozenset({"cry", "weep", "tear"})


def _is_laughter_in_tears(tokens: Sequence[Token], index: int) -> bool:
    """ "laughs until she cries", "cries with laughter": one face, and no grief."""
    before = {base for token in tokens[max(0, index - 3) : index] for base in token.bases}
    after = {base for token in tokens[index + 1 : index + 4] for base in token.bases}
    laughs_to_tears = not (_LAUGHTER.isdisjoint(before) or _CRYING.isdisjoint(after))
    cries_with_laughter = not (_CRYING.isdisjoint(before) or _LAUGHTER.isdisjoint(after))
    word = tokens[index].lower
    return (word in ("until", "till", "with") and laughs_to_tears) or (word == "with" and cries_with_laughter)


def _link_of_ambiguous(current: Clause, tokens: Sequence[Token], index: int) -> Link | None:
    """ "once she has nodded" against "nods once"; "turns into a smile" against "looks into the sun"."""
    if tokens[index].lower == "once":
        return Link.WHEN if _has_clause_after(tokens, index) else None
    if "become" in tokens[index].bases and not any(map(is_expression, current.words)):
        return None  # "boredom becomes curiosity"; who becomes angry was nothing before
    return Link.INTO if _is_change(current, tokens, index) else None


def _mark_link(current: Clause, tokens: Sequence[Token], index: int) -> Link | None:
    mark = tokens[index].text
    if mark not in _MARK_LINKS:
        return None
    if mark in ("-", "/") and _touches(tokens, index):
        return None
    if mark == "," and _joins_adjectives(tokens, index):
        return None
    if mark == ":" and current.words and all(_is_part(word) for word in current.words):
        return None  # "Eyes: wide open"
    return Link.THEN if mark in (">", "→") else Link.COMMA


def _joins_adjectives(tokens: Sequence[Token], index: int) -> bool:
    """ "a long, slow breath", "wide, frightened eyes"."""
    if index == 0 or index + 2 >= len(tokens) or not tokens[index + 1].is_word or not tokens[index + 2].is_word:
        return False
    before, after = tokens[index - 1], tokens[index + 1]
    article = index >= 2 and tokens[index - 2].lower in ("a", "an", "the", "his", "her", "their", "with", "of")
    describes = _is_feeling(before) or before.lower in degree_factors() or before.lower in speed_factors()
    followed = _is_feeling(after) or after.lower in degree_factors() or after.lower in speed_factors()
    return (article or before.lower == "wide") and (describes or before.lower == "long") and followed


def _touches(tokens: Sequence[Token], index: int) -> bool:
    """A hyphen inside a word: "wide-eyed"."""
    before = index > 0 and tokens[index - 1].end == tokens[index].start
    after = index + 1 < len(tokens) and tokens[index + 1].start == tokens[index].end
    return before and after


def _comparison(tokens: Sequence[Token], index: int) -> int:
    """How many tokens "as far as it goes", "as wide as possible" takes; 0 where it is no comparison."""
    if tokens[index].lower != "as" or index + 2 >= len(tokens) or tokens[index + 2].lower != "as":
        return 0
    if tokens[index + 1].lower in ("soon", "long", "if"):
        return 0
    end = index + 3
    while end < len(tokens) and tokens[end].is_word and tokens[end].lower not in _WORD_LINKS:
        end += 1
    return end - index


def _joins_words(tokens: Sequence[Token], index: int) -> bool:
    """ "and" between two words of one kind joins words, not clauses: "up and down", "sad and tired"."""
    if index == 0 or index + 1 >= len(tokens):
        return False
    before, after = tokens[index - 1], tokens[index + 1]
    if before.lower in _DIRECTIONS and after.lower in _DIRECTIONS | {"to"}:
        return True
    if "open" in before.bases and not after.bases.isdisjoint({"close", "shut"}):
        return any("@mouth" in token.keys for token in tokens)  # one gesture, as a fish makes it
    if before.lower == after.lower or {before.lower, after.lower} <= {"over", "again", "on", "off"}:
        return True
    return (_is_part(before) and _is_part(_skip(tokens, index + 1))) or (
        _is_feeling(before) and _is_feeling(_skip(tokens, index + 1))
    )


def _skip(tokens: Sequence[Token], index: int) -> Token:
    """The next token that is no article, possessive, side or degree."""
    passed = word_set("passed_over")
    while index + 1 < len(tokens) and (tokens[index].lower in passed or tokens[index].lower in degree_factors()):
        index += 1
    return tokens[index]


_PARTS = part_classes("solid")


def _is_part(token: Token) -> bool:
    return not _PARTS.isdisjoint(token.keys)


def _is_feeling(token: Token) -> bool:
    return any(
        p.entry.emotion and len(p.slots) == 1 for key in token.keys for p in patterns_by_first_slot().get(key, ())
    )


def is_expression(token: Token) -> bool:
    """Whether the word alone names an emotion or an expression of the whole face."""
    return any(
        (p.entry.whole or p.entry.steps) and len(p.slots) == 1
        for key in token.keys
        for p in patterns_by_first_slot().get(key, ())
    )


def _is_noun_use(tokens: Sequence[Token], index: int) -> bool:
    """ "a while", "as well", "so much as", "no more than"."""
    word = tokens[index].lower
    before = tokens[index - 1].lower if index else ""
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if word == "while":
        return before in ("a", "long", "little", "short")
    if word == "as":
        return after in ("well", "usual", "always", "possible") or before in ("well", "soon", "same", "such", "much")
    if word == "after":
        return after in ("all", "") or before in ("day", "time", "again")
    if word == "but":
        return before in ("help", "nothing", "all", "anything")
    return word in ("yet", "though", "however") and (after == "" or before == "not")


def _has_clause_after(tokens: Sequence[Token], index: int) -> bool:
    rest = [token for token in tokens[index + 1 : index + 4] if token.is_word]
    return len(rest) >= 2 and tokens[index + 1].is_word and rest[0].lower not in ("more", "again", "or")


_WHICH_PART = frozenset({"left", "right", "side", "half", "corner", "just", "one", "other", "both"})


def _bears_meaning(tokens: Sequence[Token], index: int) -> bool:
    """Whether what follows "with" is an expression or a movement, and not only a part: "with her left eye"."""
    for position in range(index + 1, len(tokens)):
        token = tokens[position]
        if token.text == "-" and _touches(tokens, position):
            continue  # "with half-closed eyes"
        if token.text == "," and _joins_adjectives(tokens, position):
            continue  # "with wide, terrified eyes"
        if not token.is_word or token.lower in _WORD_LINKS:
            break
        if _is_part(token) or token.lower in _WHICH_PART:
            continue
        if token.lower in degree_factors() or token.lower in speed_factors():
            continue
        if any(key in patterns_by_first_slot() or key.startswith("@") for key in token.keys):
            return True
    return False


_CHANGES = word_set("becoming")


def _is_change(current: Clause, tokens: Sequence[Token], index: int) -> bool:
    """ "turns into a smile", "from a smile to a frown", "bursts into tears", "worry ripens into terror"."""
    named = any(map(is_expression, current.words))
    looks = any("@look" in word.keys for word in current.words)
    changes = any(not _CHANGES.isdisjoint(word.bases) for word in (*current.words, tokens[index]))
    next_word = tokens[index + 1] if index + 1 < len(tokens) else tokens[index]
    goes_on = current.link is Link.INTO and (named or is_expression(next_word))  # "from surprise to fear to anger"
    if not (changes or goes_on or (named and not looks and tokens[index].lower == "into")):
        return False
    for token in tokens[index + 1 : index + 7]:
        if token.text == "-":
            continue
        if not token.is_word or token.lower in _WORD_LINKS or token.lower in _DIRECTIONS:
            return False
        if is_expression(token):
            return True
    return False
