"""What the user is told of the last estimate and performance, kept for the panel."""

from ..core.errors import MienError
from ..core.wire import ImageEstimate
from ..scene.keys import KeyReport
from ..scene.performances import Performed
from .estimation import Estimation
from .properties import last_estimate


def tell_estimate(estimation: Estimation, estimate: ImageEstimate, report: KeyReport) -> str:
    """Keep what was seen and keyed; the sentence for Blender's status bar."""
    request = estimation.request
    face = estimate.faces[request.face_index]
    description = face.description
    last = last_estimate()
    last.picture, last.error = estimation.picture.name, ""
    last.expression = description.expression
    regions = (f"{region.value}: {words}" for region, words in description.movements.items())
    last.words = "\n".join(_sentence(line) for line in (*regions, description.emotion, description.symmetry) if line)
    last.uncertain = "\n".join(description.uncertain)
    last.face_count, last.face_index = len(estimate.faces), request.face_index
    last.source, last.filepath = request.source, request.filepath
    last.note = "\n".join((*report.left_alone, *report.limited))
    return f"{description.expression}: {report.channels} channels keyed"


def tell_performance(done: Performed) -> str:
    """Keep what was left alone beside the performance's own notes; the sentence for Blender's status bar."""
    last_estimate().error = ""
    record = done.record
    record.notes = "\n".join([*record.notes.splitlines(), *done.report.left_alone])
    beats = len(record.beats)
    told = f"{beats} beat{'' if beats == 1 else 's'}, {done.report.keys} keys on {done.report.channels} channels"
    missed = len(record.not_understood.splitlines())
    return f"{told}; {missed} clause{'' if missed == 1 else 's'} not understood" if missed else told


def tell_failure(error: MienError) -> None:
    """Keep what went wrong."""
    last_estimate().error = str(error)


def tell_success() -> None:
    """Forget what went wrong before."""
    last_estimate().error = ""


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
