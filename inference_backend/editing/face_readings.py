"""Readings of orders about what the face does: more smile, no blinks, left brow higher, keep the mouth closed."""

import re
from dataclasses import replace

from blender_addon.core.channels import CHANNELS
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit

from .amounts import Amount, take_amount
from .order import Order
from .strengths import AUXILIARY, take_strength, weaker
from .targets import (
    BLINKS,
    SPEECH,
    Target,
    on,
    part_nouns,
    take_act,
    take_part,
    take_side,
    take_target,
    take_whole,
    target,
    whole,
)
from .words import grammar, marks, phrases

Edits = list[Edit]

_GAZE = target("gaze").channels
_SHUT_LIPS = (
    "mouthFunnel",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "tongueOut",
)


def blinks(order: Order) -> Edits:
    """ "no blinks", "fewer blinks", "blink at 2 seconds"."""
    if not order.words.find(phrases("order", "blink")):
        return []
    verb = order.choose(("verb", "none"), ("verb", "less"))
    order.take_all("order", "blink")
    amount = take_amount(order.words)
    if not verb and (order.words.take([("more", "often"), ("more",), ("increase",), ("extra",)])):
        verb = "more"
    order.take_words("only once often frequently all every single any eye frequency rate number")
    order.take_all("verb", "none" if verb == "none" else "less")
    if verb == "none":
        return [kinds.Blinks(0.0, order.span)]
    if verb in ("less", "more"):
        share = amount.changed(-1 if verb == "less" else 1) if amount.is_said else (0.5 if verb == "less" else 2.0)
        return [kinds.Blinks(share, order.span)]
    timed = order.moment is not None or order.has_span
    if amount.factor is not None and not order.moment:
        return [kinds.Blinks(amount.factor, order.span)]
    order.take_all("order", "add")
    count = 2 if amount.factor == 2.0 else 1
    return (
        [a_blink(order.moment_for(0.26) + 0.4 * number) for number in range(count)]
        if timed or not amount.is_said
        else []
    )


def a_blink(at: float) -> kinds.Gesture:
    """One that is shut at a moment, in seconds."""
    shut = dict.fromkeys(BLINKS, 1.0)
    steps = ((0.09, shut), (0.12, shut), (0.26, dict.fromkeys(BLINKS, 0.0)))
    return kinds.Gesture(max(at - 0.1, min(at, 0.0)), steps, "a blink")


def camera(order: Order) -> Edits:
    """ "look at the camera", "don't look away", "keep the eyes on the lens"."""
    asked = {base for token in order.words.tokens for base in token.bases}
    away = (
        order.words.take(phrases("order", "away"))
        if "not" in asked or asked & {"stop", "no", "never", "without"}
        else False
    )
    if away:
        order.take("verb", "none")
    elif not (asked & {"look", "eye", "gaze", "stare", "face", "contact"} and order.take_all("order", "camera")):
        return []
    order.take_all("verb", "keep")
    order.take_words("look eye gaze stare at to away from camera eyes contact hold make")
    order.take_all("order", "camera")
    return [kinds.Lean(dict.fromkeys(_GAZE, 0.0), 1.0, order.span, "a gaze straight ahead")]


def keep(order: Order) -> Edits:
    """ "keep the mouth closed", "head still", "eyes shut from 40 to 60"."""
    order.take_all("verb", "keep")
    side = take_side(order.words)
    if order.take_words("straight level upright centered centred"):
        return _straight(order)
    locked = order.take_words("lock freeze steady")
    is_still = all(token.lower != "still" for token in order.words.tokens[:1])  # "still nods" moves
    if (is_still and order.take_all("order", "still")) or locked:
        return _still(order, side)
    lower = {token.lower for token in order.words.tokens}
    kept = bool(lower & {"keep", "keeping", "hold", "leave", "stay", "stays", "remain", "lock", "be"})
    way = order.choose(("way", "closed"), ("way", "open"), ("way", "together"))
    if not way or not (kept or lower & {"closed", "shut", "open"}):
        return []
    part = take_part(order.words, way)
    if part is not None and part.what in ("the mouth", "the lips", "the jaw") and way != "open":
        return _mouth_shut(order)
    if part is not None and part.what in ("the eyes", "the lids") and (kept or lower & {"shut", "closed"}):
        return _lids(order, side, closed=way == "closed")
    return []


