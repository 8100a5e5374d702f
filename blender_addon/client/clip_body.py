"""A clip on its way to the backend: read block by block, so that it is never in memory as a whole."""

import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ..core.clips import frames_among, is_hidden, places_in_sequence
from ..core.errors import InputError

_BLOCK_BYTES = 1 << 20
_TAR_BLOCK = tarfile.BLOCKSIZE
_MOST_NAME = tarfile.LENGTH_NAME - len("0000000/")
_PICTURE_SUFFIXES = frozenset(
    (".bmp", ".dpx", ".exr", ".hdr", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff", ".webp")
)

ClipFiles = Path | tuple[Path, ...]
"""A clip's file, the folder of an image sequence, or the pictures of one in their order."""

Sent = Callable[[float], None]
"""Told how much of a clip has been sent, 0..1."""


@dataclass(frozen=True)
class ClipBody:
    """The body of one request. title: the name of the file. size: bytes. blocks: can be read once."""

    title: str
    size: int
    content_type: str
    blocks: Iterator[bytes]


def clip_body(clip: ClipFiles | bytes, title: str, sent: Sent) -> ClipBody:
    """A clip's files or its bytes. The pictures of a folder go by their numbers, those of a tuple one by one."""
    if isinstance(clip, bytes):
        pieces = (clip[begin : begin + _BLOCK_BYTES] for begin in range(0, len(clip), _BLOCK_BYTES))
        return ClipBody(title, len(clip), "application/octet-stream", _counted(pieces, len(clip), sent))
    title = title or (clip if isinstance(clip, Path) else clip[0]).name
    if not isinstance(clip, Path) or clip.is_dir():
        paths = _pictures_in(clip) if isinstance(clip, Path) else clip
        places = places_in_sequence([path.name for path in paths]) if isinstance(clip, Path) else range(len(paths))
        pictures = [(place, path, _size_of(path)) for place, path in zip(places, paths, strict=True)]
        total = sum(_TAR_BLOCK + size + _padding(size) for _, _, size in pictures) + 2 * _TAR_BLOCK
        return ClipBody(title, total, "application/x-tar", _counted(_tar_of(pictures), total, sent))
    size = _size_of(clip)
    return ClipBody(title, size, "application/octet-stream", _counted(_bytes_of(clip, size), size, sent))


def _counted(blocks: Iterator[bytes], total: int, sent: Sent) -> Iterator[bytes]:
    done = 0
    for block in blocks:
        sent(done / total)
        yield block
        done += len(block)
    sent(1.0)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def _bytes_of(path: Path, size: int) -> Iterator[bytes]:
    """Exactly so many bytes: the backend has been told how many will come."""
    try:
        with path.open("rb") as file:
            left = size
            while left and (block := file.read(min(left, _BLOCK_BYTES))):
                yield block
                left -= len(block)
    except OSError as fault:
        raise _unreadable(path, fault) from fault
    if left:
        raise InputError(f"{path.name} became shorter while it was sent.", "Wait until it is whole.")


def _pictures_in(folder: Path) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() in _PICTURE_SUFFIXES]
    except OSError as fault:
        raise _unreadable(folder, fault) from fault
    frames = set(frames_among([path.name for path in paths]))
    if not frames:
        raise InputError(f"There are no pictures in {folder.name}.", "Choose the folder of an image sequence.")
    return sorted((path for path in paths if path.name in frames), key=_in_order)


def _in_order(path: Path) -> tuple[tuple[str, int], ...]:
    """Frame 2 comes before frame 10, however many zeros the names have."""
    parts = re.findall(r"(\D*)(\d*)", path.name)
    return tuple((words, int(digits or -1)) for words, digits in parts)


def _tar_of(pictures: list[tuple[int, Path, int]]) -> Iterator[bytes]:
    """The pictures in folders that are named by their places in the sequence."""
    for place, path, size in pictures:
        header = tarfile.TarInfo(f"{place:07d}/{_short_name(path)}")
        header.size = size
        yield from chain((header.tobuf(),), _bytes_of(path, size), (bytes(_padding(size)),))
    yield bytes(2 * _TAR_BLOCK)


def _short_name(path: Path) -> str:
    """The file's name, by which the backend may call it; a long one, or not ASCII, would need a header of its own, and
    a hidden one would be taken for none of the pictures."""
    is_plain = path.name.isascii() and len(path.name) <= _MOST_NAME and not is_hidden(path.name)
    return path.name if is_plain else f"picture{path.suffix.lower()}"


def _padding(size: int) -> int:
    return -size % _TAR_BLOCK


def _unreadable(path: Path, fault: OSError) -> InputError:
    return InputError(f"{path.name} can't be read: {fault.strerror or fault}.", "Choose another file.")
