"""Plays groups of events on a face: what moves when, how far, and what gives way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from blender_addon.core.anatomy import ANGLE_LIMITS
from blender_addon.core.performance import Role
from blender_addon.core.semantics.scale import INTENSITY_WORDS

from .antagonists import antagonists, opposed_to
from .entries import REGION_OF, Pose, Region
from .events import Event, Gap, Group, Polarity, Speech
from .keys import Keys, Move
from .speech import utterance_of
from .timing import (
    BIG_CHANGE,
    BIG_HEAD_TURN,
    COURSE,
    DWELL,
    LEAD_IN,
    LEAST_SLOW,
    OVERSHOOT,
    SETTLE,
    SHORT_TAIL,
    SPEECH_LAG,
    TAIL,
    TOGETHER_LAG,
)

EMOTION_UNDER_ACT = 0.75
"""Strength of a feeling that colours an act of its own: "nods sadly"."""
CARRIED_UNDER_SPEECH = 0.7
"""Share of an expression's own mouth shapes that shows while the lips speak."""
BLENDED_EMOTION = 0.8
"""Strength of each of two feelings at once."""

_EXPRESSIVE_IN_SPEECH = frozenset(
    f"mouth{shape}{side}"
    for shape in ("Smile", "Frown", "Stretch", "UpperUp", "LowerDown", "Dimple")
    for side in ("Left", "Right")
)
"""Mouth shapes that speech uses too, and that do not keep the lips from closing or rounding."""

_REPLACED = frozenset({Region.BROW, Region.NOSE, Region.CHEEK, Region.MOUTH})
_REPLACED_LIDS = ("eyeSquint", "eyeWide")


@dataclass(frozen=True)
class Beat:
    """A moment to describe: when it is at its fullest, in words, and where the script says so."""

    time: float
    words: str
    source: tuple[int, int] | None
    role: Role = Role.BEAT


