"""What a performance still needs once a model has given its poses."""

from dataclasses import replace

from blender_addon.core.anatomy import faults, mended
from blender_addon.core.performance import Performance

_SHOWN_FAULTS = 3


def mended_with_notes(performance: Performance) -> Performance:
    """The nearest performance that a face can do, with a note on what had to change."""
    found = faults(performance)
    if not found:
        return performance
    notes = [f"At {fault.time:.2f} s {fault.sentence}: mended." for fault in found[:_SHOWN_FAULTS]]
    if len(found) > _SHOWN_FAULTS:
        notes.append(f"{len(found) - _SHOWN_FAULTS} more such faults of the model's poses were mended.")
    return replace(mended(performance), notes=(*performance.notes, *notes))
