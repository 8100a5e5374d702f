"""One Estimate from Image, from the picture to the keys; the operator only decides who waits for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bpy.types import Context, Scene, SpaceClipEditor, SpaceImageEditor

from ..client.job import estimate_image_job
from ..core.errors import InputError, NoFaceError
from ..core.semantics.description import Description
from ..core.wire import HeadFrame, ImageEstimate
from ..scene.character import Character
from ..scene.keys import KeyReport
from ..scene.media import (
    Picture,
    picture_of_clip,
    picture_of_file,
    picture_of_image,
    picture_of_render,
    picture_of_strip,
)
from ..scene.photo_takes import ReadFace, key_photo
from .backend_session import session
from .properties import estimate_of, settings_of
from .work import Work, bound_character

UNREMARKABLE = frozenset({"no clear emotion", ""})
"""What `core.semantics` says where there is nothing to say; a panel has no room for it."""


@dataclass(frozen=True)
class EstimateRequest:
    """Which picture, and which of its faces (0 is the largest).

    source: one of `properties.SOURCES`; `filepath` is used by FILE. engine: its name; empty for the built-in one.
    """

    source: str
    filepath: str = ""
    face_index: int = 0
    engine: str = ""


class Estimation(Work[ImageEstimate]):
    """A running estimate. The frame too is that of its beginning."""

    doing = "Reading the picture"

    def __init__(self, context: Context, request: EstimateRequest) -> None:
        """Read the picture and ask the backend; raise MienError where either cannot be done."""
        bound_character(context)  # a missing head is told before a picture is read for it
        self.request = request
        self._frame = context.scene.frame_current_final
        self._picture = picture_for(context, request)
        job = estimate_image_job(
            session.connector(), self._picture.data, engine=request.engine or None, head_frame=HeadFrame.VIEWER
        )
        super().__init__(context, job)

    def key(self, answer: ImageEstimate, character: Character, scene: Scene) -> str:
        """Key the chosen face's pose at the frame, and keep its words with the scene."""
        name, index = self._picture.name, self.request.face_index
        if not answer.faces:
            raise NoFaceError(f"No face was found in {name}.", "Use a picture that shows one more clearly.")
        if index >= len(answer.faces):
            count = f"{len(answer.faces)} face{'s' if len(answer.faces) > 1 else ''}"
            missing = f"There is no face {index}; they are counted from 0, the largest one."
            raise InputError(f"{name} shows {count}.", missing)
        description = answer.faces[index].description
        words = "\n".join([description.expression, *_telling_lines(description)])
        source = self.request.filepath if self.request.source == "FILE" else ""
        face = ReadFace(answer.faces[index].pose, words, name, source, answer.engine)
        report = key_photo(character, face, self._frame, scene).report
        self._keep_words(answer, report, scene)
        expression = description.expression
        return f"{expression}: {report.channels} channels keyed{_which_face(answer, index)}"

    def _keep_words(self, answer: ImageEstimate, report: KeyReport, scene: Scene) -> None:
        """With the scene, so that an undo of the keys takes their words back as well."""
        kept, face = estimate_of(scene), answer.faces[self.request.face_index]
        description = face.description
        kept.picture, kept.frame = self._picture.name, self._frame
        kept.expression = description.expression
        kept.words = "\n".join(_telling_lines(description))
        kept.uncertain = "\n".join(description.uncertain)
        lines = face.own_words.lines() if face.own_words else []
        kept.own_words = "\n".join(line for line, _ in lines)
        kept.refuted = "\n".join(line for line, is_refuted in lines if is_refuted)
        kept.contradictions = "\n".join(map(str, face.own_words.contradictions if face.own_words else ()))
        kept.face_count, kept.face_index = len(answer.faces), self.request.face_index
        kept.from_left = " ".join(map(str, _from_left(answer)))
        kept.source, kept.filepath = self.request.source, self.request.filepath
        kept.note = "\n".join((*report.left_alone, *report.limited))


def _from_left(answer: ImageEstimate) -> list[int]:
    """The places of the faces in the answer, in their order across the picture."""
    middles = [left + width / 2 for left, _, width, _ in (face.box for face in answer.faces)]
    return sorted(range(len(middles)), key=middles.__getitem__)


def _which_face(answer: ImageEstimate, index: int) -> str:
    """Which one was taken, where there was a choice."""
    if len(answer.faces) == 1:
        return ""
    place = _from_left(answer).index(index) + 1
    return f" from face {place} of {len(answer.faces)} from the left{', the largest' if index == 0 else ''}"


def _telling_lines(description: Description) -> Iterator[str]:
    """What it may mean, a line for each region that moves, and how uneven; nothing on what is as everywhere."""
    if description.emotion not in UNREMARKABLE:
        yield _sentence(description.emotion)
    for region, words in description.movements.items():
        yield f"{region.value.capitalize()}: {words}"
    if description.symmetry not in UNREMARKABLE:
        yield _sentence(description.symmetry)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


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
