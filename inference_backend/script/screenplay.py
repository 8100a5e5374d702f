"""Tells directions, speech, names, headings and times of a script apart.

The result is a list of sentences. Every token keeps its place in the script, so that a keyframe can
say which words made it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from .cues import CAMERA, FIELD, cue_asides, cue_name, without_slugs
from .entries import patterns_by_first_slot, vocabulary
from .lexicon_files import table, word_set
from .phrases import is_length_alone
from .words import Form, Token, bases_of, quote_token, tokens_of

_SAME_LENGTH = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "…": ".", "\u00a0": " "}
)

_HEADING = re.compile(
    r"\s*(?:(?:INT|EXT|INT\./EXT|I/E)[.\s].*|#.*|-{3,}|THE END\.?"
    r"|(?:FADE|CUT|DISSOLVE|SMASH CUT|MATCH CUT|TITLE|SUPER|ACT|SCENE)\b[^a-z]*)\s*$"
)
_BULLET = re.compile(r"\s*(?:[-*•]+\s+|\(?\d{1,2}[.)]\s+)")
_LABEL = re.compile(
    r"\s*(?P<name>[^\W\d_][\w.'-]*(?:[ \t]+[\w.'#-]+){0,3})[ \t]*(?P<aside>\([^)\n]*\))?[ \t]*:(?=\s|$|\")"
)
_COUNTED = re.compile(
    r"\b(?:key\s?frame|beat|scene|shot|step|frame|phase|part|panel|take)\s+(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s*[:.)-]",
    re.IGNORECASE,
)
_TIMECODE = re.compile(
    r"[\[(]?\b(?:(\d{1,2}):)?(\d{1,2}):(\d{2}(?:\.\d+)?)\b[\])]?\s*[-–:]?|[\[(](\d+(?:\.\d+)?)\s?s(?:ec)?[\])]\s*[-–:]?"
)
_SECONDS = r"\s*s(?:ecs?|econds?)?\b"
_TIME_RANGE = re.compile(
    rf"[\[(]?\b(?:from\s+)?(?:(\d{{1,2}}):)?(\d+(?:\.\d+)?)(?:{_SECONDS})?\s*(?:[-–—]|to)\s*"
    rf"(?:(\d{{1,2}}):(\d{{2}}(?:\.\d+)?)|(\d+(?:\.\d+)?){_SECONDS})(?:[\])]\s*[-–—:,]?|\s*[-–—:,])",
    re.IGNORECASE,
)
_POINTS_TO = re.compile(r"\b(?:at|on|by|from|to|until|till|through|between|and)\s+$", re.IGNORECASE)
_BEGINS = re.compile(r"(?:^|[.!?;:\n])\s*$")
_QUOTED = re.compile(r'"([^"]*)(?:"|$)|(?<![\w\'])\'([^\'\n]*(?:\'(?=\w)[^\'\n]*)*[.,!?])\'(?!\w)')
_SENTENCE_ENDS = frozenset(".!?\n")
_SAY = word_set("say")


@dataclass(frozen=True)
class TimeMark:
    """Seconds at which the script wants what follows, and until when, where it says so."""

    at: float
    until: float | None = None


@dataclass(frozen=True)
class Sentence:
    """The tokens of one sentence; a quotation is one token among them.

    speaker: whose line or aside it is, as the cue above it writes the name; empty for what is told.
    """

    tokens: tuple[Token, ...]
    time: TimeMark | None = None
    speaker: str = ""


def is_say_word(token: Token) -> bool:
    """Whether the word can introduce speech."""
    return not _SAY.isdisjoint(token.bases)


VOICES = frozenset({"talk", "whisper", "scream", "silent"})
"""Acts that, next to a quotation, only say how it is spoken."""


def only_says(token: Token) -> bool:
    """A say-word that is no act of its own: who whispers speaks, who sighs may be done with speaking."""
    named = (p.entry.name for key in token.bases for p in patterns_by_first_slot().get(key, ()) if len(p.slots) == 1)
    return is_say_word(token) and VOICES.union({"stutter"}).issuperset(named)


def sentences_of(script: str) -> list[Sentence]:
    """The sentences of a script, in order."""
    text = without_slugs(script.translate(_SAME_LENGTH))
    found: list[Sentence] = []
    for passage in _passages(text):
        read = _speech if passage.spoken else _directions
        sentences = read(text, passage.start, passage.end)
        found.extend(replace(sentence, speaker=passage.speaker) for sentence in sentences)
    return _with_lengths_joined(found)


def _with_lengths_joined(sentences: Iterable[Sentence]) -> list[Sentence]:
    """ "She laughs. For six seconds.": one sentence, whatever its full stops."""
    found: list[Sentence] = []
    for sentence in sentences:
        told = found and not any(token.form is Form.QUOTE for token in found[-1].tokens)
        if told and sentence.time is None and is_length_alone(sentence.tokens):
            found[-1] = replace(found[-1], tokens=(*found[-1].tokens, *sentence.tokens))
        else:
            found.append(sentence)
    return found


class _Passage(NamedTuple):
    """A stretch of one kind. speaker: whose cue it stands under."""

    start: int
    end: int
    spoken: bool
    speaker: str = ""


def _passages(text: str) -> Iterator[_Passage]:
    """Each stretch of one kind; headings are left out."""
    lines = [part for match in re.finditer(r"[^\n]*\n|[^\n]+$", text) for part in _speakers_apart(text, *match.span())]
    dialogue = after_label = False
    speaker = ""
    paragraph: tuple[int, int] | None = None
    for number, (start, end) in enumerate(lines):
        kind = _line_kind(text, lines, number, dialogue=dialogue)
        aside_alone = bool(_ASIDE.fullmatch(text[start:end].strip()))
        if kind == "direction" and after_label and not aside_alone and _goes_on_speaking(text[start:end]):
            kind = "dialogue"
        after_label = kind == "label" or (after_label and (aside_alone or kind == "dialogue"))
        bullet = _BULLET.match(text, start, end) if kind == "direction" else None
        if paragraph and (kind != "direction" or bullet):
            yield _Passage(*paragraph, spoken=False)
            paragraph = None
        if not (after_label and aside_alone):
            speaker = _speaker(kind, text[start:end], speaker)
        if kind == "direction" and not bullet:
            paragraph = (paragraph[0] if paragraph else start, end)
        else:
            for told in _told_in(kind, text, bullet.end() if bullet else start, end):
                yield _Passage(*told, speaker)
        dialogue = kind == "cue" or (dialogue and kind == "dialogue")
    if paragraph:
        yield _Passage(*paragraph, spoken=False)


_NEXT_SPEAKER = re.compile(
    r"(?<=[.!?\")])[ \t]+(?=(?P<name>[A-Z][A-Z.'-]+(?: [A-Z][A-Z.'-]+){0,2})[ \t]*(?:\([^)\n]*\))?[ \t]*:\s)"
    r"|(?<=[.!?\")])[ \t]+(?=(?P<named>[A-Z][a-z'-]+)[ \t]*(?:\([^)\n]*\))?[ \t]*:\s?\")"
)


def _speakers_apart(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A line, cut where another speaks: `TOM: "You came." ANNA: "Of course."`."""
    for label in _NEXT_SPEAKER.finditer(text, start, end):
        if _is_name(label["name"] or label["named"]):
            yield start, label.end()
            start = label.end()
    yield start, end


