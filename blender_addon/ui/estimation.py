"""One Estimate from Image, from the picture to the keys; the operator only decides who waits for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.types import Context, SpaceClipEditor, SpaceImageEditor

from ..client.job import Job, JobState, estimate_image_job
from ..core.curves import Curves
from ..core.errors import CancelledError, CharacterError, InputError, NoFaceError
from ..core.wire import HeadFrame, ImageEstimate
from ..scene.keys import KeyReport, write_curves
from ..scene.media import (
    Picture,
    picture_of_clip,
    picture_of_file,
    picture_of_image,
    picture_of_render,
    picture_of_strip,
)
from ..scene.stored_character import active_character, stored_character
from .backend_session import session
from .properties import settings_of


@dataclass(frozen=True)
class EstimateRequest:
    """Which picture, and which of its faces (0 is the largest).

    source: one of `properties.SOURCES`; `filepath` is used by FILE.
    """

    source: str
    filepath: str = ""
    face_index: int = 0


class Estimation:
    """A running estimate. The frame and the head are those of its beginning, however the user scrubs meanwhile."""

    def __init__(self, context: Context, request: EstimateRequest) -> None:
        """Read the picture and ask the backend; raise MienError where either cannot be done."""
        character = active_character(context.scene)
        if character is None:
            raise CharacterError("No head is bound.", "Select your head and use Bind Character.")
        self.request = request
        self._head = character.anchor.session_uid
        self._scene = context.scene.session_uid
        self._is_stopped = False
        self._frame = context.scene.frame_current_final
        self.picture = picture_for(context, request)
        self._job: Job[ImageEstimate] = estimate_image_job(
            session.connector(), self.picture.data, head_frame=HeadFrame.VIEWER
        )

    @property
    def progress(self) -> str:
        """What is being done, with the seconds so far."""
        return f"{self._job.words or 'Reading the picture'}, {self._job.elapsed:.1f} s"

    def is_running(self) -> bool:
        """Whether there is still nothing to key; never waits."""
        return self._job.step() is JobState.RUNNING

    def wait(self, seconds: float) -> None:
        """Wait for the estimate, no longer than this."""
        self._job.wait(seconds)

    def cancel(self) -> None:
        """Stop at once, also where the answer is there and not keyed yet; nothing has been changed."""
        self._is_stopped = True
        self._job.cancel()

    def finish(self) -> tuple[ImageEstimate, KeyReport]:
        """Wait for the estimate and key it; raise MienError, with nothing changed, where there is none."""
        if self._is_stopped:
            raise CancelledError("Stopped.")
        estimate = self._job.result()
        if not estimate.faces:
            raise NoFaceError(
                f"No face was found in {self.picture.name}.", "Use a picture that shows one more clearly."
            )
        if self.request.face_index >= len(estimate.faces):
            count = f"{len(estimate.faces)} face{'s' if len(estimate.faces) > 1 else ''}"
            raise InputError(f"{self.picture.name} shows {count}.", f"There is no face {self.request.face_index + 1}.")
        # Fetched anew: an undo or a deletion while waiting leaves the objects of the beginning dangling.
        scene = _with_uid(bpy.data.scenes, self._scene)
        anchor = _with_uid(scene.objects, self._head) if scene else None
        character = stored_character(anchor, scene) if anchor else None
        if character is None:
            raise CharacterError("The head has changed while the picture was read.", "Nothing was keyed.")
        pose = estimate.faces[self.request.face_index].pose
        return estimate, write_curves(character, Curves.from_pose(pose), self._frame, scene)


def _with_uid(datablocks: Iterable[Any], uid: int) -> Any:
    """The datablock of this session with a number that no renaming and no undo changes; None where it is gone."""
    return next((datablock for datablock in datablocks if datablock.session_uid == uid), None)


def picture_for(context: Context, request: EstimateRequest) -> Picture:
    """The picture of a request: what the editor under the mouse shows, or else what the Mien tab names."""
    settings, space, frame = settings_of(context.scene), context.space_data, context.scene.frame_current
    if request.source == "FILE":
        if not request.filepath:
            raise InputError("No picture is chosen.", "Choose a file.")
        return picture_of_file(request.filepath)
    if request.source == "RENDER":
        return picture_of_render(context.scene)
    if request.source == "STRIP":
        return picture_of_strip(context)
    if request.source == "CLIP":
        clip = space.clip if isinstance(space, SpaceClipEditor) else settings.clip
        if clip is None:
            raise InputError("No Movie Clip is chosen.", "Choose a clip.")
        return picture_of_clip(clip, frame)
    image, user = settings.image, None
    if isinstance(space, SpaceImageEditor):
        image, user = space.image, space.image_user
    if image is None:
        raise InputError("No image is chosen.", "Choose an image.")
    return picture_of_image(image, frame, user)
