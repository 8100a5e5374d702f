"""Words of manner and time that stand in one clause and speak of another."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .clauses import Clause, Link
from .failing import is_failure
from .grading import changes_degree, is_amount
from .lexicon_files import word_set
from .matching import matches_in
from .phrases import Time, speed_factors
from .polarity import does_not_last
from .word_kinds import PARTS, has_content, is_change
from .words import Form, Token, word_token


def with_manner_moved(clauses: list[Clause]) -> list[Clause]:
    """Clauses of nothing but manner ("Slowly, ...", "..., a little") go to the clause they speak of."""
    kept: list[Clause] = []
    carried: Clause | None = None
    for index, clause in enumerate(clauses):
        changes = index + 1 < len(clauses) and clauses[index + 1].link is Link.INTO
        if _is_manner_alone(clause) and not changes and not _is_next_amount(clause, kept):
            if carried is not None:  # "and then, suddenly, very strongly"
                carried = _absorbed(carried, clause)
                continue
            if (
                kept
                and kept[-1].quote is None
                and clause.link not in (Link.THEN, Link.FIRST)
                and clause.leading is None
            ):
                _absorb(kept[-1], clause, in_front=False)
                continue
            if index + 1 < len(clauses) and clauses[index + 1].quote is None and not _is_step(clauses, index, kept):
                carried = clause if carried is None else _absorbed(carried, clause)
                continue
        if carried is not None:
            _absorb(clause, carried, in_front=True)
            carried = None
        kept.append(clause)
    return kept if carried is None else [*kept, carried]


def _is_step(clauses: Sequence[Clause], index: int, kept: Sequence[Clause]) -> bool:
    """ "smiles, then slightly, then broadly": an act of its own between two others, in another degree."""
    is_next = clauses[index].link is Link.THEN
    goes_on = clauses[index + 1].link in (Link.THEN, Link.BEFORE) and clauses[index + 1].leading is None
    return bool(kept) and is_next and goes_on and changes_degree(clauses[index].words)


def _is_next_amount(clause: Clause, kept: Sequence[Clause]) -> bool:
    """ "30 % for 1 second, 100 % for 2": each amount after the first is an act."""
    amounts = any(word.lower in ("%", "percent") for word in kept[-1].words) if kept else False
    return amounts and is_amount(clause.words)


def _is_manner_alone(clause: Clause) -> bool:
    if clause.quote is not None or clause.link is Link.LIKE or is_failure(clause):
        return False
    if not clause.words:  # "..., over three seconds."
        return clause.link is Link.COMMA and any(phrase.kind is Time.OVER for phrase in clause.times)
    if _is_side_alone(clause):
        return True
    if does_not_last(clause.words):  # "..., but it doesn't last"
        return False
    return not has_content(clause.words) and not _is_elliptic(clause) and not _ends_it(clause)


def _is_side_alone(clause: Clause) -> bool:
    """ "..., only on the right side": where what was said happens; "then the left" is an act of its own."""
    words = {word.lower for word in clause.words}
    sided = not words.isdisjoint({"left", "right", "both"})
    placed = not words.isdisjoint({"on", "only", "just"})
    return clause.link is Link.COMMA and sided and placed and words <= word_set("side_phrase")


def _is_elliptic(clause: Clause) -> bool:
    keys = {key for word in clause.words for key in word.keys}
    both = "both" in keys and clause.link in (Link.THEN, Link.BEFORE)
    return both or not {"@left", "@right", "other"}.isdisjoint(keys) or any(map(is_change, clause.words))


def _ends_it(clause: Clause) -> bool:
    """ "..., snaps off": quick, but an end and no manner."""
    return any(word.lower == "off" for word in clause.words)


def _absorbed(first: Clause, second: Clause) -> Clause:
    _absorb(first, second, in_front=False)
    return first


def _absorb(clause: Clause, other: Clause, *, in_front: bool) -> None:
    clause.words = [*other.words, *clause.words] if in_front else [*clause.words, *other.words]
    clause.times = [*clause.times, *other.times]
    clause.start, clause.end = min(clause.start, other.start), max(clause.end, other.end)
    if in_front:
        # "Without a word, she nods" rules nothing out that she does.
        clause.link = Link.FIRST if other.link is Link.WITHOUT else other.link
        clause.leading = clause.leading or (None if other.leading is Link.WITHOUT else other.leading)


def relate(clauses: Sequence[Clause]) -> None:
    """Let clauses have what their neighbours say of them too: lengths, paces, links."""
    _put_times_on_what_lasts(clauses)
    _share_out_over_changes(clauses)
    _reach_outcomes(clauses)
    _carry_pace_over(clauses)
    _spread_in_time(clauses)
    _go_on_with_lists(clauses)
    _put_order_on_main_clauses(clauses)
    _put_interruptions_after(clauses)


def _share_out_over_changes(clauses: Sequence[Clause]) -> None:
    """ "from surprise to fear to anger in three seconds": the changes have the time between them."""
    start = 0
    while start < len(clauses):
        end = start + 1
        while end < len(clauses) and clauses[end].link is Link.INTO:
            end += 1
        changing = clauses[start:end]
        told = next((p for clause in changing for p in clause.times if p.kind is Time.OVER or p.within), None)
        if told is not None and len(changing) > 1:
            share = replace(told, kind=Time.OVER, seconds=told.seconds / (len(changing) - 1), within=False)
            for clause in changing:
                clause.times = [share, *(phrase for phrase in clause.times if phrase != told)]
        start = end


def is_outcome(clause: Clause) -> bool:
    """ "(grows) until it is almost manic": what it comes to, and no end of what came before."""
    verb = {base for word in clause.words[1:2] for base in word.bases}
    return clause.link is Link.UNTIL and clause.words[0].lower in ("it", "they") and not _COMES_TO_BE.isdisjoint(verb)


_COMES_TO_BE = frozenset({"is", "are", "was", "were", "it's", "become", "look", "seem", "turn", "get", "s"})


def _reach_outcomes(clauses: Sequence[Clause]) -> None:
    """ "until it is almost manic" is not far from manic, where "almost smiles" is hardly a smile."""
    for clause in clauses:
        if clause.words and clause.words[0].lower == "it's":
            start, end = clause.words[0].start, clause.words[0].end
            clause.words = [word_token("it", start, end), word_token("is", start, end), *clause.words[1:]]
        if clause.words and is_outcome(clause):
            clause.words = [_nearly_all(word) for word in clause.words]


def _nearly_all(word: Token) -> Token:
    return word_token("fairly", word.start, word.end) if word.lower in ("almost", "nearly", "practically") else word


_SPREADS_TO = frozenset({Link.AND, Link.WHILE, Link.COMMA})


def _spread_in_time(clauses: Sequence[Clause]) -> None:
    """ "Over two seconds, her eyes close and her head sinks": the time at the head or the end is that of both."""
    for earlier, later in pairwise(clauses):
        if later.link in _SPREADS_TO and _leads(earlier):
            _share(earlier, later)
    for later, earlier in pairwise(reversed(clauses)):
        if later.link is Link.AND and not _leads(later):
            _share_length(later, earlier)


def _leads(clause: Clause) -> bool:
    """Whether the time or the pace stands in front of what it is said of."""
    paced = bool(clause.words) and clause.words[0].lower in speed_factors()
    return paced or any(phrase.kind is Time.OVER and phrase.first == 0 for phrase in clause.times)


def _share(giver: Clause, taker: Clause) -> None:
    if taker.quote is not None or not taker.words or any(word.lower in speed_factors() for word in taker.words):
        return
    _share_length(giver, taker)
    if giver.words and giver.words[0].lower in speed_factors():
        taker.words = [giver.words[0], *taker.words]


def _share_length(giver: Clause, taker: Clause) -> None:
    if not taker.times:
        taker.times = [phrase for phrase in giver.times if phrase.kind is Time.OVER]


def _go_on_with_lists(clauses: Sequence[Clause]) -> None:
    """ "with half-closed eyes and a smirk": both are so at once."""
    for earlier, later in pairwise(clauses):
        if earlier.link is Link.WITH and later.link is Link.AND and later.quote is None and _is_thing(later.words):
            later.link = Link.WITH


def _is_thing(words: Sequence[Token]) -> bool:
    """ "a smirk on the left", "raised brows": what is there, with no verb that tells of an act."""
    if not words or any(word.lower in word_set("finite") for word in words):
        return False
    if words[0].lower in ("a", "an", "no"):
        return True
    named = next((p for p, word in enumerate(words) if not PARTS.isdisjoint(word.keys)), 0)
    return named > 0 and all(word.form is not Form.S for word in words[:named]) and named == len(words) - 1


def _put_times_on_what_lasts(clauses: Sequence[Clause]) -> None:
    """ "stares without blinking for three seconds": it is the stare that lasts."""
    for earlier, later in pairwise(clauses):
        if later.link is Link.WITHOUT and earlier.words and earlier.quote is None:
            held = [phrase for phrase in later.times if phrase.kind is Time.HOLD]
            later.times = [phrase for phrase in later.times if phrase not in held]
            earlier.times = [*earlier.times, *held]


def put_lengths_on_what_they_measure(clauses: list[Clause]) -> list[Clause]:
    """ "She laughs, for six seconds": no pause, but the length of the laugh; after several acts, how long all stays."""
    kept: list[Clause] = []
    absorbed = False
    for clause in clauses:
        if absorbed and clause.link is Link.AND:
            clause.link = Link.COMMA  # "screams, for two seconds, and cries": a list of what comes one after the other
        absorbed = _is_length(clause) and _can_last(kept)
        if absorbed:
            _absorb(kept[-1], clause, in_front=False)
        else:
            kept.append(clause)
    return kept


def _is_length(clause: Clause) -> bool:
    empty = not clause.words and clause.quote is None and clause.link is Link.COMMA and clause.leading is None
    return empty and all(phrase.kind is Time.HOLD for phrase in clause.times)


def _can_last(clauses: Sequence[Clause]) -> bool:
    """Whether the last clause tells the only act of the moment, or one that goes on by itself, as a laugh does."""
    if not clauses or not clauses[-1].words or clauses[-1].times:
        return False
    last = clauses[-1]
    return len(clauses) == 1 or last.link is Link.THEN or any(match.entry.steps for match in matches_in(last.words))


def _carry_pace_over(clauses: Sequence[Clause]) -> None:
    """ "slowly breaking into a grin": the grin is what is slow."""
    for earlier, later in pairwise(clauses):
        if later.link is Link.INTO:
            paces = [word for word in earlier.words if word.lower in speed_factors()]
            later.words = [*paces, *later.words]
            _share_length(earlier, later)


def _put_order_on_main_clauses(clauses: Sequence[Clause]) -> None:
    """ "and then, seeing her face, stops": what comes then is the stop, as he sees her."""
    for first, second in pairwise(clauses):
        participle = bool(first.words) and first.words[0].form is Form.ING
        if first.link is Link.THEN and participle and second.link is Link.COMMA and second.quote is None:
            second.link = Link.THEN


def keep_backgrounds(clauses: Sequence[Clause]) -> None:
    """ "he was frowning when she came in": the frown was there before."""
    for earlier, later in pairwise(clauses):
        at = next((p for p, pair in enumerate(pairwise(earlier.words)) if _was_doing(*pair)), None)
        if later.link is Link.WHEN and at is not None:
            end = earlier.words[at].end
            earlier.words = [*earlier.words[: at + 1], word_token("still", end, end), *earlier.words[at + 1 :]]


def _was_doing(verb: Token, doing: Token) -> bool:
    return verb.lower in ("was", "were") and doing.form is Form.ING


def _put_interruptions_after(clauses: Sequence[Clause]) -> None:
    """ "is about to smile when she sees him": what comes when something only begins comes after it."""
    for earlier, later in pairwise(clauses):
        if later.link is Link.WHEN and any(word.lower in ("about", "just") for word in earlier.words):
            later.link = Link.THEN
