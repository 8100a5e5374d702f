"""What a path is: a video, or the pictures of one."""

from importlib.util import find_spec
from pathlib import Path

from blender_addon.core.errors import EngineError

from .frame import Clip
from .sequence import PictureSequence, is_sequence, pictures_of

VIDEO_HINT = "Run the set-up of the backend with its extra 'video', or give a folder of pictures."


def can_decode() -> bool:
    """Whether the package that decodes videos is installed."""
    return find_spec("av") is not None


def open_clip(path: Path, *, sequence_fps: float, threads: int = 1) -> Clip:
    """Open it. Raises InputError for what is no clip, EngineError where decoding it is not installed.

    sequence_fps: frames a second of pictures, which have none of their own. threads: of the decoder, 0 for a few.
    """
    if is_sequence(path):
        return PictureSequence(pictures_of(path), fps=sequence_fps)
    try:
        from .file import VideoClip
    except ImportError as fault:
        raise EngineError("Reading clips needs PyAV, which is not installed here.", VIDEO_HINT) from fault
    return VideoClip(path, threads=threads)
