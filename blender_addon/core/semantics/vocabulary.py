"""The one table of what a face can do and how it is said; used to write words and to read them.

A phrase is read together with the name of its region, so it leaves that name out: under "jaw" it
says "slightly dropped". `{how}` is one of the five intensity words, `{side}` is left or right. No
phrase has a comma in it, and no two phrases of a region can be mistaken for one another.

Action units are those of FACS, matched to ARKit by Melinda Ozel's cheat sheet (as py-feat carries
it); gaze and head units are FACS 51-56 and 61-66.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

from .description import Region
from .scale import COEFFICIENT, EYE_ANGLE, HEAD_ANGLE, Scale

_SHIFT: Final = "{how} to the {side}"


class Side(Enum):
    """The subject's own side; BOTH for what is said of the whole face."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


class Direction(NamedTuple):
    """One channel, and the sign in which it counts: angles move two ways, coefficients one."""

    channel: str
    sign: int = 1


@dataclass(frozen=True)
class Movement:
    """One thing a face does.

    noun: its name in a list, such as "brow raise".
    together: the phrase for all of its channels at once.
    directions: the channels that make it up; for a movement with sides, left and then right.
    apart: the phrase for one side; empty where the movement has no sides.
    independent: whether its sides go their own ways, so that one side alone is another thing than a
        little of both: one eye towards the nose is part of a look aside, and not slightly crossed eyes.
    """

    region: Region
    noun: str
    together: str
    directions: tuple[Direction, ...]
    apart: str = ""
    action_units: tuple[int, ...] = ()
    scale: Scale = COEFFICIENT
    independent: bool = False

    @cached_property
    def has_sides(self) -> bool:
        """Whether it can be said of one side alone."""
        return bool(self.apart)

    @cached_property
    def is_of_whole_region(self) -> bool:
        """Whether its phrase leaves out what moves, because the region's name says it."""
        return self.together.startswith("{how}")

    @cached_property
    def is_shift(self) -> bool:
        """Whether its sides are two ways for one part to go (mouth, jaw), and not two parts."""
        return self.apart == _SHIFT

    @cached_property
    def after(self) -> str:
        """The short phrase for the second side, said right after the first one."""
        if self.apart.startswith("{side}"):
            return "{side} {how}"
        place = self.apart.split()[-3:]  # "on the {side}" or "to the {side}"
        return " ".join(["{how}", *place])

    def directions_of(self, side: Side) -> tuple[Direction, ...]:
        """The channels that a phrase about `side` speaks of."""
        if side is Side.BOTH:
            return self.directions
        return self.directions[:1] if side is Side.LEFT else self.directions[1:]


def _row(
    region: Region,
    noun: str,
    together: str,
    directions: tuple[Direction, ...],
    apart: str = "",
    *action_units: int,
    independent: bool = False,
) -> Movement:
    return Movement(region, noun, together, directions, apart, action_units, independent=independent)


def _of(*channels: str) -> tuple[Direction, ...]:
    return tuple(Direction(channel) for channel in channels)


def _sides(stem: str) -> tuple[Direction, ...]:
    return _of(f"{stem}Left", f"{stem}Right")


def _eyes(angle: str, left_sign: int, right_sign: int) -> tuple[Direction, ...]:
    return Direction(f"leftEye{angle}", left_sign), Direction(f"rightEye{angle}", right_sign)


def _eyeballs(noun: str, way: str, directions: tuple[Direction, ...], apart: str = "") -> Movement:
    return Movement(Region.GAZE, noun, f"eyeballs {{how}} {way}", directions, apart, scale=EYE_ANGLE)


def _head(noun: str, phrase: str, angle: str, sign: int, action_unit: int) -> Movement:
    return Movement(Region.HEAD, noun, phrase, (Direction(angle, sign),), "", (action_unit,), HEAD_ANGLE)


# In the order in which a face is looked through. What several channels do together comes before what
# each of them does ("raised" before "outer ends raised", "crossed" before "to the left").
_BROWS: Final = (
    # Units 1 and 2 at once; each of them has its own row below.
    _row(Region.BROWS, "brow raise", "{how} raised", _of("browInnerUp", "browOuterUpLeft", "browOuterUpRight")),
    _row(Region.BROWS, "inner brow raise", "inner ends {how} raised", _of("browInnerUp"), "", 1),
    _row(
        Region.BROWS,
        "outer brow raise",
        "outer ends {how} raised",
        _sides("browOuterUp"),
        "{side} outer end {how} raised",
        2,
    ),
    _row(Region.BROWS, "brow lowering", "{how} lowered", _sides("browDown"), "{side} {how} lowered", 4),
)

_EYES: Final = (
    _row(Region.EYES, "lid closure", "{how} closed", _sides("eyeBlink"), "{side} {how} closed", 45),
    _row(Region.EYES, "eye widening", "{how} widened", _sides("eyeWide"), "{side} {how} widened", 5),
    _row(Region.EYES, "squint", "{how} squinted", _sides("eyeSquint"), "{side} {how} squinted", 7),
)

_CHEEKS: Final = (
    _row(Region.CHEEKS, "cheek raise", "{how} raised", _sides("cheekSquint"), "{side} {how} raised", 6),
    _row(Region.CHEEKS, "cheek puff", "{how} puffed", _of("cheekPuff"), "", 34),
)

_NOSE: Final = (
    _row(Region.NOSE, "nose wrinkle", "{how} wrinkled", _sides("noseSneer"), "{side} side {how} wrinkled", 9),
)

