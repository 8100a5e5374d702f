"""What a group of events asks of the face: acts over expressions over feelings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from blender_addon.core.anatomy import ANGLE_LIMITS

from .antagonists import antagonists, opposed_to
from .entries import REGION_OF, Region, gaze_pitch, gaze_yaw
from .events import Event, Gap, Group, Polarity
from .fixation import SHUT
from .held import PUT_ON, HeldFace, shows

FEELING_UNDER_ACT = 0.9
"""Strength of a feeling that colours an act of its own: "nods sadly"."""
FAINT = 0.35
"""Up to this the lids of an act give way to those of a feeling."""
TURNED = 0.1
"""Radians from which the eyes look somewhere."""
BLENDED_FEELING = 0.8
"""Strength of each of two feelings at once."""

RAISED = 0.3
"""From this a shape that works against another says that the other was not there."""
ANOTHER_MOMENT = 0.5
"""Seconds of pause from which an expression replaces acts of parts too."""

_REPLACED = frozenset({Region.BROW, Region.NOSE, Region.CHEEK, Region.MOUTH})
_REPLACED_LIDS = ("eyeSquint", "eyeWide")
_SMILES = frozenset({"mouthSmileLeft", "mouthSmileRight"})
_WIDE = frozenset({"eyeWideLeft", "eyeWideRight"})
_BITES = frozenset({"bite_lip", "bite_upper_lip"})
_GAZE = frozenset(name for name, region in REGION_OF.items() if region is Region.GAZE)
_GAZE_AND_HEAD = frozenset(name for name, region in REGION_OF.items() if region in (Region.GAZE, Region.HEAD))
_AGAIN = frozenset({"again", "back"})
_AXIS_OF = {**dict.fromkeys(gaze_yaw(0), "leftEyeYaw"), **dict.fromkeys(gaze_pitch(0), "leftEyePitch")}
"""The angle that every channel of the gaze goes with."""

Taken = dict[str, tuple[float, Event]]
"""The channels that a group takes up, each with the event it comes from."""


@dataclass
class _Layers:
    """The events of a group by what they are, and what they take up."""

    face: HeldFace
    feelings: Sequence[Event]
    expressions: Sequence[Event]
    parts: Sequence[Event]
    taken: Taken = field(default_factory=dict)

    @property
    def acts(self) -> frozenset[str]:
        """Every channel that an act or an expression touches."""
        return frozenset(name for event in (*self.expressions, *self.parts) for name in event.channels)

    @property
    def lasting_acts(self) -> frozenset[str]:
        """The channels that acts take up for good, or that a gesture is about; a wink lifts the mouth in passing."""
        events = (*self.expressions, *self.parts)
        return frozenset(name for event in events for name in (*event.pose, *event.leaves, *event.main_channels()))

    def share_of_feelings(self) -> float:
        """Full where the act is how the feeling shows, less where it is an act of its own."""
        share = BLENDED_FEELING if len(self.feelings) > 1 else 1.0
        shown = bool(self.expressions) and all(_shows_any(event, self.feelings) for event in self.expressions)
        return share * (FEELING_UNDER_ACT if self.acts - _GAZE_AND_HEAD and not shown else 1.0)

    def lay(self, event: Event, factor: float) -> None:
        """Put one event on top of what is taken up."""
        if event.undo and self._undone(event):
            return
        if _is_told(event):
            self._suppose_before(event)
        if event.lasting:
            for name, value in event.pose.items():
                self.face.suppose(name, value)
        for name, held in self.face.values.items():
            if held and REGION_OF[name] in event.entry.rest:
                self.taken[name] = (0.0, event)
        feelings = self._feelings_shown_by(event)
        for name, value in event.pose.items():
            if not self._left_to_feeling(event, name, value, feelings):
                self._lay_channel(event, name, value, factor)

    def _suppose_before(self, event: Event) -> None:
        """What must have been there; brows that went up and relax were never knit."""
        for name, value in event.entry.before.items():
            if all(self.face.at(other) <= RAISED for other in antagonists(name)):
                self.face.suppose(name, value)

    def _lay_channel(self, event: Event, name: str, value: float, factor: float) -> None:
        old = self.taken.get(name)
        if old is not None and event.entry.emotion and old[1].entry.emotion:
            self.taken[name] = max((old, (value * factor, event)), key=lambda pair: abs(pair[0]))
        elif old is not None and _is_stronger(old, value, name, event):
            return
        elif not self._kept_in_passing(name, value, event) and not self._kept_by_act(name, value * factor, event):
            self.taken[name] = (value * factor, event)
            self._drop_opposites(name, value, event)

    def _feelings_shown_by(self, event: Event) -> list[Event]:
        """The feelings, of the moment or held, that an expression is the look of."""
        if event.entry.emotion or not event.entry.whole:
            return []
        held = self.face.feeling_behind(event)
        return [feeling for feeling in (*self.feelings, *([held] if held else [])) if shows(event, feeling)]

    def _left_to_feeling(self, event: Event, name: str, value: float, feelings: Sequence[Event]) -> bool:
        """A furious glare: what the glare does in passing is as the fury has it, and no less than that."""
        if event.entry.emotion:
            return False
        if REGION_OF[name] is Region.LID and 0 <= value <= FAINT and self._shows_in_lids():
            return True
        if not feelings:
            return False
        if name in event.main_channels():
            owned = self.face.owners.get(name) in feelings
            felt = max(self.taken.get(name, (0.0, event))[0], self.face.at(name) if owned else 0.0)
            return 0 < value < felt
        return REGION_OF[name] in {region for feeling in feelings for region in feeling.regions}

    def _shows_in_lids(self) -> bool:
        """Whether a feeling of the moment lives in the lids, as boredom and fear do: "stares, bored"."""
        return any(REGION_OF[name] is Region.LID for feeling in self.feelings for name in feeling.main_channels())

    def _kept_by_act(self, name: str, value: float, event: Event) -> bool:
        """Eyes that were closed, a head that was turned by an act of its own stay so under a feeling."""
        owner = self.face.owners.get(name)
        if REGION_OF[name] is Region.GAZE and event.entry.whole and self._gaze_is_set():
            return True
        if owner is None or not event.entry.whole or owner.entry.whole or owner is event:
            return False
        return not _gives_way(self.face, name, parts_too=True) and abs(self.face.at(name)) > abs(value)

    def _gaze_is_set(self) -> bool:
        """Whether an act of its own has turned the eyes; they look one way, so all of the gaze is its."""
        turned = (name for name in ANGLE_LIMITS if name.startswith(("leftEye", "rightEye")))
        return any(
            abs(self.face.at(name)) > TURNED and (owner := self.face.owners.get(name)) and not owner.entry.whole
            for name in turned
        )

    def _kept_in_passing(self, name: str, value: float, event: Event) -> bool:
        """An act does not weaken in passing what another act holds."""
        if name in _AXIS_OF:  # the shapes around the eyes go as the eyes do
            name = _AXIS_OF[name]
            value, held = event.pose.get(name, 0.0), self.face.at(name)
            passing = not event.entry.whole and name not in event.main_channels()
            return passing and value * held > 0 and abs(value) < abs(held)
        passing = not event.entry.whole and name not in event.main_channels()
        passing = passing and not (name == "jawOpen" and event.entry.name in _BITES)  # nobody bites with the mouth open
        return passing and 0 < value < self.face.at(name)

    def _drop_opposites(self, name: str, value: float, event: Event) -> None:
        """Of two expressions at once the later one prevails where they work against each other."""
        if value > 0.1 and not event.entry.emotion:
            for other in opposed_to(name):
                if other in self.taken and self.taken[other][1] is not event:
                    del self.taken[other]

    def _undone(self, event: Event) -> bool:
        """ "raises them, then lowers them again" ends where it began; eyes that open wide do more than that."""
        if not _WIDE.isdisjoint(event.main_channels()) and _AGAIN.isdisjoint(event.words.lower().split()):
            return False
        opposed = {other for name, value in event.pose.items() if value for other in antagonists(name)}
        back = [name for name in opposed if abs(self.face.at(name)) > 0.15]
        angles = [n for n, v in event.pose.items() if n in ANGLE_LIMITS and v * self.face.at(n) < -0.01]
        angles = angles or self._come_back_already(event)
        for name in (*back, *angles):
            self.taken[name] = (0.0, event)
        if not _GAZE.isdisjoint(angles):
            self.taken.update(self._gaze_undone(event))
        return bool(back or angles)

    def _come_back_already(self, event: Event) -> list[str]:
        """ "looks up for a second, then down again": a look that does not last has come back by itself."""
        owner = self.face.owners.get("leftEyePitch")
        if owner is None or owner.hold is None or _AGAIN.isdisjoint(event.words.lower().split()):
            return []
        return [n for n in ("leftEyePitch", "rightEyePitch") if owner.pose.get(n, 0.0) * event.pose.get(n, 0.0) < 0]

    def _gaze_undone(self, event: Event) -> Taken:
        """ "looks up, then down again" ends where the eyes were before; "looks down, then up" at who is there."""
        if _AGAIN.isdisjoint(event.words.lower().split()):
            return dict.fromkeys(_GAZE, (0.0, event))
        owner = self.face.owners.get("leftEyePitch")
        turned = (name for name in _GAZE if self.face.owners.get(name) is owner)
        return {name: (self.face.before.get(name, 0.0), event) for name in turned}

    def drop_what_is_masked(self) -> None:
        """Under a smile that is put on, a feeling keeps all but the mouth."""
        if any(event.mask for event in self.expressions):
            hidden = [n for n, (_, event) in self.taken.items() if event.entry.emotion and REGION_OF[n] in PUT_ON]
            for name in hidden:
                del self.taken[name]

    def drop_what_works_against_acts(self) -> None:
        """A feeling gives way to the acts of the same moment."""
        for name in _against(self.lasting_acts, self.taken):
            del self.taken[name]

    def open_eyes_that_look(self) -> None:
        """Who looks around has the eyes open, unless the same moment closes them."""
        look = next((event for event in self.parts if _is_look(event)), None)
        for name in ("eyeBlinkLeft", "eyeBlinkRight"):
            closed_now = max(
                self.taken.get(name, (0.0,))[0], max((e.pose.get(name, 0.0) for e in self.parts), default=0)
            )
            if look and self.face.at(name) > SHUT > closed_now:
                self.taken[name] = (look.pose.get(name, 0.0), look)


def pose_of(group: Group, face: HeldFace) -> tuple[Taken, set[str]]:
    """The channels that the group takes up, and those that it rules out.

    An act of a part wins over an expression, an expression over a feeling; what a feeling would
    do against them is left out.
    """
    doing = [event for event in group.events if event.polarity is Polarity.DO]
    feelings = [event for event in doing if event.entry.emotion]
    expressions = [event for event in doing if event.entry.whole and not event.entry.emotion]
    layers = _Layers(face, feelings, expressions, [event for event in doing if not event.entry.whole])
    share = layers.share_of_feelings()
    for event in feelings:
        layers.lay(event, share)
    layers.drop_what_is_masked()
    for event in (*layers.expressions, *layers.parts):
        layers.lay(event, 1.0)
    layers.drop_what_works_against_acts()
    layers.open_eyes_that_look()
    forbidden = _forbidden(group, feelings)
    for name in forbidden - {name for event in (*layers.expressions, *layers.parts) for name in event.pose}:
        if name in layers.taken or face.at(name):
            event = next(e for e in group.events if e.polarity is Polarity.FORBID and name in e.main_channels())
            layers.taken[name] = (0.0, event)
            layers.taken.update(_gone_with(name, face, event, layers.taken))
    return layers.taken, forbidden


def _gone_with(name: str, face: HeldFace, event: Event, taken: Taken) -> Taken:
    """ "she grins; he doesn't grin back": the cheeks of a grin go with its mouth."""
    owner = face.owners.get(name)
    if owner is None or owner.entry is not event.entry:
        return {}
    return {n: (0.0, event) for n, by in face.owners.items() if by is owner and n not in taken and face.at(n)}


def _forbidden(group: Group, feelings: Iterable[Event]) -> set[str]:
    """ "surprised but not scared": wide eyes belong to both, and stay."""
    shown = {name for event in feelings for name in event.main_channels()}
    return {
        name
        for event in group.events
        if event.polarity is Polarity.FORBID and not event.fixes
        for name in event.main_channels() - (shown if event.entry.emotion else set())
    }


def with_what_gives_way(group: Group, pose: Mapping[str, tuple[float, Event]], face: HeldFace) -> Taken:
    """The pose, and what is held against it going back to rest."""
    full = dict(pose)
    # after a pause it is another moment, as after a full stop
    gap = Gap.FIRM if group.gap is Gap.SOFT and group.wait >= ANOTHER_MOMENT else group.gap
    for whole in (e for e in group.events if e.polarity is Polarity.DO and e.entry.whole and not e.entry.rest):
        for name, value in face.values.items():
            if value and name not in full and _gives_way_to(whole, name, gap, face):
                full[name] = (0.0, whole)
    for name, (value, event) in pose.items():
        if abs(value) > 0.1 and not event.entry.emotion:
            against = (other for other in antagonists(name) if other not in full)
            full.update({other: (0.0, event) for other in against if abs(face.at(other)) > 0.05})
    return full


def _gives_way_to(whole: Event, name: str, gap: Gap, face: HeldFace) -> bool:
    """Whether a new expression sends what is held on a channel back to rest."""
    if whole.mask and REGION_OF[name] not in PUT_ON:
        return False
    owner = face.owners.get(name)
    if owner is not None and shows(whole, owner):
        return False
    if owner is not None and owner.entry.name in _BITES and gap is not Gap.TOGETHER:
        return not whole.main_channels().isdisjoint(_SMILES)  # the lip slips out as the smile comes
    if name == "jawOpen" and gap in (Gap.FIRM, Gap.SENTENCE) and not whole.entry.emotion:
        return not whole.main_channels().isdisjoint(_SMILES)  # a jaw that dropped comes up into the grin
    return _gives_way(face, name, parts_too=gap in (Gap.FIRM, Gap.SENTENCE))


def _gives_way(face: HeldFace, name: str, *, parts_too: bool) -> bool:
    """Whether a new expression of the whole face replaces what is held on a channel."""
    owner = face.owners.get(name)
    if owner is None or owner.entry.whole or owner.pose.get("tongueOut"):
        return True  # nobody smiles or starts with the tongue still out
    if REGION_OF[name] is Region.GAZE and any(_looks_away(other) for other in face.owners.values()):
        return True  # "looks up, thinking": the look goes with the thought
    earlier = face.since.get(name, 0) < face.turn
    return (parts_too or earlier) and (REGION_OF[name] in _REPLACED or name.startswith(_REPLACED_LIDS))


def _looks_away(event: Event) -> bool:
    """A thought, a shame: what shows in where the eyes look."""
    return event.entry.whole and not _GAZE.isdisjoint(event.main_channels())


def _is_look(event: Event) -> bool:
    return all(REGION_OF[name] is Region.GAZE for name in event.main_channels()) and bool(event.channels)


def _shows_any(expression: Event, feelings: Iterable[Event]) -> bool:
    return any(shows(expression, feeling) for feeling in feelings)


def _is_stronger(old: tuple[float, Event], value: float, name: str, event: Event) -> bool:
    """Of two acts that both want a shape the stronger has it; a feeling keeps what an act does in passing."""
    if not 0 < value < old[0] or name in ANGLE_LIMITS:
        return False
    return not old[1].entry.emotion or name not in event.main_channels()


def _is_told(event: Event) -> bool:
    """ "her eyes open" tells of a movement; "with open eyes" only describes."""
    words = event.words.lower().split()
    return not any(word in ("opened", "closed", "open") and index == 0 for index, word in enumerate(words)) and not (
        {"is", "are", "remain", "remains", "stay", "stays", "keep", "keeps", "kept", "keeping", "with"} & set(words)
    )


def _against(acts: frozenset[str], taken: Taken) -> list[str]:
    """Channels of feelings that would work against the acts of the same moment."""
    return [
        name
        for name, (value, event) in taken.items()
        if event.entry.emotion
        and name not in acts
        and value > 0
        and any(other in acts and taken.get(other, (1.0,))[0] > 0.1 for other in antagonists(name))
    ]
