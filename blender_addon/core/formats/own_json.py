"""What our own command line prints with `--json`: an estimate, a performance or a track (see `wire`)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..channels import CHANNEL_COUNT, INDEX
from ..errors import InputError
from ..narrowing import as_list, as_mapping, as_number, as_text
from ..track import FaceTrack
from ..wire import image_estimate_from_json, performance_from_json
from .file_text import FormatError, counted, json_of, numbers_in
from .imported import Imported


def is_own_json(text: str) -> bool:
    """Whether it is a JSON object or list with the fields of one of the three."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    return any(all(f'"{name}"' in text for name in names) for names in _READERS)


def read_own_json(text: str) -> Imported:
    """The raw result of one source, of a picture its largest face; raise FormatError for anything else."""
    data = json_of(text)
    if isinstance(data, list):
        if len(data) != 1:
            raise FormatError(f"it holds {counted(len(data), 'result')} instead of one", "Take them apart.")
        data = data[0]
    if not isinstance(data, Mapping):
        raise FormatError("it is no result of Mien")
    for names, read in _READERS.items():
        if all(name in data for name in names):
            return _told_plainly(read, data)
    raise FormatError("it is no result of Mien")


def _told_plainly(read: Callable[[Mapping[str, Any]], Imported], data: Mapping[str, Any]) -> Imported:
    try:
        return read(data)
    except InputError as fault:
        raise FormatError(fault.message.partition(": ")[2].rstrip(".")) from None
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError) as fault:
        raise FormatError(str(fault)) from None


def _performance(data: Mapping[str, Any]) -> Imported:
    return Imported(performance_from_json(data))


def _estimate(data: Mapping[str, Any]) -> Imported:
    estimate = image_estimate_from_json(data)
    if not estimate.faces:
        raise FormatError("it holds no face")
    face = estimate.faces[0]
    more = len(estimate.faces) - 1
    notes = (f"The largest face was read; {more} more {'is' if more == 1 else 'are'} in it.",) if more else ()
    raw = FaceTrack.from_pose(face.pose, confidence=face.confidence)
    return Imported(raw, notes, "\n".join(face.description.sentences()), engine=estimate.engine)


def _track(data: Mapping[str, Any]) -> Imported:
    names = [as_text(name) for name in as_list(data["channels"])]
    if len(set(names)) < len(names) or any(name not in INDEX for name in names):
        raise FormatError("its channels are not those of a face")
    numbers = numbers_in(as_list(data["values"]), len(names))
    values = np.zeros((len(numbers), CHANNEL_COUNT))
    values[:, [INDEX[name] for name in names]] = numbers
    times = [as_number(time) for time in as_list(data["times"])]
    seen = data.get("confidence")
    confidence = [1.0] * len(times) if seen is None else [as_number(number) for number in as_list(seen)]
    error = as_mapping(data.get("error", {})).get("message")
    notes = (f"It ends early: {error}",) if isinstance(error, str) else ()
    return Imported(FaceTrack(times, values, confidence), notes)


_READERS = {
    ("keyframes", "duration"): _performance,
    ("times", "values", "channels"): _track,
    ("faces", "engine"): _estimate,
}
