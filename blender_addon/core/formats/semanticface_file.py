"""SemanticFace JSONL: a picture's face in words and 61 values a line (see `released_records`).

A reply is Markdown in four numbered fields and then one bare object of values, as the released model writes; or
`{"analysis": {...}, "arkit": {...}}`, as its prompt asks. Its table is a Live Link Face CSV, one row a second.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..channels import CHANNELS
from ..performance import Keyframe, Performance
from ..pose import Pose
from ..semantics.description import Description
from ..track import FaceTrack
from .file_text import FormatError
from .imported import Imported
from .model_reply import ReplyError
from .pose_convention import SEMANTICFACE, PoseConvention
from .released_records import SECONDS_APART, channels_from, read_records, released_values
from .semanticface import values_and_words


@dataclass(frozen=True)
class DescribedFace:
    """The face of one picture. words: its description as it was written. picture: the path of it, as it was named."""

    words: str
    pose: Pose
    picture: str = ""


def is_semanticface(text: str) -> bool:
    """Whether the first record has a reply or messages; KeyframeFace's have them too, and are asked for first."""
    first = text.lstrip().partition("\n")[0]
    return first.startswith("{") and ('"response"' in first or '"messages"' in first)


def read_semanticface(text: str, *, convention: PoseConvention = SEMANTICFACE) -> Imported:
    """One face as a track of one frame; several as keyframes a second apart. Raise FormatError where there is none."""
    faces, notes = read_faces(text, convention=convention)
    pictures = ", ".join(dict.fromkeys(face.picture for face in faces if face.picture))
    if len(faces) == 1:
        raw = FaceTrack.from_pose(faces[0].pose)
        return Imported(raw, tuple(notes), faces[0].words, engine="SemanticFace", source=pictures)
    keyframes = tuple(
        Keyframe(SECONDS_APART * number, _channels(face.pose), face.words) for number, face in enumerate(faces)
    )
    performance = Performance(keyframes, duration=SECONDS_APART * len(faces))
    return Imported(performance, tuple(notes), engine="SemanticFace", source=pictures)


def read_faces(text: str, *, convention: PoseConvention = SEMANTICFACE) -> tuple[list[DescribedFace], list[str]]:
    """Each usable reply, and a sentence for each that is none; raise FormatError where none is."""
    records, notes = read_records(text)
    faces = []
    for record in records:
        try:
            values, words, mended = values_and_words(record.reply)
            pose = Pose.from_mapping(channels_from(values, convention))
        except (ReplyError, ValueError) as fault:
            notes.append(f"Line {record.line} was left out: {fault}.")
        else:
            faces.append(DescribedFace(words, pose, record.picture))
            if mended:
                notes.append(f"Line {record.line}: {mended}")
    if not faces:
        raise FormatError(f"none of its replies can be used ({notes[-1].partition(': ')[2].rstrip('.')})")
    return faces, notes


def write_semanticface(faces: Sequence[DescribedFace], *, convention: PoseConvention = SEMANTICFACE) -> str:
    """A record for each face, in the form of the released results."""
    lines = []
    for face in faces:
        values = json.dumps(released_values(face.pose.values.astype(float).tolist(), convention))
        reply = f"{face.words}\n\n{values}" if face.words else values
        images = [{"bytes": None, "path": face.picture}] if face.picture else []
        lines.append(json.dumps({"response": reply, "images": images}, ensure_ascii=False))
    return "\n".join(lines) + "\n" if lines else ""


def released_words(description: Description) -> str:
    """A description in the four fields of the release."""
    movements = [f"   - **{region.value.title()}**: {words}" for region, words in description.movements.items()]
    fields = [
        f"1. **Facial Expression Category**: {description.expression}",
        "\n".join(["2. **Detailed Facial Muscle Movements**:", *movements]),
        f"3. **Emotional Implication**: {description.emotion or 'not clearly observable'}",
        f"4. **Symmetry**: {description.symmetry or 'mostly symmetric'}",
    ]
    return "\n".join(fields)


def _channels(pose: Pose) -> dict[str, float]:
    return {name: float(value) for name, value in zip(CHANNELS, pose.values, strict=True)}