def _straight(order: Order) -> Edits:
    found = take_target(order.words)
    if found is None or found.what != "the head":
        return []
    return [kinds.Lean(dict.fromkeys(found.channels, 0.0), 1.0, order.span, "a straight head")]


def _mouth_shut(order: Order) -> Edits:
    return [
        kinds.Limit(("jawOpen", "mouthClose"), 0.0, 0.0, order.span, "the mouth closed"),
        kinds.Limit(_SHUT_LIPS, 0.0, 0.05, order.span, "the mouth closed"),
    ]


def _lids(order: Order, side: str | None, *, closed: bool) -> Edits:
    lids = tuple(name for name in BLINKS if side is None or name.endswith(side))
    if closed:
        wide = {name.replace("Blink", "Wide"): 0.0 for name in lids}
        return [kinds.Lean(dict.fromkeys(lids, 1.0) | wide, 1.0, order.span, "closed eyes")]
    return [kinds.Blinks(0.0, order.span), kinds.Limit(lids, 0.0, 0.12, order.span, "the eyes open")]


def _still(order: Order, side: str | None) -> Edits:
    named = take_target(order.words)
    if named is None or named.what == "the expression":
        return []
    found = on(target("gaze") if named.what == "the eyes" else named, side)
    if order.has_span:
        return [kinds.Freeze(found.channels, order.span, what=found.what)]
    return [kinds.Scale(found.channels, 0.0, order.span, {}, f"the movement of {found.what}")]


def none_of(order: Order) -> Edits:
    """ "no smile", "remove the head movement", "stop squinting after frame 20"."""
    if not _is_denied(order):
        return []
    side = take_side(order.words)
    found = take_target(order.words)
    asked = {token.lower for token in order.words.tokens}
    if found is None or (found.what in part_nouns() and not asked.isdisjoint(marks("direction"))):
        return []  # "don't raise the brows" is of brows that rise
    if found.what == "the head" and not asked.isdisjoint({"turn", "turns", "turning"}):
        found = target("head_shake")
    order.take_words(AUXILIARY)
    return [kinds.Scale(on(found, side).channels, 0.0, order.span, {}, on(found, side).what)]


def no_act(order: Order) -> Edits:
    """The same of an action or emotion: "don't wrinkle the nose", "no fear"."""
    if not _is_denied(order):
        return []
    if any(_COMPARED.search(token.lower) for token in order.words.tokens):
        return []  # "don't make her sadder" wants nothing taken away
    act = take_act(order.words)
    order.take_words("be look feel")
    return [weaker(act, 0.0, order)] if act is not None else []


def _is_denied(order: Order) -> bool:
    """ "no smile", but not "not so much smile"."""
    order.take_words("any")
    order.take("degree", "full", "words")
    if take_amount(order.words).is_number:
        return False  # "cut it in half"
    asked = {token.lower for token in order.words.tokens}
    if asked & {"fade", "fades", "fading"} and order.span.start is None:
        return False  # "fade it out by frame 90" says when it has gone, not where it is taken out
    before = [token.lower for token in order.words.tokens[: _place_of("no", order)]]
    if any(word not in grammar() for word in before):
        return False  # "shake the head no"
    if not asked.isdisjoint(_STAYS):
        return False  # "don't keep the head still" wants it to move
    if order.choose(("verb", "none"), ("verb", "less")) != "none":
        return False
    order.take_all("verb", "none")
    return True


_COMPARED = re.compile(r"(ier|([b-df-hj-np-tv-z])\2er)$")
_STAYS = frozenset(["keep", "keeping", "hold", "holding", "leave", "leaving", "freeze", "freezing", "lock", "locking"])
_STAYS |= {"stay", "staying", "remain", "still"}


def _place_of(word: str, order: Order) -> int:
    lower = [token.lower for token in order.words.tokens]
    return lower.index(word) if word in lower else 0


