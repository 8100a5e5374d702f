"""Readings of orders about time and about the whole take: slower, later, held, mirrored, looped, smoother."""

from blender_addon.core.channels import CHANNELS, other_side
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit

from ..script.words import Form
from .amounts import inverse, take_amount
from .order import Order
from .targets import BLINKS, Target, take_side, take_target, take_whole, target

Edits = list[Edit]

_SLOWER, _FASTER = 0.75, 4 / 3
_SLIGHT = {0.08: 0.93, 0.15: 0.87, 0.6: 0.5, 1.0: 0.4}
"""Speeds for "slightly slower", "much slower"; their inverses for faster."""
_HOLD = 1.0
_LONGER_HOLD = 0.5
_LOOP_BLEND = 0.5
_UNITS = {"second": 1.0, "sec": 1.0, "s": 1.0, "ms": 0.001, "millisecond": 0.001, "minute": 60.0}
_NUMBERS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "ten": 10.0}
_NUMBERS |= {"another": 1.0, "half": 0.5, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "twelve": 12.0}


def mirror(order: Order) -> Edits:
    """ "mirror it", "swap left and right"."""
    if not order.take("order", "mirror"):
        return []
    order.take_words("left right side")
    take_whole(order.words)
    return [kinds.Mirror(order.span)]


def loop(order: Order) -> Edits:
    """ "make it loop"."""
    if not order.take_all("order", "loop"):
        return []
    take_whole(order.words)
    order.take_words("ly perfectly nicely cleanly")
    return [kinds.Loop(_LOOP_BLEND)]


def reverse(order: Order) -> Edits:
    """ "play it backwards"."""
    if not order.take("order", "reverse") or order.has_span:
        return []
    order.take_words("play run turn")
    take_whole(order.words)
    return [kinds.Reverse()]


def smooth(order: Order) -> Edits:
    """ "smoother", "less jitter in the head", "snappier"."""
    verb = order.choose(("verb", "none"), ("verb", "less"), ("verb", "more"))
    kind = order.choose(("order", "smooth"), ("order", "sharp"))
    if not kind:
        return []
    asked = {token.lower for token in order.words.tokens}
    order.take_all("order", kind)
    amount = take_amount(order.words)
    found = take_target(order.words)
    if found is None:
        take_whole(order.words)
    order.take_words("remove take clean out noise")
    channels = found.channels if found else tuple(name for name in CHANNELS if name not in BLINKS)
    what = found.what if found else "the curves"
    is_smooth = kind == "smooth" and not (verb == "less" and not asked.isdisjoint({"smooth", "smoothness"}))
    strength = 1.0 if not amount.is_said else max(0.5, min(2.5, amount.of_share() / 0.3))
    return [kinds.Smooth(channels, strength if is_smooth else -0.6 * strength, order.span, what)]


def even(order: Order) -> Edits:
    """ "make the smile symmetrical", "even out the brows", "more lopsided"."""
    copied = _copied(order)
    if copied is not None:
        order.take_words("side")
        found = take_target(order.words)
        return [
            kinds.Even(
                found.channels if found else CHANNELS, 1.0, copied, order.span, found.what if found else "the face"
            )
        ]
    kind = order.choose(("order", "even"), ("order", "uneven"))
    if not kind:
        return []
    verb = order.choose(("verb", "less"), ("verb", "none"), ("verb", "more"))
    amount = take_amount(order.words)
    found = take_target(order.words)
    if found is None:
        take_whole(order.words)
    order.take_words("side both left right")
    channels = (
        found.channels
        if found
        else tuple(n for n in CHANNELS if n.startswith(("brow", "mouth", "cheek", "nose", "eyeSq", "eyeW", "eyeB")))
    )
    sided = tuple(name for name in channels if other_side(name) != name)
    alike = (kind == "even") != (verb in ("less", "none"))
    share = (amount.of_share() if amount.is_said or (verb == "more" and kind == "uneven") else 1.0) if alike else -0.5
    return [kinds.Even(sided, share, None, order.span, found.what if found else "the face")] if sided else []


