"""Readings of orders about acting: sadder, left brow higher, raise the brows, nod at the end, squint less."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from blender_addon.core.channels import ANGLES, CHANNELS
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit

from ..script.antagonists import opposed_to
from ..script.entries import REGION_OF, full_pose
from .amounts import Amount, take_amount, take_degrees
from .order import Order
from .strengths import AUXILIARY, noun, span_of, take_strength, weaker
from .targets import Act, limited_to, take_act, take_part, take_side, take_target
from .words import marks

Edits = list[Edit]

_FEELING = 0.4
"""How much of an emotion's pose "sadder" puts on; "sad" puts on more."""
_FULL_FEELING = 0.75
_FURTHER = 0.35
"""How much of the whole way "higher" is."""
_RISE, _STAY, _FALL = 0.25, 0.5, 0.4
"""Seconds of a pose that is taken up at a moment and let go again."""


def feeling(order: Order) -> Edits:
    """ "a bit more afraid", "sadder", "less angry", "make her happy"."""
    amount = take_amount(order.words)
    verb = order.choose(("verb", "less_feeling"), ("verb", "more_feeling"))
    order.take_words("look looking looks feel get become act be add put")
    act = take_act(order.words, emotion=True)
    if act is None:
        return []
    region = take_target(order.words)
    kept: tuple[str, ...] = ()
    if region is not None and region.is_passing:  # "make the frown angrier": while she frowns, and she goes on frowning
        order = replace(order, when=replace(order.when, during=region.channels))
        kept = region.channels
    elif region is not None:  # "sadder eyes"
        act = limited_to(act, region)
        if not any(act.pose.values()):
            return []
    compared = verb or any(token.lower.endswith("er") for token in order.words.tokens)
    if verb == "less_feeling":
        return [weaker(act, amount.changed(-1), order)]
    if amount.factor is not None:
        shown = _with_opposed(act.pose, _FEELING)
        grown = {name: value for name, value in shown.items() if value > 0} if amount.factor > 1 else {}
        return [kinds.Scale(weaker(act, 0.0, order).channels, amount.factor, order.span, grown, noun(act))]
    plain = _FEELING if compared else _FULL_FEELING
    share = plain if not amount.is_said else plain * amount.of_share() / 0.3
    pose = _with_opposed(act.pose, min(share, 1.0))
    return [
        kinds.Add({name: value for name, value in pose.items() if value > 0 or name not in kept}, order.span, noun(act))
    ]


def _with_opposed(pose: Mapping[str, float], share: float) -> dict[str, float]:
    """The pose in a measure, and what no face shows beside it given away in the same; speech and head stay."""
    found = {
        name: value * share
        for name, value in pose.items()
        if value and name != "jawOpen" and not name.startswith(("head", "eyeLook", "leftEye", "rightEye"))
    }
    against: dict[str, float] = {}
    for name, value in found.items():
        for other in opposed_to(name):
            if other not in found and other not in ANGLES and not other.startswith(("eyeLook", "eyeBlink", "tongue")):
                against[other] = min(against.get(other, 0.0), -min(1.0, 2.5 * value))
    return found | against


def further(order: Order) -> Edits:
    """ "left brow higher", "eyes wider", "head a bit more to the right", "mouth less open"."""
    less = order.words.take([("less",), ("not", "so"), ("not", "as"), ("too",)])
    degrees = take_degrees(order.words)
    amount = take_amount(order.words)
    order.words.take([("more",), ("further",)])
    order.take_words("more further by")
    for names in (
        ("tilt_left", "tilt_right"),
        ("open", "closed", "wide", "narrow", "together", "apart", "tight", "round", "forward", "back", "in"),
        ("up", "down"),
        ("left", "right"),
    ):
        for way in names:
            places, named = set(order.words.taken), set(order.words.named)
            edits = _turned(order, way, degrees) if degrees else _gone(order, way, amount, less=less)
            if edits and not order.words.left():
                return edits
            order.words.taken, order.words.named = places, named
    return []


def _turned(order: Order, way: str, degrees: float) -> Edits:
    """ "turn the head 10 degrees to the left": by just so much."""
    part = take_part(order.words, way) if order.take("way", way) else None
    if part is None:
        return []
    order.take_words(AUXILIARY)
    pose = full_pose(part.ways[way])
    angles = {name: value for name, value in pose.items() if name in ANGLES}
    if not angles:
        return []
    share = degrees / max(abs(value) for value in angles.values())
    turned = {name: min(value * share, 1.0) if name not in ANGLES else value * share for name, value in pose.items()}
    return [kinds.Add(turned, order.span, f"{part.what} {math.degrees(degrees):g}° {_way_words(way)}")]


