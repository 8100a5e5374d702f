"""The pictures of Estimate from Image, as the bytes of a picture file; the user's file is left as it was."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Context, Image, ImageUser, MovieClip, Scene
from numpy.typing import NDArray

from ..core.errors import InputError, TooLargeError
from ..core.png import encode_png, srgb_from_linear
from .actions import end_of_strip, new_movie_strip, set_still_output, still_output, strip_at, strip_scene, strips_of

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".tga", ".exr", ".hdr")
CLIP_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".wmv", ".mts")
_ONLY_BLENDER_READS = {".exr", ".hdr", ".dpx", ".cin", ".sgi", ".rgb", ".psd", ".tx"}
_KNOWN_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"GIF8")
_MOST_FILE_MB = 256
"""Above the backend's own limit for a picture; a film chosen by mistake is not read into memory."""


@dataclass(frozen=True)
class Picture:
    """A picture file's bytes, and what the user knows it as."""

    data: bytes
    name: str


def picture_of_file(filepath: str) -> Picture:
    """Any picture that the backend or Blender can read."""
    path = Path(bpy.path.abspath(filepath))
    if path.is_dir():
        raise InputError(f"{path.name or filepath} is a folder.", "Choose a picture in it.")
    if not path.is_file():
        raise InputError(f"There is no file {path.name or filepath}.", "Choose another picture.")
    if path.suffix.lower() in CLIP_SUFFIXES:
        raise InputError(f"{path.name} is a clip.", "Use Track Video for it.")
    if path.suffix.lower() in _ONLY_BLENDER_READS:
        return _loaded_by_blender(path)
    try:
        if path.stat().st_size > _MOST_FILE_MB * 1_000_000:
            raise TooLargeError(f"{path.name} is larger than {_MOST_FILE_MB} MB.", "Choose a smaller picture.")
        return Picture(path.read_bytes(), path.name)
    except OSError as fault:
        raise InputError(f"{path.name} can't be read: {fault.strerror}.", "Choose another picture.") from fault


def _loaded_by_blender(path: Path) -> Picture:
    image = bpy.data.images.load(str(path), check_existing=False)
    try:
        return Picture(_pixels_as_png(image), path.name)
    finally:
        bpy.data.images.remove(image)


def picture_of_image(image: Image, frame: int, user: ImageUser | None = None) -> Picture:
    """An Image datablock as it is now, painted strokes included.

    Movies and sequences show their picture of a frame; without the `user` of an editor, which may shift it,
    a sequence begins at frame 1 with its own file.
    """
    if image.type == "RENDER_RESULT":
        return picture_of_render(bpy.context.scene)
    if image.source == "MOVIE":
        return Picture(_movie_frame(image.filepath, frame), image.name)
    if image.source == "SEQUENCE":  # it has no pixels of its own
        return Picture(picture_of_file(str(_file_of_sequence(image, frame, user))).data, image.name)
    if not image.is_dirty:
        packed = image.packed_file
        if packed is not None and packed.data.startswith(_KNOWN_BEGINNINGS):
            return Picture(packed.data, image.name)
        path = Path(bpy.path.abspath(image.filepath_from_user(), library=image.library))
        if packed is None and image.source == "FILE" and path.is_file():
            return Picture(picture_of_file(str(path)).data, image.name)
    return Picture(_pixels_as_png(image), image.name)


def _file_of_sequence(image: Image, frame: int, user: ImageUser | None) -> Path:
    if user is not None:
        return Path(bpy.path.abspath(image.filepath_from_user(image_user=user), library=image.library))
    return numbered(Path(bpy.path.abspath(image.filepath, library=image.library)), frame)


def _pixels_as_png(image: Image) -> bytes:
    width, height = image.size
    content: Any = image.pixels
    values = np.empty(len(content), dtype=np.float32)
    if not values.size or values.size != width * height * image.channels:
        if Path(bpy.path.abspath(image.filepath, library=image.library)).is_file():
            raise InputError(
                f"Blender gives no pixels of {image.name}.",
                "A multilayer EXR can't be read: save one of its layers as a picture.",
            )
        raise InputError(f"{image.name} holds no picture.", "Its file may be missing; choose another picture.")
    content.foreach_get(values)
    pixels = values.reshape(height, width, image.channels)[::-1]  # Blender's first row is the lowest
    if image.channels < 3:
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    if image.is_float:  # float pixels are linear light with alpha multiplied in, bytes are as in a file
        pixels = srgb_from_linear(pixels[..., :3])
    return encode_png(_as_bytes(pixels))


def _as_bytes(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.round(pixels * 255), 0, 255), dtype=np.uint8)


def picture_of_render(scene: Scene) -> Picture:
    """A scene's last render, through its own view transform: as the user sees it."""
    result = next((image for image in bpy.data.images if image.type == "RENDER_RESULT"), None)
    missing = InputError("There is no render yet.", "Render a picture first.")
    if result is None:
        raise missing
    # Blender finds the render by its scene, so that no copy of the scene can be asked for it.
    with still_output(scene.render.image_settings), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "render.png")
        try:
            result.save_render(str(path), scene=scene)
            return Picture(path.read_bytes(), result.name)
        except (RuntimeError, OSError) as fault:
            raise missing from fault