def _copied(order: Order) -> kinds.Side | None:
    """ "copy the left side to the right": the side that is the model."""
    lower = [token.lower for token in order.words.tokens]
    if "copy" not in lower or not {"left", "right"} <= set(lower):
        return None
    order.take_words("copy left right onto over across")
    return kinds.Side.LEFT if lower.index("left") < lower.index("right") else kinds.Side.RIGHT


def speed(order: Order) -> Edits:
    """ "slower", "twice as fast", "half speed", "2 seconds longer".

    "100 % slower" and "0 times faster" come to a speed of 0, "100 % shorter" to an infinite one: both are refused
    (`possible`).
    """
    amount = take_amount(order.words)
    length = take_length(order)
    way = order.choose(("order", "slow"), ("order", "fast"))
    order.take_words("be")
    named = order.take_all("order", "speed")
    order.take_all("verb", "scale")
    take_whole(order.words)
    if length is not None:
        return _to_length(order, length, way)
    if not way:
        verb = order.choose(("verb", "less"), ("verb", "more")) if named else ""
        if named and amount.factor is not None:
            return [kinds.Retime(amount.factor, order.span, "it")]
        way = {"less": "slow", "more": "fast"}.get(verb, "")
    if not way:
        return []
    order.take_words("speed")
    factor = _slower_by(amount.share) if way == "slow" else 1.0 / _slower_by(amount.share)
    if amount.share is not None and amount.is_percent:
        factor = 1.0 - amount.share if way == "slow" else 1.0 + amount.share
        if {"longer", "shorter", "lengthen", "shorten"} & {token.lower for token in order.words.tokens}:
            factor = inverse(1.0 + amount.share if way == "slow" else 1.0 - amount.share)
    if amount.factor is not None:
        factor = _times_as_fast(amount.factor, way, order)
    return [kinds.Retime(factor, order.span, "it")]


def _times_as_fast(named: float, way: str, order: Order) -> float:
    """ "2 times faster", "twice as slow"; 0 where it is none."""
    if named == 0:
        return 0.0
    quicker = max(named, 1.0 / named)
    factor = quicker if way == "fast" else 1.0 / quicker
    # "half as fast" is slower, "half as long" is faster
    return 1.0 / factor if named < 1 and "as" in {token.lower for token in order.words.tokens} else factor


def _slower_by(share: float | None) -> float:
    return _SLOWER if share is None else _SLIGHT.get(share, 1.0 - share)


def take_length(order: Order) -> float | None:
    """A number of seconds or frames; "half a second"."""
    words = order.words
    for place, token in enumerate(words.tokens):
        number = float(token.text.replace(",", ".")) if token.form is Form.NUMBER else _NUMBERS.get(token.lower)
        at = place + 1
        while at < len(words.tokens) and words.tokens[at].lower in ("a", "an", "more", "of"):
            at += 1
        if number is None or at >= len(words.tokens) or place in words.taken:
            continue
        unit = words.tokens[at]
        if unit.lower in ("frame", "frames", "fr", "f"):
            words.taken |= set(range(place, at + 1))
            return order.clock.frames(number)
        scale = next((_UNITS[base] for base in (unit.lower, *sorted(unit.bases)) if base in _UNITS), None)
        if scale is not None:
            words.taken |= set(range(place, at + 1))
            return order.clock.seconds(number * scale)
    return None


def _to_length(order: Order, length: float, way: str) -> Edits:
    """By so many seconds longer, or to so many."""
    lower = [token.lower for token in order.words.tokens]
    span = order.span
    now = (order.clock.end if span.end is None else span.end) - (span.start or 0.0)
    compared = {"longer", "shorter", "more", "less"} & set(lower) or "by" in lower
    goal = (now + length if way == "slow" else now - length) if compared else length
    if not way and not ({"last", "lasts", "take", "takes", "long", "over"} & set(lower)):
        return []
    order.take_words("last long")
    return [kinds.Retime(inverse(goal / now), span, "it")] if now > 0 else []


