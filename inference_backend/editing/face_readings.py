"""Readings of orders about what the face does: more smile, no blinks, left brow higher, keep the mouth closed."""

from collections.abc import Mapping

from blender_addon.core.channels import ANGLES, CHANNELS
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit

from ..script.antagonists import opposed_to
from ..script.entries import REGION_OF, full_pose
from .amounts import Amount, take_amount
from .order import Order
from .targets import BLINKS, SPEECH, Act, Target, on, part_nouns, take_act, take_part, take_side, take_target, take_whole, target, whole, without
from .words import Phrase, grammar, phrases

Edits = list[Edit]

_FEELING = 0.4
"""How much of an emotion's pose "sadder" puts on; "sad" puts on more."""
_FULL_FEELING = 0.75
_FURTHER = 0.35
"""How much of the whole way "higher" is."""
_GAZE = target("gaze").channels
_SHUT_LIPS = ("mouthFunnel", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "tongueOut")
_RISE, _STAY, _FALL = 0.25, 0.5, 0.4
"""Seconds of a pose that is taken up at a moment and let go again."""
_EXCEPT: tuple[Phrase, ...] = (("except", "for"), ("except",), ("but", "not"), ("apart", "from"), ("excluding",), ("besides",), ("other", "than"), ("but",))
_AUXILIARY = "move bring push pull set turn rotate play act tilt put keep come go get raise lift press squeeze draw"


def blinks(order: Order) -> Edits:
    """ "no blinks", "fewer blinks", "blink at 2 seconds"."""
    if not order.words.find(phrases("order", "blink")):
        return []
    verb = order.choose(("verb", "none"), ("verb", "less"))
    order.take_all("order", "blink")
    amount = take_amount(order.words)
    if not verb and (order.words.take([("more", "often"), ("more",), ("increase",), ("extra",)])):
        verb = "more"
    order.take_words("often frequently all every single any eye frequency rate number")
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
    return [_blink(order.moment_for(0.26) + 0.4 * number) for number in range(count)] if timed or not amount.is_said else []


def _blink(at: float) -> kinds.Gesture:
    """Shut at the moment that was named."""
    shut = dict.fromkeys(BLINKS, 1.0)
    steps = ((0.09, shut), (0.12, shut), (0.26, dict.fromkeys(BLINKS, 0.0)))
    return kinds.Gesture(max(at - 0.1, 0.0), steps, "a blink")


def camera(order: Order) -> Edits:
    """ "look at the camera", "don't look away", "keep the eyes on the lens"."""
    asked = {base for token in order.words.tokens for base in token.bases}
    away = order.words.take(phrases("order", "away")) if "not" in asked or asked & {"stop", "no", "never", "without"} else False
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
    locked = {token.lower for token in order.words.tokens} & {"lock", "freeze", "steady"}
    still = order.take_words("lock freeze steady") if locked else order.take_all("order", "still")
    order.take_all("order", "still")
    if order.take_words("straight level upright centered centred"):
        found = take_target(order.words)
        head = found is not None and found.what == "the head"
        return [kinds.Lean(dict.fromkeys(target("head").channels, 0.0), 1.0, order.span, "a straight head")] if head else []
    way = "" if still else order.choose(("way", "closed"), ("way", "open"), ("way", "tight"), ("way", "together"))
    if still:
        found = take_target(order.words)
        if found is not None and found.what == "the eyes":
            found = target("gaze")
        return _still(order, on(found, side)) if found and found.what != "the expression" else []
    lower = {token.lower for token in order.words.tokens}
    kept = lower & {"keep", "keeping", "hold", "leave", "stay", "stays", "remain", "lock", "be"}
    if not kept and not lower & {"closed", "shut", "open"}:
        return []
    part = take_part(order.words, way) if way else None
    if part is None or order.words.left():
        return []
    if part.what in ("the mouth", "the lips", "the jaw") and way in ("closed", "together"):
        return _mouth_shut(order)
    if part.what in ("the eyes", "the lids") and way in ("open", "closed") and (kept or "shut" in lower or "closed" in lower):
        return _lids(order, side, closed=way == "closed")
    return []


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


def _still(order: Order, found: Target) -> Edits:
    if order.has_span:
        return [kinds.Freeze(found.channels, order.span, what=found.what)]
    return [kinds.Scale(found.channels, 0.0, order.span, {}, f"the movement of {found.what}")]


def none_of(order: Order) -> Edits:
    """ "no smile", "remove the head movement", "stop squinting after frame 20"."""
    if not _is_denied(order):
        return []
    side = take_side(order.words)
    found = take_target(order.words)
    if found is None or ("drop" in {token.lower for token in order.words.tokens} and found.what in part_nouns()):
        return []
    order.take_words(_AUXILIARY)
    return [kinds.Scale(on(found, side).channels, 0.0, order.span, {}, on(found, side).what)]


def no_act(order: Order) -> Edits:
    """The same of an action or emotion: "don't wrinkle the nose", "no fear"."""
    if not _is_denied(order):
        return []
    act = take_act(order.words)
    order.take_words("be look feel")
    return [_weaker(act, 0.0, order)] if act is not None else []


