"""Files of faces, read and written: which form a file has, and what becomes of it.

What a file holds decides how it is read, not its suffix. To add a form, write its module and one line in `FORMS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from ..errors import InputError, TooLargeError
from ..performance import Performance
from ..pose import Pose
from ..shaping import Neutral, Shaping
from ..take import RawResult, Take, TakeKind, made_now
from ..track import FaceTrack
from . import (
    audio2face,
    face_cap,
    keyframeface_file,
    live_link_face,
    own_json,
    semanticface_file,
    take_file,
)
from .file_text import MOST_BYTES, FormatError, text_of, write_whole
from .imported import Imported
from .pose_convention import KEYFRAMEFACE, LIVE_LINK_FACE, SEMANTICFACE, PoseConvention
from .sampling import sampled_track
from .timecode import DEFAULT_RATE, RATES

AS_IN_THE_FILE: Final = Shaping(neutral=Neutral.AS_READ, smoothing=0.0)
"""What another program recorded is not smoothed again, and its resting face is its own."""


@dataclass(frozen=True)
class ReadingChoices:
    """What no file tells. convention: None for what its form mostly has. rate: of timecode; None as labels speak."""

    convention: PoseConvention | None = None
    rate: str | None = None


@dataclass(frozen=True)
class WritingChoices:
    """What the reader of a file has to be told.

    convention: None for what the form mostly has. rate: of timecode, and the frames a second at which keyframes and
    shaped takes are written. start: seconds from midnight to the take's beginning, in timecode.
    is_shaped: whether the take is written as its shaping has it, or as the engine gave it.
    """

    convention: PoseConvention | None = None
    rate: str = DEFAULT_RATE
    start: float = 0.0
    is_shaped: bool = False


@dataclass(frozen=True)
class FileForm:
    """A form of files. is_it: judges by the text alone. suffixes: the usual ones, in lower case."""

    name: str
    suffixes: tuple[str, ...]
    is_it: Callable[[str], bool]
    read: Callable[[str, ReadingChoices], Imported | Take]


@dataclass(frozen=True)
class ReadFile:
    """What was read. notes: what was left out or assumed, a sentence each."""

    take: Take
    form: str
    notes: tuple[str, ...]


FORMS: Final = (
    FileForm(
        "a Mien take file",
        (take_file.SUFFIX,),
        take_file.is_take_file,
        lambda text, _: take_file.read_take_file(text),
    ),
    FileForm(
        "Audio2Face JSON",
        (".json",),
        audio2face.is_audio2face,
        lambda text, _: audio2face.read_audio2face(text),
    ),
    FileForm(
        "KeyframeFace JSONL",
        (".jsonl",),
        keyframeface_file.is_keyframeface,
        lambda text, choices: keyframeface_file.read_keyframeface(text, convention=choices.convention or KEYFRAMEFACE),
    ),
    FileForm(
        "SemanticFace JSONL",
        (".jsonl",),
        semanticface_file.is_semanticface,
        lambda text, choices: semanticface_file.read_semanticface(text, convention=choices.convention or SEMANTICFACE),
    ),
    FileForm(
        "JSON of Mien's command line",
        (".json",),
        own_json.is_own_json,
        lambda text, _: own_json.read_own_json(text),
    ),
    FileForm(
        "Face Cap TXT",
        (".txt",),
        face_cap.is_face_cap,
        lambda text, choices: face_cap.read_face_cap(text, convention=choices.convention or face_cap.CONVENTION),
    ),
    FileForm(
        "Live Link Face CSV",
        (".csv",),
        live_link_face.is_live_link_face,
        lambda text, choices: live_link_face.read_live_link_face(
            text, convention=choices.convention or LIVE_LINK_FACE, rate=choices.rate
        ),
    ),
)
"""In the order in which a file is held against them."""

READABLE: Final = ", ".join(form.name for form in FORMS[:-1]) + f" and {FORMS[-1].name}"
READABLE_SUFFIXES: Final = tuple(dict.fromkeys(suffix for form in FORMS for suffix in form.suffixes))


def open_take(path: Path, choices: ReadingChoices | None = None) -> ReadFile:
    """A take from a file; raise InputError where it cannot be opened or read, TooLargeError before it is opened."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLargeError(f"{path.name} is larger than {MOST_BYTES >> 20} MB.", "Cut the take into parts.")
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path.name} can't be opened: {fault.strerror}.", "Check the path.") from fault
    return read_take(data, path.name, choices)