def _way_words(way: str) -> str:
    return "tilted to the " + way.removeprefix("tilt_") if way.startswith("tilt") else _WAYS.get(way, f"to the {way}")


def _gone(order: Order, way: str, amount: Amount, *, less: bool) -> Edits:
    if not order.take("way", way):
        return []
    part = take_part(order.words, way)
    if part is None:
        return []
    side = take_side(order.words)
    order.take_words(AUXILIARY)
    pose = _part_pose(part.ways[way], side)
    if way == "down" and amount.is_percent and not less and part.what != _CORNERS:
        where = f"{part.what}{_on_side(side)}"
        if lowered := _lowered(where, pose, min(amount.of_share(), 1.0), order):
            return lowered
    return [_moved(part.what, way, side, pose, amount, order, less=less)]


def _lowered(what: str, pose: Mapping[str, float], share: float, order: Order) -> Edits:
    """ "Lower the brows by 10 %": how far they are raised becomes less, and no frown stronger.

    Of shapes that no face shows at once, as wide and falling lids, the other one comes where that is not enough.
    """
    raised = [name for name, value in pose.items() if value < 0 and name not in ANGLES]
    pairs = {name: other for name, value in pose.items() if value > 0 for other in opposed_to(name) if other in raised}
    rest = tuple(name for name in raised if name not in pairs.values())
    edits: Edits = []
    if pairs:
        toward = {name: pose[name] * share for name in pairs}
        edits.append(kinds.Slide(toward, tuple(pairs.values()), order.span, f"{what} {_WAYS['down']}"))
    if rest:
        edits.append(kinds.Scale(rest, 1.0 - share, order.span, {}, f"what raises {what}"))
    return edits


def _moved(
    what: str, way: str, side: str | None, pose: Mapping[str, float], amount: Amount, order: Order, *, less: bool
) -> Edit:
    if what == _CORNERS and way in ("up", "down") and not less:
        return _slid(pose, amount, order, f"{what}{_on_side(side)} {_WAYS[way]}")
    channels = tuple(name for name, value in pose.items() if value > 0 or name in ANGLES)
    if less:
        return kinds.Scale(channels, amount.changed(-1), order.span, {}, what)
    if amount.is_percent and channels:
        grown = {name: pose[name] * amount.of_share() for name in channels}
        return kinds.Scale(channels, amount.changed(1), order.span, grown, f"{what} {_WAYS.get(way, way)}")
    share = _FURTHER * min(2.5, amount.of_share() / 0.3) if amount.factor is None else _FURTHER * amount.factor
    if set(pose) >= {"jawOpen"} and pose["jawOpen"] > 0:
        grown = {name: value for name, value in pose.items() if value > 0}
        return kinds.Scale(("jawOpen",), 1.0 + share, order.span, grown, "the opening of the mouth")
    changed = {name: value * min(share, 1.0) for name, value in pose.items()}
    return kinds.Add(changed, order.span, f"{what}{_on_side(side)} {_way_words(way)}")


_CORNERS_GO = ("mouth_corners_up", "mouth_corners_down")
_CORNERS = "the mouth corners"


def _on_side(side: str | None) -> str:
    """What a sentence adds to the noun of a part."""
    return f" on the {side.lower()}" if side else ""


def _slid(pose: Mapping[str, float], amount: Amount, order: Order, what: str) -> Edit:
    """Corners that go down are less of a smile first, and a frown where there is none."""
    share = amount.of_share() if amount.is_percent else _FURTHER * min(2.5, amount.of_share() / 0.3)
    toward = {name: value * min(share, 1.0) for name, value in pose.items() if value > 0}
    away = tuple(name for name, value in pose.items() if value < 0)
    return kinds.Slide(toward, away, order.span, what)


_WAYS = {
    "up": "higher",
    "down": "lower",
    "wide": "wider",
    "narrow": "narrower",
    "closed": "more closed",
    "open": "more open",
}


