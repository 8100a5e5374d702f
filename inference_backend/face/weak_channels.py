"""What the face model cannot see, as data; it loads no model."""

from typing import Final

WEAK_CHANNELS: Final = frozenset({
    "noseSneerLeft", "noseSneerRight", "cheekSquintLeft", "cheekSquintRight", "cheekPuff", "jawForward",
})  # fmt: skip
"""Shapes that the model as good as never gives: maxima of 0.000 to 0.009 over 55 photos and 3,400
video frames (measured; MediaPipe issues 4403, 4436, 4450 and 5857 say the same)."""