def _is_denied(order: Order) -> bool:
    """ "no smile", but not "not so much smile"."""
    order.take_words("any")
    asked = {token.lower for token in order.words.tokens}
    if asked & {"fade", "fades", "fading"} and order.span.start is None:
        return False  # "fade it out by frame 90" says when it has gone, not where it is taken out
    before = [token.lower for token in order.words.tokens[: _place_of("no", order)]]
    if any(word not in grammar() for word in before):
        return False  # "shake the head no"
    if order.choose(("verb", "none"), ("verb", "less")) != "none":
        return False
    order.take_all("verb", "none")
    return True


def _place_of(word: str, order: Order) -> int:
    lower = [token.lower for token in order.words.tokens]
    return lower.index(word) if word in lower else 0


def _weaker(act: Act, factor: float, order: Order) -> kinds.Scale:
    kept = (*BLINKS, "jawOpen") if act.entry.emotion else ()
    channels = tuple(name for name in act.channels if name not in kept and (act.entry.emotion is False or name not in ANGLES))
    return kinds.Scale(channels, factor, order.span, {}, _noun(act))


def _noun(act: Act) -> str:
    return act.entry.name.replace("_", " ") if act.entry.emotion else f"what shows as \"{act.what.split(':')[0]}\""


def strength(order: Order) -> Edits:
    """ "half the smile", "less head movement", "exaggerate everything by 20 %"."""
    amount, way = _strength(order)
    left_out = _left_out(order)
    side = take_side(order.words)
    found = take_target(order.words)
    if found is None and (take_whole(order.words) or not order.words.left()):
        found = whole()
    if found is None or not (way or amount.is_number) or _is_repeated(order, found, amount):
        return []
    if way and _goes_somewhere(order, found):
        return []
    order.take_all("whole", "words")
    order.take_words(_AUXILIARY)
    order.take_all("verb", "scale")
    found = on(found, side)
    if left_out is not None:
        found = without(found, left_out)
    factor = amount.changed(way) if way else amount.share if amount.is_percent else amount.factor
    assert factor is not None
    channels = tuple(name for name in found.channels if name not in BLINKS) if found.is_whole and factor < 1 else found.channels
    return [kinds.Scale(channels, factor, order.span, found.seed, found.what)]


def _is_repeated(order: Order, found: Target, amount: Amount) -> bool:
    """ "Nod twice at the end" is no stronger nod."""
    timed = order.moment is not None or order.when.span is not None
    return amount.factor is not None and timed and found.what in ("the nodding", "the turns of the head")


def _goes_somewhere(order: Order, found: Target) -> bool:
    """ "raise the brows" says where they go, "raise the smile" how strong it is."""
    named = {token.lower for token in order.words.tokens}
    if not named.isdisjoint(_OF_STRENGTH):
        return False
    return found.what in part_nouns() and not named.isdisjoint(_DIRECTIONS)


_DIRECTIONS = frozenset("raise raises raised raising lift higher lower lowers lowered drop dropped widen wider wide broader narrow narrower high low open closed down up".split())


_OF_STRENGTH = frozenset("tone dial scale calm crank ramp pump amp movement movements motion intensity amount".split())


def _strength(order: Order) -> tuple[Amount, int]:
    """How much, and whether more (1), less (-1) or neither (0)."""
    verb = order.choose(("verb", "less"), ("verb", "more"))
    amount = take_amount(order.words)
    if not verb and amount.is_percent:
        verb = {"up": "more", "down": "less"}.get("up" if order.take_words("up") else "down" if order.take_words("down") else "", "")
    if not verb:
        return amount, 0
    order.take_all("verb", verb)
    return amount, 1 if verb == "more" else -1


def _left_out(order: Order) -> Target | None:
    if not order.words.take(_EXCEPT):
        return None
    return take_target(order.words)


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
    channels = found.channels if found else tuple(name for name in CHANNELS if name not in kept)
    factor = amount.factor if amount.factor is not None and not less else amount.changed(way)
    seed = found.seed if found and factor > 1 else {}
    what = found.what if found else "the whole performance"
    return [kinds.Scale(channels, factor, order.span, seed, what)]


def feeling(order: Order) -> Edits:
    """ "a bit more afraid", "sadder", "less angry", "make her happy"."""
    amount = take_amount(order.words)
    verb = order.choose(("verb", "less_feeling"), ("verb", "more_feeling"))
    order.take_words("look looking looks feel get become act be add put")
    act = take_act(order.words, emotion=True)
    if act is None:
        return []
    compared = verb or any(token.lower.endswith("er") for token in order.words.tokens)
    if verb == "less_feeling":
        return [_weaker(act, amount.changed(-1), order)]
    if amount.factor is not None:
        shown = _with_opposed(act.pose, _FEELING)
        grown = {name: value for name, value in shown.items() if value > 0} if amount.factor > 1 else {}
        return [kinds.Scale(_weaker(act, 0.0, order).channels, amount.factor, order.span, grown, _noun(act))]
    plain = _FEELING if compared else _FULL_FEELING
    share = plain if not amount.is_said else plain * amount.of_share() / 0.3
    return [kinds.Add(_with_opposed(act.pose, min(share, 1.0)), order.span, _noun(act))]


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
    amount = take_amount(order.words)
    order.words.take([("more",), ("further",)])
    order.take_words("more further")
    for names in (("tilt_left", "tilt_right"), ("open", "closed", "wide", "narrow", "together", "apart", "tight", "round", "forward", "back", "in"), ("up", "down"), ("left", "right")):
        for way in names:
            places, named = set(order.words.taken), set(order.words.named)
            edits = _gone(order, way, amount, less=less)
            if edits and not order.words.left():
                return edits
            order.words.taken, order.words.named = places, named
    return []


