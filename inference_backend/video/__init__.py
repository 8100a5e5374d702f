"""Clips: video files and numbered pictures, as frames with their true times.

`opening.open_clip` tells what a path is; `file` decodes with PyAV, `sequence` reads pictures. Both give
`frame.ClipFrame`s, which hand out only the part of the picture that is asked for, in RGB and no larger than is needed.
"""
