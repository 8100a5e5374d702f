"""Shaping: from the dense raw track of a take to the few curves an animator edits.

`shape(track, shaping, frames_per_second=...)` runs every step in order, each a pure function in a file of its own:

| step | file | what it does |
|---|---|---|
| mirror | `mirror` | left and right change places |
| gaps | `gaps` | hold or leave empty where no face was seen; to ease to neutral comes after the neutral |
| smoothing | `smoothing` | takes out the measured noise; nothing lags, peaks stay |
| neutral | `neutral` | the resting face of this person becomes 0; blinks still close; gaps ease to it |
| gain and range | `gain` | how strongly each channel moves, and how far it may |
| edits | `edits` | what was told in words: stronger, later, held, without blinks |
| loop | `loop` | the end runs back into the beginning |
| speed and frames | `retiming` | seconds of the source onto frames of the scene |
| key reduction | `reduction` | the fewest aligned Bezier keys within a stated error |

`Shaper` (`shaper`) does the same while sliders are dragged, and does anew only what a change reaches; `sparse` shapes
a performance, whose few keys stay where they are.

`reduction` stands on `extremes` (tops and bottoms), `key_placement` (where keys go), `aligned_spline` (slopes and
handles), `spans` (fitting thousands of cubics at a time) and `bezier` (a curve exactly as Blender draws it).
"""

from .bezier import evaluate
from .pipeline import adjusted, reduced, shape, steadied
from .reduction import reduce_keys
from .regions import REGIONS
from .settings import AS_READ, Gaps, Neutral, Shaping
from .shaper import Shaper
from .sparse import shape_performance

__all__ = [
    "AS_READ",
    "REGIONS",
    "Gaps",
    "Neutral",
    "Shaper",
    "Shaping",
    "adjusted",
    "evaluate",
    "reduce_keys",
    "reduced",
    "shape",
    "shape_performance",
    "steadied",
]
