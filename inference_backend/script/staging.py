"""Plays groups of events on a face: what moves when, how far, and what gives way."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from blender_addon.core.anatomy import ANGLE_LIMITS
from blender_addon.core.performance import Role

from .antagonists import opposed_to
from .delivering import Delivery
from .describing import Beat, description_of, fading_description_of
from .entries import REGION_OF, Pose, Region, gaze_pitch
from .events import Event, Gap, Group, Polarity
from .fixation import GAZE, SHUT, Fixation, fixation_in
from .held import HeldFace, carried_over, is_start_of_change, passed_on
from .keys import Keys, Move
from .layering import TURNED, Taken, pose_of, with_what_gives_way
from .timing import (
    AFTER_HOLD,
    BIG_CHANGE,
    BIG_HEAD_TURN,
    BRIEF,
    COURSE,
    DWELL,
    LEAD_IN,
    OVERSHOOT,
    QUICKEST_GESTURE,
    SETTLE,
    SHORT_TAIL,
    SLOWEST_GESTURE,
    SPEECH_LAG,
    TAIL,
    TOGETHER_LAG,
    seconds_for,
)

LIDS = ("eyeBlinkLeft", "eyeBlinkRight")
CLOSED = 0.95
"""From this a lid is quite closed, and not only lowered."""
REOPENED = 0.3
"""Seconds that eyes stay open before they wink or blink."""


@dataclass
class Stage:
    """The face while the script is played.

    dwell: factor on the time between groups, to fill a length that was asked for.
    idle: the words that ask for nothing that is not so already.
    onsets: the second at which each group set in.
    """

    dwell: float = 1.0
    moves: list[Move] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    end: float = 0.0
    forbidden: set[str] = field(default_factory=set)
    idle: list[str] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)
    _face: HeldFace = field(default_factory=HeldFace)
    _onset: float = 0.0
    _arrival: float = 0.0
    _stay: float = 0.0
    _held: bool = False
    _until: list[Event] = field(default_factory=list)
    _fixation: Fixation | None = None
    _played: int = 0
    _acted: set[str] = field(default_factory=set)
    _main: set[str] = field(default_factory=set)
    _dipped: set[str] = field(default_factory=set)
    """The entries that wavered last: that they are back by themselves is no news."""
    _group_began: int = 0
    """The number of moves before those of the group that is played."""
    _busy: dict[str, float] = field(default_factory=dict)
    """Until when a gesture moves each channel."""

    def __post_init__(self) -> None:
        self._delivery = Delivery(self.moves, self.beats, self._face)

    def play(self, groups: Sequence[Group]) -> None:
        """Play all groups in order."""
        for group, following in zip_longest(groups, groups[1:]):
            self._play_group(group, following)
        self.end = max(self._arrival + self._stay * self.dwell, self.end)

    def keys(self) -> Keys:
        """The movements as keys."""
        keys = Keys.from_moves(self.moves, self._face.initial)
        spoken = {move.channel for move in self.moves if move.role is Role.SPEECH}
        keys.drop_traces(keeping=self._main | spoken | self._face.initial.keys())
        keys.part_opposites()
        return keys

    def duration(self, wait_at_end: float = 0.0) -> float:
        """Of the whole performance."""
        tail = SHORT_TAIL if self._stay or wait_at_end else TAIL
        return max(self.end, self._arrival) + (tail + wait_at_end) * self.dwell

    # -- one group ---------------------------------------------------------------------------------

    def _play_group(self, group: Group, following: Group | None) -> None:
        start = self._start_of(group)
        self.onsets.append(start)
        self._face.turn += group.gap in (Gap.FIRM, Gap.SENTENCE)
        taken_over = {name for e in group.events if e.polarity is Polarity.DO for name in e.pose}
        moves, beats = len(self.moves), len(self.beats)
        self._group_began = moves
        head = self._face.at("headYaw"), self._face.at("headPitch")
        for event in self._until:
            self._let_go(event, start, keeping=taken_over)
        let_go = len(self.moves) - moves
        self._until = []
        arrival = start
        pose, forbidden = pose_of(group, self._face)
        self.forbidden |= forbidden
        self._fixation = fixation_in(group, self._face, self._fixation)
        taken_up = self._take_up(group, pose, start)
        posed = len(self.moves)
        arrival = max(arrival, taken_up)
        arrival = max(arrival, self._gestures_and_speech(group, start, keeping=carried_over(group, following)))
        gestured = len(self.moves)
        arrival = max(arrival, self._released(group, start, taken_up, keeping=passed_on(group, following)))
        self._keep_eyes_fixed(moves, slice(posed, gestured), head)
        if group.until:
            self._until = [event for event in group.events if event.polarity is Polarity.DO]
        if group.on_word:
            self._delivery.give_way(taken_over, group.on_word[0], start)
        self._go_on_from(group, start, arrival)
        self._main.update(name for event in group.events for name in event.main_channels())
        self._held = group.ends is not None or any(event.hold and event.hold > BRIEF for event in group.events)
        self._played += 1
        self._face.touched.update(move.channel for move in self.moves[moves + let_go :])
        words = dict.fromkeys(event.words for event in group.events)
        if len(self.moves) == moves + let_go and not any(event.lasting for event in group.events):
            del self.beats[beats:]
            if not (let_go or self._needs_no_move(group, following)):
                self.idle.extend(said for said in words if said not in self._acted)
        else:
            self._acted.update(words)
            self.idle = [said for said in self.idle if said not in words]
        self._dipped = {event.entry.name for event in group.events if event.dips}

    def _needs_no_move(self, group: Group, following: Group | None) -> bool:
        """A wait that is kept, what came back by itself, and what only says what there was: no news, and not idle."""
        waits = any((e.hold or 0.0) > BRIEF or e.entry.name in self._dipped for e in group.events)
        return waits or is_start_of_change(group, following)

    def _start_of(self, group: Group) -> float:
        if group.onset is not None:
            return group.onset
        on_word = self._delivery.start_of_word(*group.on_word) if group.on_word else None
        if on_word is not None:
            return on_word
        if not self._played:
            start = max(LEAD_IN, group.wait * self.dwell)
        elif group.gap is Gap.TOGETHER and not group.wait and not self._stay:
            start = max(self._onset + TOGETHER_LAG, min(self._arrival, self._onset + 0.5), self._free_for(group))
        else:
            # A time that the script gives takes the place of the usual rest between two acts.
            rest = self._stay + group.wait or (AFTER_HOLD if self._held else DWELL[group.gap])
            start = self._arrival + rest * self.dwell
        return start if group.at is None else max(group.at, self._onset + 0.1)

    def _go_on_from(self, group: Group, start: float, arrival: float) -> None:
        """What comes next follows the group, and what still goes on beside it."""
        if group.on_word or group.gap is Gap.TOGETHER:
            arrival = max(self._arrival, arrival)
        self._arrival = arrival if group.ends is None else max(start, group.ends)
        if not group.on_word:
            self._onset, self._stay = start, group.stay

    def _free_for(self, group: Group) -> float:
        """When no gesture moves any more what the acts of the group are about: "sniffs and wrinkles her nose"."""
        acts = (e for e in group.events if e.polarity is Polarity.DO and not e.entry.emotion)
        return max((self._busy.get(name, 0.0) for act in acts for name in act.main_channels()), default=0.0)

    # -- taking up and letting go ------------------------------------------------------------------

    def _take_up(self, group: Group, pose: Mapping[str, tuple[float, Event]], start: float) -> float:
        pose = with_what_gives_way(group, pose, self._face)
        if self._fixation is not None:
            head = self._face.at("headYaw"), self._face.at("headPitch")
            pose |= self._fixation.taken_up(self.moves, *head, start)
        else:
            pose |= self._level_look(group, pose, start)
        arrival = start
        gestured = {name for e in group.events if e.polarity is Polarity.DO for _, stage in e.steps for name in stage}
        for name, (value, event) in pose.items():
            if name in gestured:
                # A gesture carries the channel there itself: a nod in sorrow ends with the head sunk.
                self._face.hold(name, value, event)
                continue
            arrival = max(arrival, self._move_to(name, value, event, start))
        for event in group.events:
            if event.polarity is Polarity.DO and not event.steps:
                self._describe(event, pose, start)
        return arrival

    def _keep_eyes_fixed(self, since: int, gestured: slice, head: tuple[float, float]) -> None:
        """The eyes turn against what the head did since then; what gestures did to them is dropped."""
        if self._fixation is None:
            return
        released = [move for move in self.moves[gestured.stop :] if move.channel in GAZE]
        self.moves[gestured] = [move for move in self.moves[gestured] if move.channel not in GAZE]
        counter = list(self._fixation.against(sorted(self.moves[since:], key=lambda move: move.start), *head))
        if counter:
            self.moves.extend(counter)
            self._main.update(GAZE)
        if counter and not released:
            fixed = self._fixation.eyes(self._face.at("headYaw"), self._face.at("headPitch"))
            for name, value in fixed.items():
                self._face.hold(name, value, self._fixation.event)

    def _level_look(self, group: Group, pose: Taken, start: float) -> Taken:
        """Who glares with the chin up glares at somebody, and not at the ceiling: the eyes go against the head."""
        glare = next((e for e in group.events if e.entry.level and e.polarity is Polarity.DO), None)
        tilt, lifting = pose.get("headPitch", (self._face.at("headPitch"), glare))
        if glare is None or lifting is None or abs(tilt) < TURNED or abs(self._face.at("leftEyePitch")) > TURNED:
            return {}
        course = COURSE[Region.HEAD]
        lifted = start + course.lead + seconds_for(lifting, course.attack) if "headPitch" in pose else start
        lifted = max([lifted, *(move.end for move in self.moves if move.channel == "headPitch")])
        along = replace(glare, over=max(lifted - start, COURSE[Region.GAZE].attack))
        limit = ANGLE_LIMITS["leftEyePitch"]
        return {name: (value, along) for name, value in gaze_pitch(max(-limit, min(limit, -tilt))).items()}

    def _move_to(self, name: str, value: float, event: Event, start: float, *, letting_go: bool = False) -> float:
        held = self._face.at(name)
        course = COURSE[REGION_OF[name]]
        pace = event.speed / event.entry.tempo
        onset = start + course.lead * min(pace, 1.5)
        end = onset + seconds_for(event, course.release if letting_go or abs(value) < abs(held) else course.attack)
        beat = len(self.beats)
        if abs(value - held) > 0.012:
            quick = pace < 0.9 and event.over is None
            self.moves.extend(self._course_of(name, held, value, onset, end, beat, quick=quick))
        self._face.hold(name, value, event)
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

    def _let_go(self, event: Event, start: float, keeping: Set[str] = frozenset()) -> None:
        for name in event.pose:
            if name not in keeping and self._face.owners.get(name) is event and self._face.at(name):
                self._move_to(name, 0.0, event, start, letting_go=True)

    def _released(self, group: Group, start: float, arrival: float, keeping: Set[str]) -> float:
        """ "for two seconds": held that long from its arrival, then let go; what was there already, from the start."""
        end = start
        for event in group.events:
            if event.hold is None or event.polarity is not Polarity.DO or event.steps:
                continue
            held_from = start if event.lasting else arrival
            let_go = held_from + event.hold * (self.dwell if event.hold > BRIEF else 1.0)
            if group.ends is not None:
                let_go = max(arrival, group.ends)
            end = max(end, let_go)
            for name in event.pose.keys() - keeping:
                self._cut_short(name, group, let_go)
                if self._face.owners.get(name) is event and self._face.at(name):
                    free = max(let_go, self._busy.get(name, 0.0))
                    end = max(end, self._move_to(name, 0.0, event, free, letting_go=True))
        return end

    def _cut_short(self, name: str, group: Group, time: float) -> None:
        """ "jumps, mouth open for half a second": the start moves the mouth no longer than that."""
        if not any(event.steps and name in event.channels for event in group.events):
            return
        self._busy.pop(name, None)
        for index in range(self._group_began, len(self.moves)):
            move = self.moves[index]
            if move.channel == name and move.start >= time and move.role is not Role.SPEECH:
                self.moves[index] = replace(move, start=time, end=time, value=self._face.at(name))

    def _suppose(self, event: Event) -> None:
        """Where nothing was of what goes, and the words suppose it was, it is there from the start."""
        there = any(abs(self._face.at(name)) > 0.03 for name in event.main_channels() - self._face.initial.keys())
        if event.supposed and not there:
            first = {**dict(event.steps[0][1] if event.steps else {}), **event.pose}
            for name, value in first.items():
                self._face.suppose(name, value)

    def _fade(self, event: Event, start: float, keeping: Set[str]) -> float:
        """What was there goes."""
        there = [name for name in event.channels - keeping if abs(self._face.at(name)) > 0.03]
        end = start
        for name in there:
            end = max(end, self._move_to(name, 0.0, event, start, letting_go=True))
        if there:
            self.beats.append(Beat(end, fading_description_of(event), event.source))
        return end

    # -- gestures ---------------------------------------------------------------------------------

    def _gestures_and_speech(self, group: Group, start: float, keeping: Set[str]) -> float:
        """What of the group goes by in time; returns when all of it is over."""
        ends = [start]
        for event in group.events:
            if event.polarity is Polarity.FADE:
                self._suppose(event)
        for event in group.events:
            if event.polarity is Polarity.DO and event.steps:
                ends.append(self._gesture(event, start))
            elif event.polarity is Polarity.FADE:
                ends.append(self._fade(event, start, keeping))
        begin = start + (SPEECH_LAG if group.events else 0.0)
        ends.extend(self._delivery.speak(speech, begin) for speech in group.speech)
        return max(ends)

    def _gesture(self, event: Event, start: float) -> float:
        start = self._opened_for(event, start)
        self._make_way(event, start)
        self._describe_gesture(event, start)
        beat = len(self.beats) - 1
        pace = (
            min(SLOWEST_GESTURE, max(QUICKEST_GESTURE, event.speed))
            if event.over is None
            else event.over / event.steps[-1][0]
        )
        length = event.steps[-1][0] * pace
        for turn in range(event.count):
            begin = start + turn * length
            self._steps(event, begin, pace, beat, last=turn == event.count - 1)
        self._busy.update(dict.fromkeys(event.channels, start + length * event.count))
        return start + length * event.count

    def _make_way(self, event: Event, start: float) -> None:
        """Nobody starts, yawns or laughs with the tongue still out, or blows and keeps the cheeks full."""
        if self._face.at("cheekPuff") and "mouthFunnel" in event.channels and "cheekPuff" in event.channels:
            self._let_go(self._face.owners["cheekPuff"], start)
        if self._face.at("tongueOut") and "jawOpen" in event.channels and "tongueOut" not in event.channels:
            self._let_go(self._face.owners["tongueOut"], start)

    def _opened_for(self, event: Event, start: float) -> float:
        """Only an open eye can wink or blink: closed ones open first. Returns when that is done."""
        lids = {name for name in LIDS if any(pose.get(name, 0.0) > CLOSED for _, pose in event.steps)}
        if not lids or not event.main_channels() <= set(LIDS) or all(self._face.at(name) <= SHUT for name in lids):
            return start
        opened = max(self._move_to(name, 0.0, event, start, letting_go=True) for name in LIDS)
        return opened + REOPENED

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
                self._face.hold(name, value, event)

    def _stage_pose(self, event: Event, pose: Pose, *, final: bool, last: bool) -> dict[str, float]:
        """A stage on top of what is held; the final one gives it back."""
        if final:
            own = {name for _, stage in event.steps for name in stage}
            names = own | {other for name in own for other in opposed_to(name) if self._face.at(other) > 0.05}
            leaves = event.leaves if last else {}
            return {
                name: max(self._face.at(name), leaves.get(name, 0.0))
                if name not in ANGLE_LIMITS
                else self._face.at(name)
                for name in names
            }
        stage = {}
        for name, value in pose.items():
            held = self._face.at(name)
            if name in ANGLE_LIMITS:
                limit = ANGLE_LIMITS[name]
                stage[name] = max(-limit, min(limit, held + value if REGION_OF[name] is Region.HEAD else value))
            else:
                led = name.startswith("eyeLook") or (REGION_OF[name] is Region.JAW and name in event.main_channels())
                led = led or event.dips or (name in LIDS and name in event.leaves)  # heavy lids are forced up
                stage[name] = value if led else max(held, value)  # who chews moves the jaw, also an open one
            for other in opposed_to(name):
                if stage[name] > 0.1 and self._face.at(other) > 0.05 and other not in pose:
                    stage[other] = 0.0
        return stage

    # -- words -------------------------------------------------------------------------------------

    def _describe(self, event: Event, pose: Mapping[str, tuple[float, Event]], start: float) -> None:
        own = [(abs(value), name) for name, (value, source) in pose.items() if source is event]
        largest = max(own, default=(0.0, "browInnerUp"))[1]
        course = COURSE[REGION_OF[largest]]
        pace = event.speed / event.entry.tempo
        time = start + course.lead * min(pace, 1.5) + seconds_for(event, course.attack)
        self.beats.append(Beat(time, description_of(event), event.source))

    def _describe_gesture(self, event: Event, start: float) -> None:
        peak = max(event.steps, key=lambda step: sum(abs(value) for value in step[1].values()))[0]
        self.beats.append(Beat(start + peak * event.speed, description_of(event), event.source))
