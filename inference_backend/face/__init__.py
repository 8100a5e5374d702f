"""The face engine: the three models of MediaPipe's `face_landmarker.task`, run directly.

picture -> `detector` (where are faces) -> `regions` (an upright square around each) -> `landmarks`
(478 points) -> `blendshapes` (52 coefficients), `head_pose` and `gaze` (nine angles) -> `engine`.
For a video, `regions.region_from_landmarks` gives the next frame's region without the detector.

The numbers and steps that have to agree with MediaPipe are cited from its sources, release 0.10 on,
under `mediapipe/tasks/cc/vision/`.
"""
