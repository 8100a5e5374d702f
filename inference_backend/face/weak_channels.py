"""What the face model cannot see, as data; it loads no model."""

from typing import Final

UNSEEN_CHANNELS: Final = frozenset({
    "noseSneerLeft", "noseSneerRight", "cheekSquintLeft", "cheekSquintRight", "cheekPuff", "jawForward",
})  # fmt: skip
"""Shapes that the model as good as never gives: maxima of 0.000 to 0.009 over 55 photos and 3,400
video frames (measured; MediaPipe issues 4403, 4436, 4450 and 5857 say the same)."""

WEAK_CHANNELS: Final = UNSEEN_CHANNELS | frozenset({
    "eyeWideLeft", "eyeWideRight", "jawLeft", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthStretchLeft", "mouthStretchRight",
})  # fmt: skip
"""Shapes that it gives too little, or as another: on a head that wears one of them fully it reads 0.0 to 0.3
(docs/closing-the-loop.md), and 95 of 100 of 181 photos and video frames stay below 0.06."""
