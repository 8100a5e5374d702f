"""The face engine: the three models of MediaPipe's `face_landmarker.task`, run directly.

picture -> `search` (faces of any size, by `detector`) -> `regions` and `sampling` (an upright crop of
each) -> `landmarks` (478 points) -> `blendshapes` (52 coefficients), `head_pose` and `gaze` (nine
angles); `models` holds it all together and `engine` offers it to the backend. For a video,
`regions.region_from_landmarks` gives the next frame's region without the detector.

The numbers and steps that have to agree with MediaPipe are cited from its sources: paths under
`mediapipe/tasks/cc/vision/`, or under `mediapipe/` where they begin with `calculators/`.
"""