def strength(order: Order) -> Edits:
    """ "half the smile", "less head movement", "exaggerate everything by 20 %"."""
    amount, way = take_strength(order)
    side = take_side(order.words)
    found = take_target(order.words)
    if found is None and (take_whole(order.words) or not order.words.left()):
        found = whole()
    if found is None or not (way or amount.is_number) or _is_repeated(order, found, amount):
        return []
    if way and (_goes_somewhere(order, found) or _takes_time_away(order, found, amount)):
        return []
    order.take_all("whole", "words")
    order.take_words(AUXILIARY)
    order.take_all("verb", "scale")
    factor = amount.changed(way) if way else amount.share if amount.is_percent else amount.factor
    assert factor is not None
    found = on(_calmed(found, order) if factor < 1 else found, side)
    found = _strengthened(found, factor, order)
    return [kinds.Scale(found.channels, factor, order.span, found.seed, found.what)]


def _strengthened(found: Target, factor: float, order: Order) -> Target:
    """What of it is made stronger or weaker: "more brow" is brows that rise more, "more brow movement" of all."""
    if found.is_whole and factor < 1:
        return replace(found, channels=tuple(name for name in found.channels if name not in BLINKS))
    if not found.more or factor <= 1:
        return found
    moved = not {"movement", "movements", "motion"}.isdisjoint(token.lower for token in order.words.tokens)
    return replace(found, seed={}) if moved else replace(found, channels=found.more)


def _calmed(found: Target, order: Order) -> Target:
    """ "Calm down the eyes": of restless eyes the gaze is what moves most."""
    asked = {base for token in order.words.tokens for base in (token.lower, *token.bases)}
    if found.what != "the eyes" or asked.isdisjoint(
        {"calm", "calmer", "quiet", "quieter", "relax", "settle", "soften"}
    ):
        return found
    return replace(found, channels=(*found.channels, *_GAZE), what="the eyes and the gaze")


def _is_repeated(order: Order, found: Target, amount: Amount) -> bool:
    """ "Nod twice at the end" is no stronger nod."""
    timed = order.moment is not None or order.when.span is not None
    return amount.factor is not None and timed and found.what in ("the nodding", "the turns of the head")


def _takes_time_away(order: Order, found: Target, amount: Amount) -> bool:
    """ "cut the last 2 seconds" wants them gone, and no weaker face; "cut it down", "cut it by half" do."""
    named = {token.lower for token in order.words.tokens}
    return found.is_whole and not amount.is_said and bool(named & _CUTS) and not named & {"down", "back"}


_CUTS = frozenset({"cut", "drop", "trim", "chop", "crop"})


def _goes_somewhere(order: Order, found: Target) -> bool:
    """ "raise the brows" says where they go, "raise the smile" how strong it is."""
    named = {token.lower for token in order.words.tokens}
    if not named.isdisjoint(marks("strength")):
        return False
    return found.what in part_nouns() and not named.isdisjoint(marks("direction"))


def mood(order: Order) -> Edits:
    """ "calmer", "less intense", "more expressive"."""
    amount = take_amount(order.words)
    verb = order.choose(("verb", "none"))
    less = verb == "none" or order.words.take([("less",), ("not", "so"), ("not", "as"), ("too",), ("tone", "down")])
    kind = order.choose(("whole", "tame"), ("whole", "lively"))
    if not kind:
        return []
    order.take_all("whole", kind)
    order.words.take([("more",), ("be",), ("add",)])
    order.take_words("down more become")
    take_whole(order.words)
    found = take_target(order.words)
    way = (1 if kind == "lively" else -1) * (-1 if less else 1)
    kept = (*BLINKS, *SPEECH)
    found = _calmed(found, order) if found and way < 0 else found
    channels = found.channels if found else tuple(name for name in CHANNELS if name not in kept)
    factor = amount.factor if amount.factor is not None and not less else amount.changed(way)
    seed = found.seed if found and factor > 1 else {}
    what = found.what if found else "the whole performance"
    return [kinds.Scale(channels, factor, order.span, seed, what)]
