"""From decoded frames of any pixel format to upright RGB, only where it is needed.

FFmpeg's `crop` filter moves pointers and copies nothing, so that the colours of a face are converted and those of
the rest of the picture are not: 0.04 ms instead of 0.3 for a quarter of a 640 x 360 frame (measured).
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from ..engines import RgbPicture
from .frame import Bounds, View

# Crops come in steps of so many pixels, so that a face that moves and grows seldom needs another graph.
_SIZE_STEP: Final = 64
# Left and top edges lie on such multiples: chroma is stored for at most four pixels at a time.
_EDGE_STEP: Final = 4
_GRAPHS_KEPT: Final = 4
# Where a file doesn't name its colour matrix, players take BT.709 from this height on and BT.601 below.
_HIGH_DEFINITION: Final = 720
_UNSPECIFIED_MATRIX: Final = 2


@dataclass(frozen=True)
class Orientation:
    """How stored pixels become the upright picture: widened, then turned counter-clockwise by quarters.

    widening: width of a stored pixel by its height.
    """

    quarter_turns: int = 0
    widening: float = 1.0

    def upright_size(self, width: int, height: int) -> tuple[int, int]:
        """Of a frame stored in so many pixels."""
        wide = max(1, round(width * self.widening))
        return (height, wide) if self.quarter_turns % 2 else (wide, height)


@dataclass(frozen=True)
class _Crop:
    """A rectangle of stored pixels, and the size that it is scaled to."""

    left: int
    top: int
    width: int
    height: int
    out_width: int
    out_height: int


class Converter:
    """Cuts RGB views out of decoded frames. Keeps a few filter graphs; one thread at a time."""

    def __init__(self, orientation: Orientation) -> None:
        self.orientation = orientation
        self._graphs: OrderedDict[tuple[object, ...], _CropGraph] = OrderedDict()

    def view(self, frame: VideoFrame, bounds: Bounds | None, most: int) -> View:
        """As `ClipFrame.view`."""
        stored = self._stored_bounds(frame, bounds)
        crop = _crop(frame, stored, self.orientation.widening, most)
        pixels = self._graph(frame, crop).cut(frame, crop)
        return self._upright(frame, crop, pixels)

    def _stored_bounds(self, frame: VideoFrame, bounds: Bounds | None) -> tuple[float, float, float, float]:
        """Where upright bounds lie among the stored pixels, cut to the frame."""
        width, height, widening = frame.width, frame.height, self.orientation.widening
        if bounds is None:
            return 0, 0, width, height
        left, top, right, bottom = bounds
        upright_width, upright_height = self.orientation.upright_size(width, height)
        match self.orientation.quarter_turns:
            case 1:
                left, top, right, bottom = upright_height - bottom, left, upright_height - top, right
            case 2:
                left, top, right, bottom = (
                    upright_width - right, upright_height - bottom, upright_width - left, upright_height - top,
                )  # fmt: skip
            case 3:
                left, top, right, bottom = top, upright_width - right, bottom, upright_width - left
        return (
            min(max(left / widening, 0), width - 1),
            min(max(top, 0), height - 1),
            max(min(right / widening, width), 1),
            max(min(bottom, height), 1),
        )

    def _graph(self, frame: VideoFrame, crop: _Crop) -> "_CropGraph":
        size = crop.width, crop.height, crop.out_width, crop.out_height
        key = (frame.width, frame.height, frame.format.name, *size)
        if key not in self._graphs:
            if len(self._graphs) >= _GRAPHS_KEPT:
                self._graphs.popitem(last=False)
            self._graphs[key] = _CropGraph(frame, crop)
        self._graphs.move_to_end(key)
        return self._graphs[key]

    def _upright(self, frame: VideoFrame, crop: _Crop, pixels: RgbPicture) -> View:
        """Turn a crop, and tell where it lies."""
        turns, widening = self.orientation.quarter_turns, self.orientation.widening
        scale_x, scale_y = crop.out_width / (crop.width * widening), crop.out_height / crop.height
        left, top = crop.left * widening, float(crop.top)
        right_rest = (frame.width - crop.left - crop.width) * widening
        bottom_rest = float(frame.height - crop.top - crop.height)
        corners = ((left, top), (top, right_rest), (right_rest, bottom_rest), (bottom_rest, left))
        scales = (scale_y, scale_x) if turns % 2 else (scale_x, scale_y)
        return View(np.rot90(pixels, turns) if turns else pixels, *corners[turns], *scales)


def _crop(frame: VideoFrame, stored: tuple[float, float, float, float], widening: float, most: int) -> _Crop:
    left, width = _span(stored[0], stored[2], frame.width)
    top, height = _span(stored[1], stored[3], frame.height)
    shrink = min(1.0, most / max(width * widening, height))
    return _Crop(left, top, width, height, max(2, round(width * widening * shrink)), max(2, round(height * shrink)))


def _span(low: float, high: float, length: int) -> tuple[int, int]:
    """Start and size of a stretch that holds low..high, on our steps and within `length`."""
    start = math.floor(low) // _EDGE_STEP * _EDGE_STEP
    size = -(-(math.ceil(high) - start) // _SIZE_STEP) * _SIZE_STEP
    if size >= length:
        return 0, length
    return min(start, (length - size) // _EDGE_STEP * _EDGE_STEP), size


class _CropGraph:
    """crop -> scale -> RGB for frames of one size and format."""

    def __init__(self, frame: VideoFrame, crop: _Crop) -> None:
        graph = Graph()
        graph.threads = 1  # the frames are small, and other processes want the cores
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        self._whole = (crop.width, crop.height) == (frame.width, frame.height)
        self._crop = graph.add("crop", f"{crop.width}:{crop.height}:{crop.left}:{crop.top}:exact=1")
        scale = graph.add("scale", f"{crop.out_width}:{crop.out_height}:flags={_scaling(crop)}{_matrix(frame)}")
        steps: list[FilterContext] = [source, self._crop, scale, graph.add("format", "rgb24"), graph.add("buffersink")]
        for step, following in pairwise(steps):
            step.link_to(following)
        graph.configure()
        self._graph = graph
        self._place = crop.left, crop.top

    def cut(self, frame: VideoFrame, crop: _Crop) -> RgbPicture:
        """The crop's pixels: uint8 of shape (height, width, 3), a view."""
        if (crop.left, crop.top) != self._place:
            self._crop.process_command("x", str(crop.left))
            self._crop.process_command("y", str(crop.top))
            self._place = crop.left, crop.top
        self._graph.vpush(frame)
        plane = self._graph.vpull().planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: crop.out_height]
        picture: RgbPicture = rows[:, : 3 * crop.out_width].reshape(crop.out_height, crop.out_width, 3)
        return picture


def _scaling(crop: _Crop) -> str:
    """Averaging where pixels are lost: interpolating between two of many would leave noise."""
    return "area" if crop.out_height < crop.height else "bilinear"


def _matrix(frame: VideoFrame) -> str:
    if frame.colorspace == _UNSPECIFIED_MATRIX and frame.height >= _HIGH_DEFINITION:
        return ":in_color_matrix=bt709"
    return ""
