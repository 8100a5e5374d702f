"""The engine `semanticface`: Qwen3-VL-4B-Instruct with the released SemanticFace adapter, one picture a request.

It reads faces that no detector finds, drawn ones above all. What it writes of a face goes beside its numbers; the
description is made from the numbers, and what the two disagree in is told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from blender_addon.core.errors import InputError, MienError
from blender_addon.core.formats import semanticface as release
from blender_addon.core.formats.pose_convention import SEMANTICFACE, PoseConvention
from blender_addon.core.semantics.agreement import check_words
from blender_addon.core.semantics.own_words import OwnWords, printable
from blender_addon.core.semantics.reader import describe
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

from ..engines import Cancelled, Faces, RgbPicture, never
from .answer_form import Opening, spaced_json_form
from .chat import ChatRequest, Message, Schema, ask_all
from .memory import MOST_ROWS
from .model_place import ModelPlace
from .picture_budget import within_budget

_MAX_NEW_TOKENS: Final = 2048
"""About 300 for the description and 700 for the values of a released reply, with room for a longer description."""
_DESCRIPTION_TOKENS: Final = 640
_DECIMALS: Final = 3  # as the prompt asks; the released adapter answers with one
_ANGLE_LIMIT: Final = 1.0
"""The released replies count angles in radians; no head or eye that shows a face turns further."""

_VALUES_BEGIN: Final = re.compile(rf'"{release.VALUES}"\s*:\s*(?=\{{)')
_NOT_WORDS: Final = re.compile(r"```(?:json)?|\s+")


class SemanticFaceEngine:
    """place: where the adapter runs. convention: the units and signs in which its nine angles are taken."""

    name = "semanticface"
    is_quick = False
    together = MOST_ROWS

    def __init__(self, place: ModelPlace, convention: PoseConvention = SEMANTICFACE) -> None:
        self._place = place
        self._convention = convention

    def status(self) -> EngineStatus:
        """Whether it can be used, without loading it."""
        state, detail = self._place.state()
        return EngineStatus(self.name, ("image",), state, detail)

    def unload(self) -> None:
        """Give the model's memory back."""
        self._place.unload()

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,
        head_frame: HeadFrame = HeadFrame.CAMERA,
        cancelled: Cancelled = never,
    ) -> Faces:
        """The one face of the picture; its box is the picture, since the model says no place."""
        (faces,) = self.estimate_all([picture], max_faces=max_faces, head_frame=head_frame, cancelled=cancelled)
        if isinstance(faces, MienError):
            raise faces
        return faces

    def estimate_all(
        self,
        pictures: Sequence[RgbPicture],
        *,
        max_faces: int,  # noqa: ARG002 - it reads one face, the one that the picture is of
        head_frame: HeadFrame = HeadFrame.CAMERA,  # noqa: ARG002 - nobody taught it the camera of a picture
        cancelled: Cancelled = never,
    ) -> list[Faces | MienError]:
        """Several pictures side by side: what their requests have in common is read once."""
        requests = [_request_or_fault(picture) for picture in pictures]
        asked = [request for request in requests if isinstance(request, ChatRequest)]
        if not asked:
            return [request for request in requests if isinstance(request, MienError)]
        with self._place.model(cancelled) as model:
            replies = iter(ask_all(model, asked, release.read_face_reply, cancelled=cancelled, about="the picture"))
        outcomes = [request if isinstance(request, MienError) else next(replies) for request in requests]
        return [
            outcome if isinstance(outcome, MienError) else (self._face(outcome, picture),)
            for outcome, picture in zip(outcomes, pictures, strict=True)
        ]

    def _face(self, reply: release.FaceReply, picture: RgbPicture) -> FaceEstimate:
        """The confidence is what can be measured: the share of the model's statements that its numbers bear out."""
        height, width, _ = picture.shape
        box = (0.0, 0.0, float(width), float(height))
        pose = self._convention.to_pose(reply.values)
        words = printable(reply.words)
        agreement = check_words(words, pose)
        description = describe(pose)
        if reply.mended:
            description = replace(description, uncertain=(*description.uncertain, reply.mended))
        own_words = OwnWords(words, agreement.contradictions) if words else None
        return FaceEstimate(box, agreement.share, pose, description, own_words)


def _request_or_fault(picture: RgbPicture) -> ChatRequest | MienError:
    try:
        return face_request(within_budget(picture))
    except InputError as fault:
        return fault


def face_request(picture: RgbPicture) -> ChatRequest:
    """The released request for a picture, at the released temperature of 0.

    The schema is held back until an answer was of no use: the adapter writes another form than its prompt asks for, and
    a server that forces the schema on it takes it off what it learnt.
    """
    return ChatRequest(
        (Message("system", release.SYSTEM_PROMPT), Message("user", release.USER_PROMPT, (picture,))),
        max_tokens=_MAX_NEW_TOKENS,
        schema_after_fault=_strict_schema(),
        form=spaced_json_form(_decoded_ranges(), decimals=_DECIMALS, opening=_OPENING),
    )


def _decoded_ranges() -> Mapping[str, tuple[float, float]]:
    """The ranges of the values that are decoded here; replies of servers may go a little further."""
    return {name: (max(low, -_ANGLE_LIMIT), min(high, 1.0)) for name, (low, high) in release.RANGES.items()}


def _strict_schema() -> Schema:
    fields = {name: {"type": "string"} for name in release.ANALYSIS_FIELDS}
    numbers = {
        name: {"type": "number", "minimum": low, "maximum": high} for name, (low, high) in _decoded_ranges().items()
    }
    return _closed({release.ANALYSIS: _closed(fields), release.VALUES: _closed(numbers)})


def _closed(properties: Mapping[str, Any]) -> Schema:
    """An object with just these properties, all of them required."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def values_begin(text: str) -> int | None:
    """Where the object of values begins: after the description in words, or behind its name in the strict form."""
    brace = text.find("{")
    if brace < 0:
        return None
    if not is_strict(text):
        return brace
    found = _VALUES_BEGIN.search(text)
    return found.end() if found else None


def is_strict(text: str) -> bool:
    """Whether a reply is JSON from its first letter, as the prompt asks, and not words first."""
    return _NOT_WORDS.sub("", text).startswith("{")


def _closing(opening: str) -> str:
    return "}" if _VALUES_BEGIN.search(f"{opening}{{") else ""


_OPENING: Final = Opening(_DESCRIPTION_TOKENS, values_begin, _closing)