@dataclass
class Stage:
    """The face while the script is played.

    dwell: factor on the time between groups, to fill a length that was asked for.
    """

    dwell: float = 1.0
    moves: list[Move] = field(default_factory=list)
    initial: dict[str, float] = field(default_factory=dict)
    beats: list[Beat] = field(default_factory=list)
    end: float = 0.0
    forbidden: set[str] = field(default_factory=set)
    _held: dict[str, float] = field(default_factory=dict)
    _owner: dict[str, Event] = field(default_factory=dict)
    _onset: float = 0.0
    _arrival: float = 0.0
    _stay: float = 0.0
    _until: list[Event] = field(default_factory=list)
    _played: int = 0

    def play(self, groups: Sequence[Group]) -> None:
        """Play all groups in order."""
        for group in groups:
            self._play_group(group)
        self.end = max(self._arrival + self._stay * self.dwell, self.end)

    def keys(self) -> Keys:
        """The movements as keys."""
        keys = Keys.from_moves(self.moves, self.initial)
        keys.part_opposites()
        return keys

    def duration(self, wait_at_end: float = 0.0) -> float:
        """Of the whole performance."""
        tail = SHORT_TAIL if self._stay or wait_at_end else TAIL
        return max(self.end, self._arrival) + (tail + wait_at_end) * self.dwell

    # -- one group ---------------------------------------------------------------------------------

    def _play_group(self, group: Group) -> None:
        start = self._start_of(group)
        for event in self._until:
            self._let_go(event, start)
        self._until = []
        arrival = start
        pose = self._pose_of(group)
        arrival = max(arrival, self._take_up(group, pose, start))
        for event in group.events:
            if event.polarity is Polarity.DO and event.steps:
                arrival = max(arrival, self._gesture(event, start))
            elif event.polarity is Polarity.FADE:
                arrival = max(arrival, self._fade(event, start))
        for speech in group.speech:
            arrival = max(arrival, self._speak(speech, start + (SPEECH_LAG if group.events else 0.0)))
        arrival = max(arrival, self._released(group, arrival))
        if group.until:
            self._until = [event for event in group.events if event.polarity is Polarity.DO]
        self._onset, self._arrival, self._stay = start, arrival, group.stay
        self._played += 1

    def _start_of(self, group: Group) -> float:
        if not self._played:
            start = max(LEAD_IN, group.wait * self.dwell)
        elif group.gap is Gap.TOGETHER and not group.wait and not self._stay:
            start = max(self._onset + TOGETHER_LAG, min(self._arrival, self._onset + 0.5))
        else:
            # A time that the script gives takes the place of the usual rest between two acts.
            rest = self._stay + group.wait or DWELL[group.gap]
            start = self._arrival + rest * self.dwell
        return start if group.at is None else max(group.at, self._onset + 0.1)

    def _pose_of(self, group: Group) -> dict[str, tuple[float, Event]]:
        """The channels that the group takes up, each with the event it comes from.

        An act of a part wins over an expression, an expression over a feeling; what a feeling would
        do against them is left out.
        """
        doing = [event for event in group.events if event.polarity is Polarity.DO]
        feelings = [event for event in doing if event.entry.emotion]
        expressions = [event for event in doing if event.entry.whole and not event.entry.emotion]
        parts = [event for event in doing if not event.entry.whole]
        shown = {name for event in feelings for name in event.main_channels()}
        forbidden = {
            name
            for event in group.events
            if event.polarity is Polarity.FORBID
            # "surprised but not scared": wide eyes belong to both.
            for name in event.main_channels() - (shown if event.entry.emotion else set())
        }
        self.forbidden |= forbidden
        taken: dict[str, tuple[float, Event]] = {}
        share = BLENDED_EMOTION if len(feelings) > 1 else 1.0
        acts = {name for event in (*expressions, *parts) for name in event.channels}
        share *= EMOTION_UNDER_ACT if acts - _GAZE_AND_HEAD else 1.0
        for layer, factor in ((feelings, share), (expressions, 1.0), (parts, 1.0)):
            for event in layer:
                self._lay(taken, event, factor)
        for name in _against(acts, taken):
            taken.pop(name, None)
        for name in forbidden - {name for event in (*expressions, *parts) for name in event.pose}:
            if name in taken or self._held.get(name):
                event = next(e for e in group.events if e.polarity is Polarity.FORBID and name in e.main_channels())
                taken[name] = (0.0, event)
        return taken

    def _lay(self, taken: dict[str, tuple[float, Event]], event: Event, factor: float) -> None:
        if event.undo and self._undone(event, taken):
            return
        self._suppose(event)
        for name in list(self._held):
            if REGION_OF[name] in event.entry.rest and self._held[name]:
                taken[name] = (0.0, event)
        for name, value in event.pose.items():
            old = taken.get(name)
            if old is not None and event.entry.emotion and old[1].entry.emotion:
                taken[name] = max((old, (value * factor, event)), key=lambda pair: abs(pair[0]))
            elif old is not None and _is_stronger(old, value, name, event):
                continue
            elif not self._kept_in_passing(name, value, event) and not self._kept_by_act(name, value * factor, event):
                taken[name] = (value * factor, event)
                self._drop_opposites(taken, name, value, event)

    def _kept_by_act(self, name: str, value: float, event: Event) -> bool:
        """Eyes that were closed, a head that was turned by an act of its own stay so under a feeling."""
        owner = self._owner.get(name)
        if owner is None or not event.entry.whole or owner.entry.whole or owner is event:
            return False
        return not self._gives_way(name, parts_too=True) and abs(self._held.get(name, 0.0)) > abs(value)

    def _kept_in_passing(self, name: str, value: float, event: Event) -> bool:
        """An act does not weaken in passing what another act holds."""
        passing = not event.entry.whole and name not in event.main_channels()
        return passing and 0 < value < self._held.get(name, 0.0)

    def _drop_opposites(self, taken: dict[str, tuple[float, Event]], name: str, value: float, event: Event) -> None:
        """Of two expressions at once the later one prevails where they work against each other."""
        if value > 0.1 and not event.entry.emotion:
            for other in opposed_to(name):
                if other in taken and taken[other][1] is not event:
                    del taken[other]

    def _undone(self, event: Event, taken: dict[str, tuple[float, Event]]) -> bool:
        """ "raises them, then lowers them again" ends where it began."""
        opposed = {other for name, value in event.pose.items() if value for other in antagonists(name)}
        back = [name for name in opposed if abs(self._held.get(name, 0.0)) > 0.15]
        angles = [n for n, v in event.pose.items() if n in ANGLE_LIMITS and v * self._held.get(n, 0.0) < -0.01]
        for name in (*back, *angles, *(_GAZE if _GAZE & set(angles) else ())):
            taken[name] = (0.0, event)
        return bool(back or angles)

    def _suppose(self, event: Event) -> None:
        """Eyes that open were closed, lips that close were open: so from the beginning, if nothing said otherwise."""
        for name, value in event.entry.before.items():
            if not self._touched(name) and _is_told(event):
                self.initial[name] = self._held[name] = value

    def _touched(self, name: str) -> bool:
        return name in self.initial or name in self._held or any(move.channel == name for move in self.moves)

    # -- taking up and letting go ------------------------------------------------------------------

    def _take_up(self, group: Group, pose: Mapping[str, tuple[float, Event]], start: float) -> float:
        pose = self._with_what_gives_way(group, pose)
        arrival = start
        for name, (value, event) in pose.items():
            arrival = max(arrival, self._move_to(name, value, event, start))
        for event in group.events:
            if event.polarity is Polarity.DO and not event.steps:
                self._describe(event, pose, start)
        return arrival

    def _with_what_gives_way(
        self, group: Group, pose: Mapping[str, tuple[float, Event]]
    ) -> dict[str, tuple[float, Event]]:
        """The pose, and what is held against it going back to rest."""
        full = dict(pose)
        expressions = (e for e in group.events if e.polarity is Polarity.DO and e.entry.whole and not e.entry.rest)
        parts_too = group.gap in (Gap.FIRM, Gap.SENTENCE)
        for whole in expressions:
            old = (name for name, value in self._held.items() if value and name not in full)
            full.update({name: (0.0, whole) for name in old if self._gives_way(name, parts_too=parts_too)})
        for name, (value, event) in pose.items():
            if abs(value) > 0.1 and not event.entry.emotion:
                against = (other for other in antagonists(name) if other not in full)
                full.update({other: (0.0, event) for other in against if abs(self._held.get(other, 0.0)) > 0.05})
        return full

    def _gives_way(self, name: str, *, parts_too: bool) -> bool:
        """Whether a new expression of the whole face replaces what is held on a channel."""
        owner = self._owner.get(name)
        if owner is None or owner.entry.whole:
            return True
        return parts_too and (REGION_OF[name] in _REPLACED or name.startswith(_REPLACED_LIDS))

    def _move_to(self, name: str, value: float, event: Event, start: float, *, letting_go: bool = False) -> float:
        held = self._held.get(name, 0.0)
        course = COURSE[REGION_OF[name]]
        pace = event.speed / event.entry.tempo
        onset = start + course.lead * min(pace, 1.5)
        end = onset + _seconds(event, course.release if letting_go or abs(value) < abs(held) else course.attack)
        beat = len(self.beats)
        if abs(value - held) > 0.012:
            self.moves.extend(self._course_of(name, held, value, onset, end, beat, quick=pace < 0.9))
        self._held[name] = value
        self._owner[name] = event
        return end if abs(value - held) > 0.012 else start

    def _course_of(
        self, name: str, held: float, value: float, onset: float, end: float, beat: int, *, quick: bool
    ) -> Iterator[Move]:
        """One movement; a big quick one runs over and settles, a big head turn winds up first."""
        change = value - held
        if name == "headYaw" and abs(change) >= BIG_HEAD_TURN and end - onset < 1.0:
            yield Move(name, onset, onset + 0.12, held - 0.05 * change, beat)
            onset += 0.12
        big = abs(change) >= (BIG_HEAD_TURN if name in ANGLE_LIMITS else BIG_CHANGE)
        over = value + OVERSHOOT * change
        limit = ANGLE_LIMITS.get(name, 1.0)
        if big and quick and abs(over) <= limit and over > -limit and REGION_OF[name] is not Region.GAZE:
            yield Move(name, onset, end, over, beat)
            yield Move(name, end, end + SETTLE, value, beat)
        else:
            yield Move(name, onset, end, value, beat)

    def _let_go(self, event: Event, start: float) -> None:
        for name in event.pose:
            if self._owner.get(name) is event and self._held.get(name):
                self._move_to(name, 0.0, event, start, letting_go=True)

    def _released(self, group: Group, arrival: float) -> float:
        """ "for two seconds": held that long from its arrival, then let go."""
        end = arrival
        for event in group.events:
            if event.hold is None or event.polarity is not Polarity.DO or event.steps:
                continue
            let_go = arrival + event.hold * (self.dwell if event.hold > 0.6 else 1.0)
            for name in [*event.pose]:
                if self._owner.get(name) is event and self._held.get(name):
                    end = max(end, self._move_to(name, 0.0, event, let_go, letting_go=True))
        return end

    def _fade(self, event: Event, start: float) -> float:
        """What was there goes. Where nothing was, and the words suppose it was, it is there from the start."""
        main = event.main_channels()
        there = [name for name in event.channels if abs(self._held.get(name, 0.0)) > 0.03]
        if not any(name in main for name in there) and event.supposed:
            first = {**dict(event.steps[0][1] if event.steps else {}), **event.pose}
            for name, value in first.items():
                if not self._touched(name):
                    self.initial[name] = self._held[name] = value
            there = [name for name in event.channels if self._held.get(name)]
        end = start
        for name in there:
            end = max(end, self._move_to(name, 0.0, event, start, letting_go=True))
        if there:
            self.beats.append(Beat(end, f"fading: {event.entry.does}", event.source))
        return end

    # -- gestures and speech -----------------------------------------------------------------------

    def _gesture(self, event: Event, start: float) -> float:
        self._describe_gesture(event, start)
        beat = len(self.beats) - 1
        pace = min(2.5, max(0.6, event.speed)) if event.over is None else event.over / event.steps[-1][0]
        length = event.steps[-1][0] * pace
        for turn in range(event.count):
            begin = start + turn * length
            self._steps(event, begin, pace, beat, last=turn == event.count - 1)
        return start + length * event.count

    def _steps(self, event: Event, begin: float, pace: float, beat: int, *, last: bool) -> None:
        before: dict[str, float] = {}
        for number, (time, pose) in enumerate(event.steps):
            final = number == len(event.steps) - 1
            for name, value in self._stage_pose(event, pose, final=final, last=last).items():
                since = before.get(name, 0.0)
                self.moves.append(Move(name, begin + since * pace, begin + time * pace, value, beat))
                before[name] = time
        if last:
            for name, value in event.leaves.items():
                self._held[name], self._owner[name] = value, event

    def _stage_pose(self, event: Event, pose: Pose, *, final: bool, last: bool) -> dict[str, float]:
        """A stage on top of what is held; the final one gives it back."""
        if final:
            names = {name for _, stage in event.steps for name in stage}
            leaves = event.leaves if last else {}
            return {
                name: max(self._held.get(name, 0.0), leaves.get(name, 0.0))
                if name not in ANGLE_LIMITS
                else self._held.get(name, 0.0)
                for name in names
            }
        stage = {}
        for name, value in pose.items():
            held = self._held.get(name, 0.0)
            if name in ANGLE_LIMITS:
                limit = ANGLE_LIMITS[name]
                stage[name] = max(-limit, min(limit, held + value if REGION_OF[name] is Region.HEAD else value))
            else:
                stage[name] = value if name.startswith("eyeLook") else max(held, value)
            for other in opposed_to(name):
                if stage[name] > 0.1 and self._held.get(other, 0.0) > 0.05 and other not in pose:
                    stage[other] = 0.0
        return stage

    def _speak(self, speech: Speech, start: float) -> float:
        utterance = utterance_of(speech)
        beat = len(self.beats)
        source = (speech.token.start, speech.token.end)
        self.beats.append(Beat(start, f'says "{_short(speech.token.text)}"', source, Role.SPEECH))
        for name, keys in utterance.keys.items():
            held = self._held.get(name, 0.0)
            previous = keys[0][0]
            for number, (time, value) in enumerate(keys[1:], start=1):
                under = CARRIED_UNDER_SPEECH * held if name in _EXPRESSIVE_IN_SPEECH else 0.0
                reached = held if number == len(keys) - 1 else max(value, under)
                self.moves.append(Move(name, start + previous, start + time, reached, beat, Role.SPEECH))
                previous = time
        return start + utterance.duration

    # -- words -------------------------------------------------------------------------------------

    def _describe(self, event: Event, pose: Mapping[str, tuple[float, Event]], start: float) -> None:
        own = [(abs(value), name) for name, (value, source) in pose.items() if source is event]
        largest = max(own, default=(0.0, "browInnerUp"))[1]
        course = COURSE[REGION_OF[largest]]
        pace = event.speed / event.entry.tempo
        time = start + course.lead * min(pace, 1.5) + _seconds(event, course.attack)
        self.beats.append(Beat(time, description_of(event), event.source))

    def _describe_gesture(self, event: Event, start: float) -> None:
        peak = max(event.steps, key=lambda step: sum(abs(value) for value in step[1].values()))[0]
        self.beats.append(Beat(start + peak * event.speed, description_of(event), event.source))


