"""The faces of a still picture: found, read, and told in words."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import INDEX
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description
from blender_addon.core.semantics.expression import CLOSED_LID
from blender_addon.core.semantics.reader import describe
from blender_addon.core.semantics.sight import Sight
from blender_addon.core.semantics.telling import worth_telling
from blender_addon.core.wire import FaceEstimate, HeadFrame

from ..engines import RgbPicture
from .doubts import doubts_about_face, doubts_about_tilt
from .head_pose import View, fit_head_pose
from .landmarks import FaceLandmarks
from .level import Gaze
from .mirroring import may_be_uneven, sides_of
from .models import FaceModels, with_angles
from .search import find_faces, largest_first, seen_surely
from .sight import sight_of

_BLINKS: Final = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]


@dataclass(frozen=True)
class _Outlook:
    """What follows from the landmarks alone. doubts: about the reading as a whole."""

    gaze: Gaze
    sight: Sight
    doubts: tuple[str, ...]


class FaceReader:
    """Reads still pictures. Not thread-safe, as the models are not."""

    def __init__(self, models: FaceModels) -> None:
        self._models = models
        # The blendshape model lets other threads run meanwhile, and takes as long as all that does not wait for it.
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="face")

    def read(self, picture: RgbPicture, *, wanted: int, head_frame: HeadFrame) -> tuple[FaceEstimate, ...]:
        """At most `wanted` faces, largest first: their channels and what these say."""
        found = find_faces(self._models, picture, wanted=wanted)
        faces = largest_first(seen_surely(self._models, picture, face) for face in found)
        return tuple(self._estimate(picture, face, head_frame) for face in faces)

    def _estimate(self, picture: RgbPicture, face: FaceLandmarks, head_frame: HeadFrame) -> FaceEstimate:
        size = picture.shape[1], picture.shape[0]
        looking = self._beside.submit(self._outlook, face, size, head_frame)
        shapes = self._models.blendshapes.coefficients(face)
        outlook = looking.result()
        pose = _pose(shapes, outlook.gaze, head_frame)
        return FaceEstimate(
            box=_box(face, size),
            confidence=face.presence,
            pose=pose,
            description=self._description(picture, face, pose, outlook, head_frame),
        )

    def _outlook(self, face: FaceLandmarks, picture_size: tuple[int, int], head_frame: HeadFrame) -> _Outlook:
        canonical = self._models.canonical
        from_afar = View.from_afar(face.points, canonical)
        if head_frame is HeadFrame.VIEWER:
            head_from_afar = fit_head_pose(face.points, from_afar, canonical)
            gaze = self._models.gaze(head_from_afar, face.points, from_afar).levelled()
        else:
            as_seen = View.of_picture(picture_size)
            both = fit_head_pose(face.points, as_seen.beside(from_afar), canonical)  # in the time of one
            head_from_afar = both[1]
            gaze = self._models.gaze(both[0], face.points, as_seen)
        return _Outlook(gaze, sight_of(face), doubts_about_face(face, head_from_afar, canonical))

    def _description(
        self, picture: RgbPicture, face: FaceLandmarks, pose: Pose, outlook: _Outlook, head_frame: HeadFrame
    ) -> Description:
        """The pose in words; a side is told only if the mirrored picture shows it on the other one."""
        sight = outlook.sight
        told = worth_telling(pose, sight)
        if may_be_uneven(told):
            sight = replace(sight, sides=sides_of(self._models, picture, face))
            told = worth_telling(pose, sight)
        description = describe(pose, sight=sight, told=told)
        if head_frame is HeadFrame.VIEWER:
            description = replace(description, uncertain=(*doubts_about_tilt(pose), *description.uncertain))
        if not outlook.doubts:
            return description
        emotion = description.emotion.replace("likely", "possibly")
        return replace(description, emotion=emotion, uncertain=(*outlook.doubts, *description.uncertain))


def _pose(shapes: NDArray[np.float64], gaze: Gaze, head_frame: HeadFrame) -> Pose:
    if head_frame is HeadFrame.VIEWER:
        gaze = gaze.without_a_personal_tilt(shapes[_BLINKS].max() < CLOSED_LID)
    return Pose(with_angles(shapes, gaze))


def _box(face: FaceLandmarks, picture_size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = np.clip(face.box, 0, [*picture_size, *picture_size])
    return float(left), float(top), float(right - left), float(bottom - top)
