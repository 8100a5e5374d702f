"""How the two sides of a face compare, in one sentence that follows from what was observed."""

from collections.abc import Sequence

from .description import NOT_OF_THE_FACE
from .observation import Observation


def symmetry_of(observations: Sequence[Observation]) -> str:
    """One sentence that names the sides; empty where the sides are alike. Gaze and head do not count."""
    of_the_face = [seen for seen in observations if seen.movement.region not in NOT_OF_THE_FACE]
    uneven: dict[str, list[str]] = {}
    for seen in of_the_face:
        if not seen.names_a_side:
            continue
        side = seen.parts[0][0].value
        if seen.movement.is_shift:
            uneven.setdefault(f"shifted to the {side}", []).append(seen.movement.region.value)
        else:
            uneven.setdefault(f"stronger on the {side}", []).append(seen.movement.noun)
    if not uneven:
        return ""
    sentence = "; ".join(f"{how}: {', '.join(what)}" for how, what in uneven.items())
    return f"{sentence[0].upper()}{sentence[1:]}."