def take_shift(order: Order) -> float | None:
    """By how many seconds something is to be later, or earlier where they are below 0; None where that is not said."""
    amount = take_length(order)
    way = order.choose(("order", "later"), ("order", "earlier"))
    if not way:
        return None
    order.take_all("order", "shift")
    order.take_all("order", way)
    if amount is None:
        share = take_amount(order.words).share
        if share is None:
            return None
        amount = order.clock.seconds(0.1 if share < 0.3 else 0.4)
    return amount if way == "later" else -amount


def shift(order: Order) -> Edits:
    """ "2 frames later", "delay the smile by 5 frames"."""
    seconds = take_shift(order)
    if seconds is None:
        return []
    found = take_target(order.words)
    side = take_side(order.words) if found else None
    if found is None:
        if order.words.take([("blink",)]):
            return [kinds.Delay(BLINKS, seconds, "the blinks")]
        take_whole(order.words)
        return [kinds.Delay(CHANNELS, seconds, "the take")]
    channels = tuple(name for name in found.channels if side is None or name.endswith(side) or other_side(name) == name)
    return [kinds.Delay(channels, seconds, found.what)]


def hold(order: Order) -> Edits:
    """ "hold the look for a second", "freeze from frame 40 to 60", "hold the smile until the end"."""
    if not order.take("order", "hold"):
        return []
    order.take_words("add insert put another")
    asked = {token.lower for token in order.words.tokens}
    longer = order.words.take([("longer",), ("bit", "longer"), ("long",)])
    seconds = order.when.length if order.when.length is not None else take_length(order)
    amount = take_amount(order.words)
    found = take_target(order.words)
    if found is not None and found.what == "the expression":
        found = None  # "the expression" and "the face" are the look itself, which is held with all that belongs to it
        asked.add("look")
    held = order.take_all("order", "held") or "look" in asked
    order.take_words("last final still and first")
    if amount.is_said and not longer and seconds is None:
        return []
    if seconds is None and not longer and (kept := _kept(order, found, asked)):
        return kept
    if not (held or found or seconds is not None or longer or order.moment is not None):
        return []
    if seconds is None:
        seconds = _LONGER_HOLD if longer else _HOLD
    channels, what = (found.channels, found.what) if found else ((), "the look")
    return [kinds.Pause(seconds, _held_at(order, asked), channels, what)]


def _kept(order: Order, found: Target | None, asked: set[str]) -> Edits:
    """What stays as it is for a part of the take, without any time being put in."""
    channels = found.channels if found else tuple(name for name in CHANNELS if name not in BLINKS)
    what = found.what if found else "the whole face"
    if order.when.span is not None:
        return [kinds.Freeze(channels, order.span, found is not None and order.span.start is None, what)]
    if order.moment is not None:
        return [kinds.Freeze(channels, kinds.Span(order.moment, None), False, what)] if "freeze" in asked else []
    return [kinds.Freeze(channels, order.span, True, what)] if found and asked & {"keep", "stay"} else []


def _held_at(order: Order, asked: set[str]) -> float | None:
    """The moment that is held; None for the strongest one."""
    when = order.when
    if {"last", "final", "end"} & asked:
        return order.clock.end
    if when.point is not None:
        return when.point
    if "first" in asked:
        return 0.0
    if when.span is not None:
        return when.edge if when.edge is not None else when.span.start or 0.0
    if order.has_span:
        return order.span.start if order.span.start is not None else order.span.end
    return order.moment_for(0.0) if {"this", "here"} & asked else None


def neutral(order: Order) -> Edits:
    """ "neutral after frame 100"."""
    if not order.take_all("order", "neutral"):
        return []
    order.take("degree", "full", "words")
    order.take_all("verb", "keep")
    order.take_words("face back return to go come")
    return [kinds.Scale(target("expression").channels, 0.0, order.span, {}, "the expression")]
