"""Orders in words for a take, and the typed edits that they come to, as JSON."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..narrowing import as_list, as_mapping, as_number, as_text
from .reading import reading

if TYPE_CHECKING:  # all of shaping comes with it, which the processes that read clips have no use for
    from ..shaping.edits.kinds import WordEdit


@dataclass(frozen=True)
class EditRequest:
    """What is to be changed, and what the words may refer to; nothing of the face itself is needed.

    frames_per_second: of the scene. frame_start: the frame at which the take begins. playhead: the current one.
    duration: seconds from its first to its last moment, as it is seen now. speed: that of its shaping.
    moves_until: seconds, as `duration`, after which nothing moves any more; None where it moves to its end.
    limits: the frames to which all changes are limited; None for the take's own ends.

    Raises InputError for limits that run backwards.
    """

    words: str
    frames_per_second: float = 24.0
    frame_start: float = 1.0
    duration: float = 0.0
    speed: float = 1.0
    playhead: float = 1.0
    moves_until: float | None = None
    limits: tuple[float | None, float | None] = (None, None)

    def __post_init__(self) -> None:
        first, last = self.limits
        if first is not None and last is not None and first > last:
            raise InputError(f"From frame {first:g} to {last:g} runs backwards.", "Give the earlier frame first.")


@dataclass(frozen=True)
class EditReply:
    """edits: an entry for each clause that was understood. not_understood: the others, in the user's own words."""

    edits: "tuple[WordEdit, ...]"
    not_understood: tuple[str, ...] = ()


def edit_request_to_json(request: EditRequest) -> dict[str, Any]:
    """The body of a request."""
    return vars(request) | {"limits": list(request.limits)}


def edit_request_from_json(data: object) -> EditRequest:
    """Read what `edit_request_to_json` wrote; only the words must be there. Raise InputError for anything else."""
    plain = EditRequest("")
    with reading("The request"):
        fields = as_mapping(data)
        first, last = as_list(fields.get("limits", [None, None]))
        numbers = {
            name: as_number(fields.get(name, getattr(plain, name)))
            for name in ("frames_per_second", "frame_start", "duration", "speed", "playhead")
        }
        if numbers["frames_per_second"] <= 0 or numbers["speed"] <= 0 or numbers["duration"] < 0:
            raise ValueError("frames a second and speed are above 0, the duration is not below")
        return EditRequest(
            words=as_text(fields["words"]),
            moves_until=None if fields.get("moves_until") is None else as_number(fields["moves_until"]),
            limits=(None if first is None else as_number(first), None if last is None else as_number(last)),
            **numbers,
        )


def edit_reply_to_json(reply: EditReply) -> dict[str, Any]:
    """What came of the words."""
    from ..shaping.edits.edit_json import word_edit_to_json

    return {
        "edits": [word_edit_to_json(edit) for edit in reply.edits],
        "not_understood": list(reply.not_understood),
    }


def edit_reply_from_json(data: object) -> EditReply:
    """Read what `edit_reply_to_json` wrote; raise InputError for anything else."""
    from ..shaping.edits.edit_json import word_edit_from_json

    with reading("The edits"):
        fields = as_mapping(data)
        return EditReply(
            edits=tuple(word_edit_from_json(edit) for edit in as_list(fields["edits"])),
            not_understood=tuple(as_text(words) for words in as_list(fields["not_understood"])),
        )