def _gone(order: Order, way: str, amount: Amount, *, less: bool) -> Edits:
    if not order.take("way", way):
        return []
    part = take_part(order.words, way)
    if part is None:
        return []
    side = take_side(order.words)
    order.take_words(_AUXILIARY)
    pose = _part_pose(part.ways[way], side)
    channels = tuple(name for name, value in pose.items() if value > 0 or name in ANGLES)
    if less:
        return [kinds.Scale(channels, amount.changed(-1), order.span, {}, part.what)]
    if amount.is_percent and channels:
        grown = {name: pose[name] * amount.of_share() for name in channels}
        return [kinds.Scale(channels, amount.changed(1), order.span, grown, f"{part.what} {_WAYS.get(way, way)}")]
    share = _FURTHER * min(2.5, amount.of_share() / 0.3) if amount.factor is None else _FURTHER * amount.factor
    if set(pose) >= {"jawOpen"} and pose["jawOpen"] > 0:
        grown = {name: value for name, value in pose.items() if value > 0}
        return [kinds.Scale(("jawOpen",), 1.0 + share, order.span, grown, "the opening of the mouth")]
    changed = {name: value * min(share, 1.0) for name, value in pose.items()}
    on_side = f" on the {side.lower()}" if side else ""
    return [kinds.Add(changed, order.span, f"{part.what}{on_side} {_WAYS.get(way, way)}")]


_WAYS = {"up": "higher", "down": "lower", "wide": "wider", "narrow": "narrower", "closed": "more closed", "open": "more open"}


def _part_pose(pose: Mapping[str, float], side: str | None) -> dict[str, float]:
    full = full_pose(pose)
    sided = {name: value for name, value in full.items() if side and (name.endswith(side) or name.startswith(side.lower()))}
    return sided or full


def act_less(order: Order) -> Edits:
    """ "squint less", "fewer nods", "look down more"."""
    amount, way = _strength(order)
    if not (way or amount.factor is not None):
        return []
    act = take_act(order.words, emotion=False)
    if act is None or order.take_words("shake"):
        return []
    factor = amount.changed(way) if way else amount.factor
    assert factor is not None
    seed = {name: value for name, value in act.pose.items() if value} if way > 0 else {}
    return [kinds.Scale(act.channels, factor, order.span, seed, _noun(act))]


def act(order: Order) -> Edits:
    """ "raise the left eyebrow", "nod at the end", "close the eyes from 1 s to 2 s", "smile until frame 30"."""
    lower = [token.lower for token in order.words.tokens]
    if not _COMPARED.isdisjoint(lower) or lower[-1:] == ["lower"]:
        return []
    amount = take_amount(order.words)
    if amount.is_percent:
        return []
    found = take_act(order.words, emotion=False)
    if found is None:
        return []
    order.take_all("order", "add")
    order.take_words("eye eyes only")
    if found.entry.name.startswith(("nod", "shake_head")):
        order.take_words("yes no")
    if found.entry.steps:
        return _gestures(order, found, amount)
    strength = 1.0 if not amount.is_said else min(amount.of_share() / 0.3, 1.6) if amount.factor is None else amount.factor
    return _posed(found, strength, order)


_COMPARED = frozenset("slower faster quicker less fewer bigger smaller stronger weaker longer shorter later earlier more too higher wider narrower tighter closer rounder broader deeper harder softer further".split())


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
    pose |= {name: -min(strength, 1.0) for name in sorted(opposed) if name not in pose and name not in ANGLES and not name.startswith("eyeBlink")}
    if back:
        edits.append(kinds.Lean(back, 1.0, order.span, found.what))
    if order.when.span is None and (order.moment is not None or order.when.length is not None):
        stay = _STAY if order.when.length is None else order.when.length
        return [*edits, _at_moment(order.moment_for(stay), pose, found.what, stay)]
    return [*edits, kinds.Add(pose, order.span, found.what)]


def _at_moment(at: float, pose: Mapping[str, float], what: str, stay: float) -> kinds.Gesture:
    """There at the moment that was named, for a while."""
    start = max(at - _RISE, 0.0)
    rest = dict.fromkeys(pose, 0.0)
    stages = ((at - start or 0.04, pose), (at - start + stay, pose), (at - start + stay + _FALL, rest))
    return kinds.Gesture(start, stages, what)
