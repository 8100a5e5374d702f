"""What the angles of a head are measured from."""

from enum import Enum


class HeadFrame(Enum):
    """What the head's angles are measured from.

    CAMERA: the axes of a camera whose picture this is, uncut, with the field of view that the engine assumes. A face
        away from the picture's centre that looks into the lens is turned towards the centre.
    VIEWER: the line from the viewer to the face, as if the camera had been aimed at it, so that where the face lies in
        the picture plays no part. The right one for a photo, which is usually a cut-out taken with an unknown lens.
    """

    CAMERA = "camera"
    VIEWER = "viewer"
