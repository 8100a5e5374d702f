"""Says lines with the face as it is: lips over what is held, brows that colour a loud or a soft line."""

from collections.abc import Set
from dataclasses import dataclass, field, replace

from blender_addon.core.performance import Role

from .describing import Beat, shortened
from .entries import REGION_OF, Region
from .events import Speech
from .held import HeldFace
from .keys import Move
from .speech import seconds_before_word, utterance_of
from .spoken import is_shouted

CARRIED_UNDER_SPEECH = 0.7
"""Share of an expression's own mouth shapes that shows while the lips speak."""

BROWS = tuple(name for name, region in REGION_OF.items() if region is Region.BROW)
SHARP = 1.35
SHARP_BROWS = {"browDownLeft": 0.32, "browDownRight": 0.32}
GENTLE = (0.68, 0.75)
GENTLE_BROWS = {"browInnerUp": 0.2}
"""The loudness from which a line sounds sharp, and between which it sounds gentle; and what the brows do then."""
CLENCHED_JAW = 0.03
"""How far the jaw opens in speech while the teeth are clenched."""
BEFORE_WORD = 0.1
"""Seconds by which an act sets in before the word that it falls on, to be there with its vowel."""

_EXPRESSIVE_IN_SPEECH = frozenset(
    f"mouth{shape}{side}"
    for shape in ("Smile", "Frown", "Stretch", "UpperUp", "LowerDown", "Dimple")
    for side in ("Left", "Right")
)
"""Mouth shapes that speech uses too, and that do not keep the lips from closing or rounding."""


@dataclass(frozen=True)
class _Line:
    """A line that was spoken: from when to when, and the number of its beat."""

    speech: Speech
    start: float
    end: float
    beat: int


@dataclass
class Delivery:
    """Speaks lines into the movements and beats of a stage, and knows when each word was said."""

    moves: list[Move]
    beats: list[Beat]
    face: HeldFace
    _lines: dict[int, _Line] = field(default_factory=dict)

    def speak(self, speech: Speech, start: float) -> float:
        """Move the lips; returns when the line is over."""
        utterance = utterance_of(speech)
        beat = len(self.beats)
        source = (speech.token.start, speech.token.end)
        role = Role.BEAT if utterance.keys else Role.SPEECH  # "..." is no moment to mark
        self.beats.append(Beat(start, f'says "{shortened(speech.token.text)}"', source, role))
        for name, keys in utterance.keys.items():
            held = self.face.at(name)
            previous = keys[0][0]
            for number, (time, value) in enumerate(keys[1:], start=1):
                reached = held if number == len(keys) - 1 else self._in_speech(name, value, held)
                self.moves.append(Move(name, start + previous, start + time, reached, beat, Role.SPEECH))
                previous = time
        end = start + utterance.duration
        self._colour(speech, start, end, beat)
        self._lines[speech.token.start] = _Line(speech, start, end, beat)
        return end

    def start_of_word(self, line: int, number: int) -> float | None:
        """When an act sets in that falls on a word; None where the line was not spoken.

        line: where it begins in the script. number: how many of its words come before the one.
        """
        spoken = self._lines.get(line)
        if spoken is None:
            return None
        return max(spoken.start, spoken.start + seconds_before_word(spoken.speech, number) - BEFORE_WORD)

    def give_way(self, names: Set[str], line: int, since: float) -> None:
        """The rest of a line is spoken over what an act on one of its words took up."""
        spoken = self._lines.get(line)
        for index in range(len(self.moves) - 1, -1, -1):
            move = self.moves[index]
            own = spoken is not None and move.role is Role.SPEECH and move.beat == spoken.beat and move.channel in names
            if not own or move.start < since:
                continue
            if REGION_OF[move.channel] is Region.BROW:
                del self.moves[index]  # they only coloured the line
                continue
            held = self.face.at(move.channel)
            last = spoken is not None and move.end >= spoken.end - 1e-6
            reached = held if last else self._in_speech(move.channel, move.value, held)
            self.moves[index] = replace(move, value=reached)

    def _in_speech(self, name: str, value: float, held: float) -> float:
        """A shape of a sound, over what the face holds."""
        under = CARRIED_UNDER_SPEECH * held if name in _EXPRESSIVE_IN_SPEECH else 0.0
        return min(max(value, under), self._widest(name))

    def _colour(self, speech: Speech, start: float, end: float, beat: int) -> None:
        """A line that is snapped or shouted lowers the brows a little, one said softly lifts them inside."""
        loud = speech.loudness >= SHARP or is_shouted(speech.token.text)
        soft = GENTLE[0] <= speech.loudness <= GENTLE[1]
        if not (loud or soft) or any(self.face.at(name) for name in BROWS):
            return
        for name, value in (SHARP_BROWS if loud else GENTLE_BROWS).items():
            self.moves.append(Move(name, start, start + 0.26, value, beat, Role.SPEECH))
            self.moves.append(Move(name, max(end, start + 0.4), max(end, start + 0.4) + 0.42, 0.0, beat, Role.SPEECH))

    def _widest(self, name: str) -> float:
        """Through clenched teeth the lips speak and the jaw stays where it is."""
        owner = self.face.owners.get("jawOpen")
        clenched = owner is not None and owner.entry.name == "clench_jaw"
        return CLENCHED_JAW if clenched and name == "jawOpen" else 1.0