def _part_pose(pose: Mapping[str, float], side: str | None) -> dict[str, float]:
    full = full_pose(pose)
    sided = {
        name: value for name, value in full.items() if side and (name.endswith(side) or name.startswith(side.lower()))
    }
    return sided or full


def act_less(order: Order) -> Edits:
    """ "squint less", "fewer nods", "look down more"."""
    amount, way = take_strength(order)
    if not (way or amount.factor is not None):
        return []
    act = take_act(order.words, emotion=False)
    if act is None or order.take_words("shake"):
        return []
    factor = amount.changed(way) if way else amount.factor
    assert factor is not None
    seed = {name: value for name, value in act.pose.items() if value} if way > 0 else {}
    return [kinds.Scale(act.channels, factor, span_of(act, order), seed, noun(act), one_sided=act.telling)]


_PARTS_OF = frozenset({"half", "halve", "double", "twice", "triple"})
_ARTICLES = frozenset({"the", "her", "his", "their", "that"})


def act(order: Order) -> Edits:
    """ "raise the left eyebrow", "nod at the end", "close the eyes from 1 s to 2 s", "smile until frame 30"."""
    lower = [token.lower for token in order.words.tokens]
    if not marks("compared").isdisjoint(lower) or lower[-1:] == ["lower"]:
        return []
    amount = take_amount(order.words)
    # "Half the smirk" is of one that is there.
    if amount.is_percent or any(one in _PARTS_OF and other in _ARTICLES for one, other in itertools.pairwise(lower)):
        return []
    found = take_act(order.words, emotion=False)
    if found is None or _says_how_far(found, order, lower):
        return []
    order.take_all("order", "add")
    order.take_words("eye eyes only")
    if found.entry.name.startswith(("nod", "shake_head")):
        order.take_words("yes no")
    if found.entry.steps:
        return _gestures(order, found, amount)
    strength = (
        1.0 if not amount.is_said else min(amount.of_share() / 0.3, 1.6) if amount.factor is None else amount.factor
    )
    return _posed(found, strength, order)


def _says_how_far(found: Act, order: Order, lower: Sequence[str]) -> bool:
    """ "lower the right corner of the mouth": `further` reads that."""
    return found.entry.name in _CORNERS_GO and order.moment is None and not {"corner", "corners"}.isdisjoint(lower)


def _gestures(order: Order, found: Act, amount: Amount) -> Edits:
    count = int(amount.factor) if amount.factor in (2.0, 3.0, 4.0) else 1
    strength = min(amount.of_share() / 0.3, 1.6) if amount.share is not None else 1.0
    steps = tuple((s, {n: v * strength for n, v in pose.items()}) for s, pose in found.steps)
    length = steps[-1][0]
    at = order.moment_for(count * length)
    return [kinds.Gesture(at + number * length, steps, found.what) for number in range(count)]


def _posed(found: Act, strength: float, order: Order) -> Edits:
    pose = {name: value * strength if value else -1.0 for name, value in found.pose.items()}
    pose = {name: value for name, value in pose.items() if not (value == -1.0 and name in ANGLES)}
    back = {name: 0.0 for name, value in found.pose.items() if not value and name in ANGLES}
    edits: Edits = []
    if found.entry.rest and not found.pose:
        rest = tuple(name for name in CHANNELS if REGION_OF[name] in found.entry.rest)
        return [kinds.Scale(rest, 0.0, order.span, {}, found.what)]
    opposed = {other for name, value in pose.items() if value > 0 for other in opposed_to(name)}
    pose |= {
        name: -min(strength, 1.0)
        for name in sorted(opposed)
        if name not in pose and name not in ANGLES and not name.startswith("eyeBlink")
    }
    if back:
        edits.append(kinds.Lean(back, 1.0, order.span, found.what))
    if order.when.span is None and (order.moment is not None or order.when.length is not None):
        stay = _STAY if order.when.length is None else order.when.length
        return [*edits, _at_moment(order.moment_for(stay), pose, found.what, stay)]
    return [*edits, kinds.Add(pose, order.span, found.what)]


def _at_moment(at: float, pose: Mapping[str, float], what: str, stay: float) -> kinds.Gesture:
    """There at the moment that was named, for a while."""
    start = max(at - _RISE, min(at, 0.0))
    rest = dict.fromkeys(pose, 0.0)
    stages = ((at - start or 0.04, pose), (at - start + stay, pose), (at - start + stay + _FALL, rest))
    return kinds.Gesture(start, stages, what)
