"""Makes clips for the tests, in the backend's Python: Blender's own cannot write them in every version.

python make_clip.py movie SOURCE OUTPUT FPS FIRST COUNT     (frames of SOURCE over and over, with their rate told anew)
python make_clip.py pictures SOURCE FOLDER COUNT
python make_clip.py sound OUTPUT
python make_clip.py grey OUTPUT COUNT
"""

import sys
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import av
import numpy as np
from PIL import Image


def frames_of(source):
    with av.open(source) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def write(output, pictures, fps):
    with av.open(output, "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(fps))
        stream.bit_rate = 3_000_000
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def write_sound(output):
    with av.open(output, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main(kind, *words):
    if kind == "movie":
        source, output, fps, first, count = words
        frames = frames_of(source)[int(first) :]
        write(output, islice(cycle(frames), int(count)), fps)
    elif kind == "pictures":
        source, folder, count = words
        for number, picture in enumerate(frames_of(source)[: int(count)]):
            Image.fromarray(picture).save(Path(folder, f"shot_{number + 8:04d}.png"))
    elif kind == "sound":
        write_sound(*words)
    elif kind == "grey":
        output, count = words
        write(output, [np.full((144, 176, 3), 120, np.uint8)] * int(count), "25")


main(*sys.argv[1:])