_MOUTH: Final = (
    _row(Region.MOUTH, "smile", "corners {how} up", _sides("mouthSmile"), "{side} corner {how} up", 12),
    _row(Region.MOUTH, "corner drop", "corners {how} down", _sides("mouthFrown"), "{side} corner {how} down", 15),
    _row(Region.MOUTH, "dimple", "corners {how} tucked in", _sides("mouthDimple"), "{side} corner {how} tucked in", 14),
    _row(
        Region.MOUTH,
        "lip stretch",
        "corners {how} stretched",
        _sides("mouthStretch"),
        "{side} corner {how} stretched",
        20,
    ),
    _row(
        Region.MOUTH,
        "upper lip raise",
        "upper lip {how} raised",
        _sides("mouthUpperUp"),
        "upper lip {how} raised on the {side}",
        10,
    ),
    _row(
        Region.MOUTH,
        "lower lip drop",
        "lower lip {how} lowered",
        _sides("mouthLowerDown"),
        "lower lip {how} lowered on the {side}",
        16,
    ),
    _row(Region.MOUTH, "lip press", "lips {how} pressed", _sides("mouthPress"), "lips {how} pressed on the {side}", 24),
    _row(Region.MOUTH, "lip roll", "lips {how} rolled in", _of("mouthRollLower", "mouthRollUpper"), "", 28),
    _row(Region.MOUTH, "lower lip roll", "lower lip {how} rolled in", _of("mouthRollLower"), "", 28),
    _row(Region.MOUTH, "upper lip roll", "upper lip {how} rolled in", _of("mouthRollUpper"), "", 28),
    # The chin muscle (mentalis) lifts the chin and pushes the lower lip up and out, and that lip the upper one.
    _row(Region.MOUTH, "chin raise", "chin {how} pushed up", _of("mouthShrugLower"), "", 17),
    _row(Region.MOUTH, "upper lip push", "upper lip {how} pushed up", _of("mouthShrugUpper"), "", 17),
    _row(Region.MOUTH, "pucker", "lips {how} puckered", _of("mouthPucker"), "", 18),
    _row(Region.MOUTH, "lip funnel", "lips {how} funnelled", _of("mouthFunnel"), "", 22),
    _row(Region.MOUTH, "lip closing", "lips {how} drawn together", _of("mouthClose"), "", 8),
    _row(Region.MOUTH, "mouth shift", "{how} pulled both ways", _sides("mouth"), _SHIFT, independent=True),
    _row(Region.MOUTH, "tongue out", "tongue {how} out", _of("tongueOut"), "", 19),
)

_JAW: Final = (
    _row(Region.JAW, "jaw drop", "{how} dropped", _of("jawOpen"), "", 26, 27),
    _row(Region.JAW, "jaw thrust", "{how} forward", _of("jawForward"), "", 29),
    _row(Region.JAW, "jaw shift", "{how} pulled both ways", _sides("jaw"), _SHIFT, 30, independent=True),
)

# Two kinds of channel say where a face looks: the eyeLook shapes, which move the lids with the gaze,
# and the angles of the eyeballs themselves. Models fill them apart, so they are told apart.
_GAZE: Final = (
    _row(
        Region.GAZE,
        "crossed gaze",
        "{how} crossed",
        _sides("eyeLookIn"),
        "{side} eye {how} inwards",
        66,
        independent=True,
    ),
    _row(
        Region.GAZE,
        "parted gaze",
        "{how} outwards",
        _sides("eyeLookOut"),
        "{side} eye {how} outwards",
        65,
        independent=True,
    ),
    _row(Region.GAZE, "look to the left", "{how} to the left", _of("eyeLookOutLeft", "eyeLookInRight"), "", 61),
    _row(Region.GAZE, "look to the right", "{how} to the right", _of("eyeLookInLeft", "eyeLookOutRight"), "", 62),
    _row(Region.GAZE, "look up", "{how} up", _sides("eyeLookUp"), "{side} eye {how} up", 63),
    _row(Region.GAZE, "look down", "{how} down", _sides("eyeLookDown"), "{side} eye {how} down", 64),
    _eyeballs("crossed eyes", "crossed", _eyes("Yaw", -1, 1)),
    _eyeballs("parted eyes", "outwards", _eyes("Yaw", 1, -1)),
    _eyeballs("eyes left", "to the left", _eyes("Yaw", 1, 1), "{side} eyeball {how} to the left"),
    _eyeballs("eyes right", "to the right", _eyes("Yaw", -1, -1), "{side} eyeball {how} to the right"),
    _eyeballs("eyes up", "up", _eyes("Pitch", 1, 1), "{side} eyeball {how} up"),
    _eyeballs("eyes down", "down", _eyes("Pitch", -1, -1), "{side} eyeball {how} down"),
    _eyeballs("eyes rolled in", "rolled inwards", _eyes("Roll", -1, 1)),
    _eyeballs("eyes rolled out", "rolled outwards", _eyes("Roll", 1, -1)),
    _eyeballs("eyes rolled left", "rolled left", _eyes("Roll", 1, 1), "{side} eyeball {how} rolled left"),
    _eyeballs("eyes rolled right", "rolled right", _eyes("Roll", -1, -1), "{side} eyeball {how} rolled right"),
)

_HEAD: Final = (
    _head("turn to the left", "{how} turned left", "headYaw", 1, 51),
    _head("turn to the right", "{how} turned right", "headYaw", -1, 52),
    _head("head raise", "{how} raised", "headPitch", 1, 53),
    _head("head drop", "{how} lowered", "headPitch", -1, 54),
    _head("tilt to the left", "{how} tilted left", "headRoll", 1, 55),
    _head("tilt to the right", "{how} tilted right", "headRoll", -1, 56),
)

VOCABULARY: Final[tuple[Movement, ...]] = _BROWS + _EYES + _CHEEKS + _NOSE + _MOUTH + _JAW + _GAZE + _HEAD
"""Every movement. Each channel stands in at least one movement of its own, or of its own pair."""