def read_take(data: bytes, file_name: str, choices: ReadingChoices | None = None) -> ReadFile:
    """A take from the bytes of a file; raise InputError where it cannot be read, in one sentence and a hint.

    file_name: gives the take its name where the file has none.
    """
    path = PurePath(file_name)
    try:
        text = text_of(data)
    except FormatError as fault:
        raise InputError(f"{path.name} can't be read: {fault}.", fault.hint) from fault
    if not text.strip():
        raise InputError(f"{path.name} can't be read: it is empty.", "Export it again.")
    form = _form_of(text, path.suffix.lower())
    if form is None:
        raise InputError(f"{path.name} is in no form that can be read.", f"Mien reads {READABLE}.")
    try:
        found = form.read(text, choices or ReadingChoices())
    except FormatError as fault:
        raise InputError(f"{path.name} can't be read as {form.name}: {fault}.", fault.hint) from fault
    if isinstance(found, Take):
        return ReadFile(found, form.name, ())
    return ReadFile(_take(found, path), form.name, found.notes)


def _form_of(text: str, suffix: str) -> FileForm | None:
    """The form that the text has; where it has none, the only one of that suffix, which can say what is wrong."""
    by_content = next((form for form in FORMS if form.is_it(text)), None)
    if by_content is not None:
        return by_content
    by_suffix = [form for form in FORMS if suffix in form.suffixes]
    return by_suffix[0] if len(by_suffix) == 1 else None


def _take(found: Imported, path: PurePath) -> Take:
    return Take(
        name=path.stem,
        kind=TakeKind.FILE,
        raw=found.raw,
        engine=found.engine,
        source=found.source or path.name,
        words=found.words,
        made_at=made_now(),
        shaping=AS_IN_THE_FILE,
    )


def write_take(take: Take, suffix: str, choices: WritingChoices | None = None) -> str:
    """A take as the text of a file with this suffix (`WRITERS`); raise InputError where that form cannot hold it."""
    write = WRITERS.get(suffix.lower())
    if write is None:
        raise InputError(f"No file in {suffix or 'this form'} can be written.", f"Use one of {', '.join(WRITERS)}.")
    try:
        return write(take, choices or WritingChoices())
    except FormatError as fault:
        raise InputError(f"{take.name} can't be written as {suffix}: {fault}.", fault.hint) from fault


def save_text(text: str, path: Path) -> None:
    """Write what `write_take` gave; raise InputError, with the file as it was, where it can't be written."""
    try:
        write_whole(path, text)
    except OSError as fault:
        raise InputError(f"{path} can't be written: {fault.strerror}.", "Choose another place.") from fault


def _csv(take: Take, choices: WritingChoices) -> str:
    track = dense(take, frames_per_second=RATES[choices.rate].frames_per_second, is_shaped=choices.is_shaped)
    if not len(track.times):
        raise FormatError("there are no frames in it", "Make the take again.")
    return live_link_face.write_live_link_face(
        track, convention=choices.convention or LIVE_LINK_FACE, rate=choices.rate, start=choices.start
    )


def _jsonl(take: Take, choices: WritingChoices) -> str:
    """SemanticFace's records for what came from pictures, KeyframeFace's for a performance."""
    raw = take.raw
    if isinstance(raw, Performance) and take.engine != "SemanticFace":
        context = keyframeface_file.context_of(take.words)
        return keyframeface_file.write_keyframeface(raw, convention=choices.convention or KEYFRAMEFACE, **context)
    return semanticface_file.write_semanticface(_faces(take), convention=choices.convention or SEMANTICFACE)


def _faces(take: Take) -> list[semanticface_file.DescribedFace]:
    if isinstance(take.raw, Performance):
        pictures = dict(enumerate(take.source.split(", "))) if take.source else {}
        return [
            semanticface_file.DescribedFace(
                beat.description, Pose.from_mapping(beat.channels), pictures.get(number, "")
            )
            for number, beat in enumerate(take.raw.beats)
        ]
    if len(take.raw.times) != 1:
        raise FormatError("this form holds single poses", "Write a Live Link Face CSV or a take file.")
    return [semanticface_file.DescribedFace(take.words, Pose(take.raw.values[0]), take.source)]


WRITERS: Final[Mapping[str, Callable[[Take, WritingChoices], str]]] = {
    take_file.SUFFIX: lambda take, _: take_file.write_take_file(take),
    ".csv": _csv,
    ".jsonl": _jsonl,
}
"""What is written, by the suffix of the file."""


def dense(take: Take, *, frames_per_second: float, is_shaped: bool = False) -> FaceTrack:
    """The frames of a take. A track that is not to be shaped stays on its own moments."""
    raw: RawResult = take.raw
    if isinstance(raw, FaceTrack) and not is_shaped:
        return raw
    if isinstance(raw, Performance) and not is_shaped:
        return sampled_track(raw.to_curves(), duration=raw.duration, frames_per_second=frames_per_second)
    return sampled_track(
        take.curves(frames_per_second), duration=take.shown_duration, frames_per_second=frames_per_second
    )
