"""The bytes of a clip on their way into a job's folder, without ever being in memory as a whole."""

import asyncio
import errno
import json
import os
import re
import tarfile
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO

from starlette.requests import Request
from starlette.types import Receive

from blender_addon.core.clips import is_hidden, places_in_sequence
from blender_addon.core.errors import CancelledError, InputError, MienError, TooLargeError

from ..failures import SlowUploadError
from ..limits import Limits
from .job import Job
from .work_folder import disk_fault

PICTURES_TYPE = "application/x-tar"
"""The content type of an image sequence: its pictures in order, as an uncompressed tar.

Their names may begin with their places in the sequence ("0000003/smile.1004.png"), else their numbers say these.
"""

NAMES_FILE = "names"
"""Beside the pictures of a sequence: what the client calls them, a JSON text a line, in their order."""

_WRITTEN_AT_ONCE = 1 << 20
_OUR_PICTURE = re.compile(r"\b\d{7}\.[a-z0-9]{1,5}\b")
_PLACED = re.compile(r"(\d{7})/[^/]+")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


async def receive_clip(request: Request, job: Job, limits: Limits, free_bytes: int) -> Path:
    """Write the body into the job's folder; the file, or the folder of a sequence's pictures in order of their names.

    Raises CancelledError once the job has ended or the client has gone.
    """
    _refuse_announced(request, limits, free_bytes)
    is_sequence = request.headers.get("content-type", "").partition(";")[0].strip() == PICTURES_TYPE
    job.source.mkdir(mode=0o700)
    path = job.source / ("pictures.tar" if is_sequence else f"clip{_safe_suffix(job.title)}")
    with path.open("xb", buffering=0) as file:
        size = await _written(request.receive, job, file, limits)
    if size == 0:
        raise InputError("The clip is empty: it has 0 bytes.", "Choose another file.")
    return await asyncio.to_thread(unpacked, path, limits.sequence_pictures) if is_sequence else path


def _refuse_announced(request: Request, limits: Limits, free_bytes: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal():
        if int(announced) > limits.clip_bytes:
            raise _too_large(limits)
        if int(announced) > free_bytes:
            raise disk_fault(OSError(errno.ENOSPC, "No space left on device"))


async def _written(receive: Receive, job: Job, file: IO[bytes], limits: Limits) -> int:
    """How many bytes came. What comes slower than the limit is refused, whether it stalls or trickles."""
    loop = asyncio.get_running_loop()
    begin, size, waiting = loop.time(), 0, bytearray()
    try:
        async with asyncio.timeout(limits.upload_seconds) as deadline:
            job.break_off = lambda: deadline.reschedule(loop.time())
            more = not job.has_ended
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise CancelledError("The client went away before the clip was whole.")
                waiting += message.get("body", b"")
                more = message.get("more_body", False)
                if size + len(waiting) > limits.clip_bytes:
                    raise _too_large(limits)
                if len(waiting) >= _WRITTEN_AT_ONCE or not more:
                    size += len(waiting)
                    await asyncio.to_thread(_write, file, bytes(waiting))
                    waiting.clear()
                    if not job.has_ended:
                        deadline.reschedule(begin + limits.upload_seconds + size / limits.clip_bytes_per_second)
    except TimeoutError:
        if not job.has_ended:
            raise SlowUploadError("The clip came too slowly, or not at all.", "Send it again.") from None
    finally:
        job.break_off = lambda: None
    if job.has_ended:
        raise CancelledError("The job was cancelled.")
    return size


def _write(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _too_large(limits: Limits) -> TooLargeError:
    return TooLargeError(f"The clip is larger than {limits.clip_bytes / 1e6:.0f} MB.", "Cut it, or save it smaller.")


def _safe_suffix(title: str) -> str:
    """The suffix of a file's name where it looks like one: some formats are known by nothing else."""
    suffix = Path(title).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def _picture_name(index: int, name: str) -> str:
    """One of our own; a picture without a suffix gets one, since what it is, its content says."""
    return f"{index:07d}{_safe_suffix(name) or '.png'}"


def unpacked(tar: Path, most: int) -> Path:
    """The pictures of a tar, named by their places in the sequence. What is no plain file in it is refused."""
    folder = tar.parent / "pictures"
    folder.mkdir(mode=0o700)
    paths: list[PurePosixPath] = []
    try:
        with tarfile.open(tar, "r:") as archive:
            for member in archive:
                if is_hidden(PurePosixPath(member.name).name):
                    continue  # a Mac's tar has them beside the pictures
                if len(paths) >= most:
                    raise TooLargeError(f"The sequence has more than {most} pictures.", "Send it in parts.")
                if not member.isreg() or member.issparse():
                    raise InputError(f"{member.name!r} in the sequence is no plain file.", "Send pictures only.")
                content = archive.extractfile(member)
                assert content is not None
                with closing(content), (folder / _picture_name(len(paths), member.name)).open("xb") as picture:
                    while data := content.read(_WRITTEN_AT_ONCE):
                        picture.write(data)
                paths.append(PurePosixPath(member.name))
    except tarfile.TarError as fault:
        raise InputError(f"The sequence is no uncompressed tar: {fault}.", "Send it again.") from fault
    tar.unlink()
    (tar.parent / NAMES_FILE).write_text("".join(json.dumps(path.name) + "\n" for path in paths), "ascii")
    for index, place in reversed(list(enumerate(_places_of(paths)))):  # no place is before its index
        if place != index:
            (folder / _picture_name(index, paths[index].name)).rename(folder / _picture_name(place, paths[index].name))
    return folder


def _places_of(paths: list[PurePosixPath]) -> Sequence[int]:
    told = [int(match[1]) for path in paths if (match := _PLACED.fullmatch(str(path)))]
    rise = all(before < after for before, after in pairwise([-1, *told]))
    return told if rise and len(told) == len(paths) else places_in_sequence([path.name for path in paths])


def as_the_client_calls_it(error: MienError, clip: Path, title: str) -> MienError:
    """The error without the backend's own names of files: the clip's is its title, a picture's its own in the tar."""
    message = error.message.replace(f"{clip}{os.sep}", "").replace(str(clip), title or "The clip")
    names = clip.parent / NAMES_FILE
    if (found := _OUR_PICTURE.search(message)) is not None and names.is_file():
        ours = sorted(picture.name for picture in clip.iterdir())
        if found[0] in ours:
            name = names.read_text("ascii").splitlines()[ours.index(found[0])]
            message = message.replace(found[0], json.loads(name))
    return type(error)(message, error.hint)
