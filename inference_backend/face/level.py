"""The head's pitch as a viewer would call it: level where the person holds it level.

A nod of the head against the eyes leaves the line of sight where it is. So what the fit gets wrong can be moved from
one to the other, and a face that looks into the lens goes on looking at the viewer.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .gaze import listing_angles
from .head_pose import Angles, Numbers, upwards

FIT_PITCH: Final = math.radians(-4.5)
"""What the fit reads on a level head that looks straight ahead: the canonical face is not held level. Measured from
`PORTRAIT_DISTANCE`: -4.6 on the example head (mean of 35 to 135 mm lenses, head at -15, 0 and 15 degrees: -4.2),
-4.6 and -4.7 on two averages of many portraits; the eyes came out as much too high, by 5 to 6."""
_PERSONAL_SHARE: Final = 0.5
_MOST_PERSONAL: Final = math.radians(4.0)
"""People differ from that by several degrees either way. On 16 portraits that look into the lens the pitch of the fit
spread by 6 degrees, more than their heads do, and the eyes by as much the other way."""


@dataclass(frozen=True)
class Gaze:
    """Heads and their eyes, which are told relative to the head; of one face or of many."""

    head: Angles
    left_eye: Angles
    right_eye: Angles

    def nodded(self, angle: Numbers) -> "Gaze":
        """The head raised by `angle` radians about its own ears, and the eyes still on what they look at."""
        back = upwards(-angle)
        left, right = (listing_angles((back @ eye.rotation)[..., 2]) for eye in (self.left_eye, self.right_eye))
        return Gaze(Angles.from_rotation(self.head.rotation @ upwards(angle)), left, right)

    def levelled(self) -> "Gaze":
        """Without what the fit reads on everyone."""
        return self.nodded(-FIT_PITCH)

    def without_a_personal_tilt(self, eyes_open: NDArray[np.bool_]) -> "Gaze":
        """Half of what head and eyes tilt against one another taken off both, 4 degrees at most.

        Such a tilt is either meant, a look from under the brow, or the build of the face; a picture cannot tell which.
        It takes open eyes, and is not for clips: there each blink, which drags the irises down, would nod the head.
        """
        eyes = (self.left_eye.pitch + self.right_eye.pitch) / 2
        is_tilted = eyes_open & (self.head.pitch * eyes < 0)
        against = np.minimum(np.abs(self.head.pitch), np.abs(eyes)) * is_tilted
        return self.nodded(-np.copysign(np.minimum(_PERSONAL_SHARE * against, _MOST_PERSONAL), self.head.pitch))
