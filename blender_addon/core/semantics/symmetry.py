"""How the two sides of a face compare, in one sentence that follows from what was observed."""

from collections.abc import Sequence

from .description import Region
from .observation import Observation
from .vocabulary import Side


def symmetry_of(observations: Sequence[Observation]) -> str:
    """One sentence; it names a side only where an observation does. Gaze and head do not count."""
    of_the_face = [seen for seen in observations if seen.movement.region not in (Region.GAZE, Region.HEAD)]
    sided = [seen for seen in of_the_face if seen.names_a_side]
    clauses = []
    for side in (Side.LEFT, Side.RIGHT):
        leading = [seen for seen in sided if seen.parts[0][0] is side]
        stronger = [seen.movement.noun for seen in leading if not seen.movement.is_shift]
        shifted = [seen.movement.region.value for seen in leading if seen.movement.is_shift]
        if stronger:
            clauses.append((f"stronger on the {side.value}: {', '.join(stronger)}", leading[0].strength))
        if shifted:
            clauses.append((f"{' and '.join(shifted)} to the {side.value}", leading[0].strength))
    if clauses:
        sentence = "; ".join(words for words, strength in sorted(clauses, key=lambda clause: -clause[1]))
        return f"{sentence[0].upper()}{sentence[1:]}."
    return "Both sides move alike." if of_the_face else "Both sides are at rest."