def picture_of_clip(clip: MovieClip, frame: int) -> Picture:
    """The frame of a Movie Clip that is shown at a scene frame."""
    number = frame - clip.frame_start + 1 + clip.frame_offset
    if not 1 <= number <= clip.frame_duration:
        raise InputError(
            f"{clip.name} has no picture at frame {frame}.",
            f"Its frames run from {clip.frame_start} to {clip.frame_start + clip.frame_duration - 1}.",
        )
    if clip.source == "SEQUENCE":
        return Picture(picture_of_file(str(numbered(path_of_clip(clip), number))).data, clip.name)
    return Picture(_movie_frame(str(path_of_clip(clip)), number), clip.name)


def path_of_clip(clip: MovieClip) -> Path:
    """The file of a Movie Clip; the first one of a sequence."""
    return Path(bpy.path.abspath(clip.filepath, library=clip.library))


def numbered(first: Path, number: int) -> Path:
    """The file of an image sequence, counted from 1 at its first file."""
    digits = re.search(r"(\d+)(?=\D*$)", first.stem)
    if digits is None:
        return first
    value = str(max(0, int(digits[1]) + number - 1)).zfill(len(digits[1]))
    return first.with_stem(first.stem[: digits.start()] + value + first.stem[digits.end() :])


def picture_of_strip(context: Context) -> Picture:
    """The Sequencer's strip under the playhead: the active one, or else the topmost."""
    scene = strip_scene(context)
    strip = strip_at(scene, scene.frame_current)
    if strip is None:
        raise InputError("No picture strip is under the playhead.", "Move the playhead onto one.")
    if strip.type == "IMAGE":
        element = strip.strip_elem_from_frame(scene.frame_current)
        path = Path(bpy.path.abspath(strip.directory), element.filename)
        return Picture(picture_of_file(str(path)).data, strip.name)
    with _scratch(scene.copy()) as copy:
        for other in strips_of(copy.sequence_editor):
            other.mute = other.mute or other.channel > strip.channel
        return Picture(_rendered_strips(copy, scene.frame_current), strip.name)


def _movie_frame(filepath: str, number: int) -> bytes:
    """One frame of a movie file, counted from 1, as PNG, in the size and colours of the file.

    An Image of a movie gives only its first frame and a Movie Clip no pixels at all; the Sequencer
    can show every frame.
    """
    path = Path(bpy.path.abspath(filepath))
    if not path.is_file():
        raise InputError(f"There is no file {path.name}.", "Choose another clip.")
    with _scratch(bpy.data.scenes.new("Mien frame")) as scene:
        strip = new_movie_strip(scene.sequence_editor_create(), path.name, str(path), 1)
        element = strip.elements[0]
        if not element.orig_width:
            raise InputError(f"{path.name} can't be read as a movie.", "Choose another clip.")
        render = scene.render
        render.resolution_x, render.resolution_y = element.orig_width, element.orig_height
        return _rendered_strips(scene, min(max(number, 1), end_of_strip(strip) - 1))


def _rendered_strips(scene: Scene, frame: int) -> bytes:
    """What a scene's strips show at a frame, as PNG, without any grading of the view."""
    render = scene.render
    view: Any = scene.view_settings
    view.view_transform, view.look, view.exposure, view.gamma = "Standard", "None", 0.0, 1.0
    set_still_output(render.image_settings)
    render.resolution_percentage = 100
    render.use_sequencer, render.use_compositing, render.use_overwrite = True, False, True
    render.use_border = render.use_multiview = False
    render.use_file_extension = True
    with tempfile.TemporaryDirectory() as folder, _no_new_render_result():
        try:
            return _render_frame(scene, frame, Path(folder)).read_bytes()
        except (RuntimeError, OSError) as fault:
            raise InputError(f"Blender can't show frame {frame}: {fault}.", "Choose another frame.") from fault


def _render_frame(scene: Scene, frame: int, folder: Path) -> Path:
    """Render into a folder; the file.

    A single render takes the frame of the window's scene, whatever this scene says; a range does not, but
    it knows no frame below 0.
    """
    render = scene.render
    if frame >= 0:
        scene.frame_start = scene.frame_end = frame
        render.filepath = str(folder / "frame_####")
        bpy.ops.render.render(animation=True, scene=scene.name)
        return Path(render.frame_path(frame=frame))
    if bpy.context.scene.frame_current != frame:
        raise InputError(f"The Sequencer's scene stands at frame {frame}.", "Choose a frame from 0 on.")
    render.filepath = str(folder / "frame")
    bpy.ops.render.render(write_still=True, scene=scene.name)
    return folder / "frame.png"


@contextmanager
def _scratch(scene: Any) -> Iterator[Any]:
    """A scene that is removed again."""
    try:
        yield scene
    finally:
        bpy.data.scenes.remove(scene)


@contextmanager
def _no_new_render_result() -> Iterator[None]:
    """Renders of another scene leave the user's Render Result alone, but make an empty one where there was none."""
    before = {image for image in bpy.data.images if image.type == "RENDER_RESULT"}
    try:
        yield
    finally:
        for image in [image for image in bpy.data.images if image.type == "RENDER_RESULT" and image not in before]:
            bpy.data.images.remove(image)
