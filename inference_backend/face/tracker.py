"""The built-in engine for clips: MediaPipe's face models, following a face from frame to frame."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import CancelledError, EngineError, InputError, NoFaceError
from blender_addon.core.wire import EngineStatus

from ..engines import EVERY_FRAME, Cancelled, never
from ..video.frame import Clip, ClipFrame, FrameTable, Part
from ..video.opening import VIDEO_HINT, can_decode, open_clip
from .model_file import PATH_SETTING, model_path
from .pieces import SHORTEST_CUT, cut

if TYPE_CHECKING:
    from .models import FaceModels

NAME: Final = "face"
_DETAIL: Final = "Follows a face through a clip: 52 shapes, the head's and the eyes' angles of every frame."
_MOST_WORKERS: Final = 8
"""Each takes about 100 MB."""
_DECODER_THREADS: Final = 0  # a few, so that decoding goes on while the models work


WORKERS_SETTING: Final = "MIEN_TRACK_PROCESSES"
"""How many processes a long clip is cut up for, where nobody says otherwise; the default is one for each core."""


class FaceTracker:
    """Follows one face through a clip (`inference_backend.engines.ClipEngine`)."""

    name = NAME

    def __init__(self, *, path: Path | None = None, workers: int | None = None) -> None:
        """path: the task file, by default where `model_path` says.

        workers: processes that a long clip is cut up for, by default one for each core; with 1 all is done in this one.
        """
        self._path = path or model_path()
        self._workers = workers or _workers_setting()
        self._models: FaceModels | None = None

    def status(self) -> EngineStatus:
        """Whether the model file and PyAV are there."""
        if not self._path.is_file():
            missing = f"{self._path} does not exist. Run the set-up, or point {PATH_SETTING} at the file."
            return EngineStatus(NAME, ("clip",), "not installed", missing)
        if not can_decode():
            return EngineStatus(NAME, ("clip",), "not installed", f"PyAV is not installed. {VIDEO_HINT}")
        return EngineStatus(NAME, ("clip",), "ready" if self._models is None else "loaded", _DETAIL)

    def track(
        self,
        clip: Path,
        request: TrackRequest = EVERY_FRAME,
        *,
        on_open: Callable[[ClipInfo], None] = lambda _info: None,
        cancelled: Cancelled = never,
    ) -> Iterator[TrackedFrames]:
        """Give the frames as they are read, a few at a time, the first one alone."""
        threads = 1 if self._workers > 1 else _DECODER_THREADS
        with open_clip(clip, sequence_fps=request.sequence_fps, threads=threads) as opened:
            on_open(opened.info)
            table = self._table_to_cut(opened, request)
            times, seen = list[NDArray[np.float64]](), False
            for batch in self._batches(opened, clip, request, table, cancelled):
                times.append(batch.track.times)
                seen = seen or bool(batch.track.confidence.any())
                yield batch
            if not times:
                raise _no_frame(opened.info, request)
            opened.check_whole(np.concatenate(times), _part(request), table)
        if not seen:
            raise _no_face(request)

    def unload(self) -> None:
        """Give the models' memory back."""
        self._models = None

    def _table_to_cut(self, opened: Clip, request: TrackRequest) -> FrameTable | None:
        """The frames, where there are enough of them for several processes."""
        frames = opened.info.frames
        if self._workers == 1 or (frames is not None and frames < SHORTEST_CUT):
            return None
        table = opened.table(_part(request))
        return table if table is not None and len(table.stamps) >= SHORTEST_CUT else None

    def _batches(
        self,
        opened: Clip,
        clip: Path,
        request: TrackRequest,
        table: FrameTable | None,
        cancelled: Cancelled,
    ) -> Iterator[TrackedFrames]:
        if table is not None:
            return self._in_pieces(clip, request, table, cancelled)
        return self._here(opened, request, cancelled)

    def _here(self, opened: Clip, request: TrackRequest, cancelled: Cancelled) -> Iterator[TrackedFrames]:
        models = self._loaded()
        from .lane_choice import LaneChoice  # after the models: these need the same packages
        from .lane_frames import read_lanes

        choice = LaneChoice(request.face)
        frames = _until_cancelled(opened.frames(_part(request)), cancelled)
        for batch in read_lanes(models, frames, request.head_frame, wanted=request.face):
            yield choice.take(batch)

    def _in_pieces(
        self, clip: Path, request: TrackRequest, table: FrameTable, cancelled: Cancelled
    ) -> Iterator[TrackedFrames]:
        from .lane_choice import LaneChoice
        from .piece_messages import PieceTask
        from .piece_pool import PiecePool

        choice = LaneChoice(request.face)
        pieces = cut(len(table.stamps), self._workers)
        tasks = [
            PieceTask(
                clip.absolute(),
                request.sequence_fps,
                request.head_frame,
                piece.start,
                table.stamps[piece.start : piece.end],
            )
            for piece in pieces
        ]
        with PiecePool(tasks, workers=min(self._workers, len(tasks)), model=self._path) as pool:
            for number, piece in enumerate(pieces):
                if number > 0:
                    choice.begin_piece()
                for batch in pool.results(number, cancelled):
                    own = batch.index >= piece.first
                    if not own.all():
                        choice.warm_up(batch[~own])
                    if own.any():
                        yield choice.take(batch[own])

    def _loaded(self) -> "FaceModels":
        if self._models is None:
            try:
                from .models import FaceModels
            except ImportError as fault:
                raise EngineError(
                    f"The face engine cannot run here: {fault}.", "Run the set-up of the backend again."
                ) from fault
            self._models = FaceModels.load(self._path, threads=1)
        return self._models


def _part(request: TrackRequest) -> Part:
    return Part(request.start, request.end, request.stride)


def _workers_setting() -> int:
    setting = os.environ.get(WORKERS_SETTING, "")
    if setting and not (setting.isdecimal() and 1 <= int(setting[:4]) <= _MOST_WORKERS):
        raise EngineError(
            f"{WORKERS_SETTING} is '{setting}', not a number from 1 to {_MOST_WORKERS}.", "Set it to 1, or remove it."
        )
    return int(setting) if setting else min(_MOST_WORKERS, _cores())


def _cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _until_cancelled(frames: Iterator[ClipFrame], cancelled: Cancelled) -> Iterator[ClipFrame]:
    for frame in frames:
        if cancelled():
            raise CancelledError("The tracking was cancelled.")
        yield frame


def _no_frame(info: ClipInfo, request: TrackRequest) -> InputError:
    if info.duration is None:
        return InputError(f"The clip holds no frame from {request.start:g} s on.", "Choose an earlier part.")
    return InputError(
        f"The clip lasts {info.duration:.2f} s and holds no frame in the part that was asked for.",
        "Choose a part within it.",
    )


def _no_face(request: TrackRequest) -> NoFaceError:
    if request.face > 0:
        return NoFaceError(
            f"No face number {request.face} was seen in the clip; they are counted from 0, the largest one.",
            "Choose another one.",
        )
    return NoFaceError(
        "No face was seen in the clip.", "Use a clip in which a face is seen from the front, lit and large enough."
    )
