"""The end of the take runs back into its beginning, so that it can be played in a circle."""

import numpy as np

from ..track import FaceTrack


def close_loop(track: FaceTrack, blend: float) -> FaceTrack:
    """Bend the last `blend` seconds so that the last pose is the first, moving on in the same way.

    What is added starts at 0 with slope 0 and ends at the difference in value and slope (a cubic), so the
    rest of the take stays as it is. At most half of the take is bent.
    """
    times, values = track.times, track.values.astype(np.float64)
    if blend <= 0 or len(times) < 4:
        return track
    length = min(blend, (times[-1] - times[0]) / 2)
    first_slope = (values[1] - values[0]) / (times[1] - times[0])
    last_slope = (values[-1] - values[-2]) / (times[-1] - times[-2])
    lowest, highest = values.min(axis=0), values.max(axis=0)
    fraction = np.clip((times - (times[-1] - length)) / length, 0.0, 1.0)[:, np.newaxis]
    value_part = fraction * fraction * (3.0 - 2.0 * fraction)
    slope_part = fraction * fraction * (fraction - 1.0) * length
    values += value_part * (values[0] - values[-1]) + slope_part * (first_slope - last_slope)
    # A last step that is mostly jitter would otherwise throw the bend far off, below 0 too.
    return FaceTrack(times, np.clip(values, lowest, highest), track.confidence)