def _is_stronger(old: tuple[float, Event], value: float, name: str, event: Event) -> bool:
    """Of two acts that both want a shape the stronger has it; a feeling keeps what an act does in passing."""
    if not 0 < value < old[0] or name in ANGLE_LIMITS:
        return False
    return not old[1].entry.emotion or name not in event.main_channels()


def _seconds(event: Event, usual: float) -> float:
    """How long a movement takes, by what is usual for its region and by the words of the script."""
    if event.over is not None:
        return event.over
    paced = usual * event.speed / event.entry.tempo
    return max(paced, LEAST_SLOW) if event.speed > 1.5 else paced


def description_of(event: Event) -> str:
    """What is seen, with its degree and side: "the eyebrows rise, slightly, on the left"."""
    degree = next((word for limit, word in _DEGREE_WORDS if event.strength <= limit), "")
    side = f"on the {event.side.lower()}" if event.side else ""
    times = f"{event.count} times" if event.count > 1 else ""
    return ", ".join(part for part in (event.entry.does, degree, side, times) if part)


_PLAIN_WORDS = (*INTENSITY_WORDS[:3], "", *INTENSITY_WORDS[3:])
_DEGREE_WORDS = tuple(zip((0.4, 0.7, 0.9, 1.1, 1.4, 9.0), _PLAIN_WORDS, strict=True))


def _short(text: str) -> str:
    return text if len(text) <= 48 else text[:45].rstrip() + "..."


_GAZE = frozenset(name for name, region in REGION_OF.items() if region is Region.GAZE)
_GAZE_AND_HEAD = frozenset(name for name, region in REGION_OF.items() if region in (Region.GAZE, Region.HEAD))


def _is_told(event: Event) -> bool:
    """ "her eyes open" tells of a movement; "with open eyes" only describes."""
    words = event.words.lower().split()
    return not any(word in ("opened", "closed", "open") and index == 0 for index, word in enumerate(words)) and not (
        {"is", "are", "remain", "remains", "stay", "stays", "keep", "keeps", "kept", "keeping", "with"} & set(words)
    )


def _against(acts: set[str], taken: Mapping[str, tuple[float, Event]]) -> list[str]:
    """Channels of feelings that would work against the acts of the same moment."""
    return [
        name
        for name, (value, event) in taken.items()
        if event.entry.emotion
        and name not in acts
        and value > 0
        and any(other in acts and taken.get(other, (1.0,))[0] > 0.1 for other in antagonists(name))
    ]