def _speaker(kind: str, line: str, before: str) -> str:
    """Whose line this is, or goes on."""
    label = _LABEL.match(line) if kind == "label" else None
    if label is not None:
        return label["name"]
    return cue_name(line) if kind == "cue" else before if kind == "dialogue" else ""


def _told_in(kind: str, text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """What a line tells by itself; a heading and an empty line tell nothing."""
    if kind == "label":
        yield from _labelled(text, start, end)
    elif kind == "cue":
        yield from ((first, last, False) for first, last in cue_asides(text, start, end))
    elif kind == "remark":
        yield text.index(":", start) + 1, end, False
    elif kind in ("dialogue", "direction"):
        yield start, end, kind == "dialogue"


def _line_kind(text: str, lines: list[tuple[int, int]], number: int, *, dialogue: bool) -> str:
    line = text[slice(*lines[number])]
    if dialogue or not line.strip():
        return "dialogue" if line.strip() else "blank"
    if _HEADING.match(line) and line.upper() == line:
        return "heading"
    following = text[slice(*lines[number + 1])] if number + 1 < len(lines) else ""
    if _is_cue(line, following):
        return "cue"
    label = _LABEL.match(line)
    if label and label["name"].lower() in _REMARKS:
        return "remark"
    if label and not _COUNTED.match(label.group().strip()) and _is_name(label["name"]):
        return "label"
    return "dialogue" if _is_speech_with_asides(line) else "direction"


def _is_cue(line: str, following: str) -> bool:
    """Whether a line names who speaks the next one: "MARA", "MARA (tense)", "MARA (V.O.)"; not "MARA (40s, tired)"."""
    name = cue_name(line)
    if not name or not following.strip() or following.upper() == following or _is_known(name):
        return False
    aside = "".join(line[first:last] for first, last in cue_asides(line, 0, len(line)))
    return not aside or not (re.search(r"\d", aside) or _reads_as_direction(following))


_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SPOKEN = re.compile(
    r"\b(?:i|i'm|you|me|my|your|we|us|oh|ah|hey|well|okay|ok|please|really|what|why|yes|no)\b", re.IGNORECASE
)
_TOLD = re.compile(r"\b(?:he|she|his|her|they|their)\b", re.IGNORECASE)


def _is_speech_with_asides(line: str) -> bool:
    """`Oh! (gasps) You scared me!`: a line that addresses someone, with directions in brackets."""
    if not _ASIDE.search(line) or '"' in line:
        return False
    outside = _ASIDE.sub(" ", line).strip()
    return bool(_SPOKEN.search(outside)) and not _TOLD.search(outside) and outside[-1:] in ".!?"


def _goes_on_speaking(line: str) -> bool:
    """ "(beat)" under a line of dialogue only interrupts it: what follows is said, where nothing tells what is done."""
    return line.strip()[-1:] in tuple(".!?-") and not _TOLD.search(line) and not _reads_as_direction(line)


def _is_known(phrase: str) -> bool:
    words = vocabulary()
    return any(not words.isdisjoint(bases_of(word.lower())) for word in re.findall(r"[^\W\d_]+", phrase))


_REMARKS = word_set("remark")
"""Labels of a line of which nobody speaks: "Action: she smiles"."""


def _is_name(label: str) -> bool:
    return (
        label[0].isupper()
        and bases_of(label.lower()).isdisjoint(word_set("length"))
        and not _is_known(label)
        and len(label.split()) <= 3
    )


def _labelled(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """`NAME: (aside) words`: the words are speech, unless they read as a direction."""
    label = _LABEL.match(text[start:end])
    assert label is not None
    if label["aside"]:
        yield start + label.start("aside"), start + label.end("aside"), False
    rest = start + label.end()
    yield rest, end, '"' not in text[rest:end] and not _reads_as_direction(text[rest:end])


def _reads_as_direction(words: str) -> bool:
    """ "smiles, then looks away" and "she nods" are directions; "smile for me" and "I smile" are speech."""
    tokens = [token for token in tokens_of(re.sub(r"\([^)]*\)", " ", words)) if token.is_word]
    if not tokens:
        return True
    if tokens[0].lower in ("he", "she", "they", "his", "her", "their", "both", "the") and len(tokens) > 1:
        return any(
            not vocabulary().isdisjoint(token.bases) and token.form in (Form.S, Form.ED) for token in tokens[1:4]
        )
    return (
        tokens[0].form in (Form.S, Form.ING)
        and "'" not in tokens[0].text
        and not vocabulary().isdisjoint(tokens[0].bases)
    )


def _speech(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Spoken words; parentheses and brackets in them are directions."""
    at = start
    for aside in re.finditer(r"[(\[*]([^)\]*]*)[)\]*]", text[start:end]):
        yield from _spoken(text, at, start + aside.start())
        yield from _directions(text, start + aside.start(1), start + aside.end(1))
        at = start + aside.end()
    yield from _spoken(text, at, end)


def _spoken(text: str, start: int, end: int) -> Iterator[Sentence]:
    words = text[start:end]
    stripped = words.strip(' \t\n"')
    if re.search(r"\w", stripped):
        first = start + words.index(stripped)
        yield Sentence((quote_token(stripped, first, first + len(stripped)),))


def _directions(text: str, start: int, end: int) -> Iterator[Sentence]:
    tokens: list[Token] = []
    at: TimeMark | None = None
    for token in _marked_tokens(text, start, end):
        if isinstance(token, TimeMark):
            yield from _closed(tokens, at)
            tokens, at = [], token
            continue
        if token.text == "\n":
            if tokens and _line_break_ends(tokens, text, token.end):
                yield from _closed(tokens, at)
                tokens, at = [], None
            continue
        if token.form is not Form.QUOTE and token.text in "()[]*" and _aside_is_sentence(token, tokens, text):
            yield from _closed(tokens, at)
            tokens, at = [], None
            continue
        if _starts_after_quote(token, tokens, text):
            yield from _closed(tokens, at)
            tokens, at = [], None
        tokens.append(token)
        if token.form is Form.MARK and token.text in _SENTENCE_ENDS and not _ends_title(tokens):
            yield from _closed(tokens, at)
            tokens, at = [], None
    yield from _closed(tokens, at)


def _ends_title(tokens: list[Token]) -> bool:
    """The dot of "Dr. Hale" ends no sentence."""
    titled = len(tokens) > 1 and tokens[-1].text == "." and tokens[-2].lower in table("speaking")["title"]
    return titled and tokens[-2].text[0].isupper() and tokens[-2].end == tokens[-1].start


def _closed(tokens: list[Token], at: TimeMark | None) -> Iterator[Sentence]:
    if any(token.form is not Form.MARK for token in tokens):
        yield Sentence(tuple(tokens), at)


def _marked_tokens(text: str, start: int, end: int) -> Iterator[Token | TimeMark]:
    """Tokens with quotations whole, line ends as marks, times and counted labels as line ends."""
    cuts: list[tuple[int, int, Token | TimeMark]] = []
    for match in _QUOTED.finditer(text, start, end):
        said = match.group(1) if match.group(1) is not None else match.group(2)
        if re.search(r"\w", said or "") and not _is_scare_quote(said, text[: match.start()]):
            cuts.append((match.start(), match.end(), quote_token(said, match.start(), match.end())))
    for pattern in (_TIME_RANGE, _TIMECODE, _COUNTED, CAMERA, FIELD):
        for match in pattern.finditer(text, start, end):
            if pattern is _TIME_RANGE and not _BEGINS.search(text[max(0, match.start() - 8) : match.start()]):
                continue  # "holds it for 2-4 seconds, ..."
            if pattern is _COUNTED and _POINTS_TO.search(text[max(0, match.start() - 12) : match.start()]):
                continue  # "until frame 72." names a time, and is no heading
            if not any(first <= match.start() < last for first, last, _ in cuts) and not _is_age(match, text):
                cuts.append((match.start(), match.end(), _mark_of(match, pattern)))
    position = start
    for first, last, mark in sorted(cuts, key=lambda cut: cut[0]):
        if first >= position:
            yield from _plain_tokens(text, position, first)
            yield mark
            position = last
    yield from _plain_tokens(text, position, end)


def _is_scare_quote(said: str, before: str) -> bool:
    """a "surprised" look: a word or two held with tongs, and not spoken."""
    if len(said.split()) > 2 or said[:1].isupper() or said[-1:] in ".,!?-":
        return False
    nearby = tokens_of(before[-30:])[-3:]
    return bool(nearby) and nearby[-1].lower in (
        "a",
        "an",
        "the",
        "his",
        "her",
        "their",
        "so-called",
        "of",
        "with",
        "looks",
        "is",
    )


_NAMED = re.compile(r"(?:^|[.!?]\s|\n)\s*(?P<name>[A-Z][\w'-]*(?:\s[A-Z][\w'-]*){0,2})\s$")


def _is_age(match: re.Match[str], text: str) -> bool:
    """ "JOHN (30s) smiles": a round decade in brackets behind a name is no time of the script."""
    named = _NAMED.search(text[max(0, match.start() - 60) : match.start()])
    return named is not None and bool(re.match(r"\([2-9]0s\)", match.group())) and not _is_known(named["name"])


def _mark_of(match: re.Match[str], pattern: re.Pattern[str]) -> Token | TimeMark:
    if pattern in (CAMERA, FIELD):
        return Token(".", match.end(), match.end(), Form.MARK)
    if pattern is _COUNTED:
        return Token("\n", match.end(), match.end(), Form.MARK)
    if pattern is _TIME_RANGE:
        minutes, seconds, last_minutes, last_seconds, last = match.groups()
        until = float(last) if last else 60 * int(last_minutes) + float(last_seconds)
        return TimeMark(60 * int(minutes or 0) + float(seconds), until)
    hours, minutes, seconds, plain = match.groups()
    return TimeMark(float(plain) if plain else 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds))


def _plain_tokens(text: str, start: int, end: int) -> Iterator[Token]:
    position = start
    for line in re.finditer(r"[^\n]*\n?", text[start:end]):
        if not line.group():
            continue
        yield from tokens_of(line.group().rstrip("\n"), position)
        position += len(line.group())
        if line.group().endswith("\n"):
            yield Token("\n", position - 1, position, Form.MARK)


def _line_break_ends(tokens: list[Token], text: str, following: int) -> bool:
    """A line that breaks off before a small letter or after a comma runs on."""
    rest = text[following : following + 200].lstrip()
    if tokens[-1].text == ",":
        return False
    return not (rest[:1].islower() and len(tokens) > 6)


def _aside_is_sentence(token: Token, tokens: list[Token], text: str) -> bool:
    """Brackets that stand between sentences hold sentences; inside one they only set words apart."""
    if token.text == "*":
        return True
    if token.text in "([":
        return (
            not tokens
            or token.text == "["
            or bool(re.match(r"\((?:\w+\s){0,2}(?:pause|beat|silence)", text[token.start :], re.I))
        )
    following = text[token.end : token.end + 1]
    return not tokens or text[token.end :].lstrip()[:1].isupper() or following in ("", "\n") or token.text == "]"


def _starts_after_quote(token: Token, tokens: list[Token], text: str) -> bool:
    """After "...!" a capital opens a new sentence, unless it only says who spoke and nothing else did."""
    if not tokens or tokens[-1].form is not Form.QUOTE or not token.is_word:
        return False
    ending = tokens[-1].text.rstrip()[-1:]
    if not token.text[0].isupper() or ending not in ".!?-,":
        return False
    if token.lower in _THEN or any(map(is_say_word, tokens)):
        return True
    following = tokens_of(text[token.start : token.start + 40])[:3]
    return not any(map(is_say_word if ending in ",-" else only_says, following))


_THEN = word_set("then") | {"then"}
