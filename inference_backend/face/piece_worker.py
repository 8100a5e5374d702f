"""`python -m inference_backend.face.piece_worker MODEL`: reads pieces of clips for the process that started it.

Tasks come on the standard input, a line each; when that closes, however the parent ended, so does this process.
"""

import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from blender_addon.core.errors import MienError
from blender_addon.core.wire import error_to_json

from ..video.opening import open_clip
from .lane_frames import read_lanes
from .models import FaceModels
from .piece_messages import Kind, PieceTask, send


def main() -> None:
    """Serve tasks until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    replies = _own_output()
    tasks: SimpleQueue[PieceTask] = SimpleQueue()
    threading.Thread(target=_receive_tasks, args=(tasks,), daemon=True).start()
    models: FaceModels | None = None
    while True:
        task = tasks.get()
        try:
            models = models or FaceModels.load(Path(sys.argv[1]), threads=1)
            _read_piece(models, task, replies)
            send(replies, Kind.DONE)
        except MienError as error:
            send(replies, Kind.REFUSED, json.dumps(error_to_json(error)).encode())
        except OSError:  # nobody listens any more
            return
        except Exception:  # noqa: BLE001  # the outermost edge: the parent raises it with its traceback
            send(replies, Kind.FAULT, traceback.format_exc().encode())


def _own_output() -> BinaryIO:
    """The pipe to the parent, kept from what native libraries print."""
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return replies


def _receive_tasks(tasks: "SimpleQueue[PieceTask]") -> None:
    for line in sys.stdin.buffer:
        tasks.put(PieceTask.from_line(line))
    os._exit(0)  # in the middle of a piece, too


def _read_piece(models: FaceModels, task: PieceTask, replies: BinaryIO) -> None:
    with open_clip(task.clip, sequence_fps=task.sequence_fps) as clip:
        frames = clip.listed_frames(task.stamps, task.first_index)
        for batch in read_lanes(models, frames, task.head_frame):
            send(replies, Kind.FRAMES, batch.to_bytes())


if __name__ == "__main__":
    main()
