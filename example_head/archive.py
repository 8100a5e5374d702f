"""Writes the head as one small .npz whose bytes depend on its content alone."""

import io
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from .source import Floats
from .surface import Part

FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
SMALLEST_OFFSET: Final = 2e-5  # metres; below this a vertex does not take part in a shape
POSITION_STEPS: Final = 65535
DECIMALS: Final = 7  # of a metre; the last bits of a sum depend on the release of numpy and must not reach the file


def write_head(
    path: Path, parts: dict[str, Part], pictures: dict[str, np.ndarray], landmarks: dict[str, Floats]
) -> None:
    """Writes all parts, quantised, under names such as `Face/shape/jawOpen/offsets`."""
    arrays: dict[str, np.ndarray] = {"parts": np.array(sorted(parts))}
    for name, part in parts.items():
        arrays |= {f"{name}/{key}": array for key, array in _part_arrays(part).items()}
    arrays |= {f"picture/{name}": picture for name, picture in pictures.items()}
    arrays |= {f"landmark/{name}": np.asarray(point, dtype=np.float32) for name, point in landmarks.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(arrays[key]), version=(1, 0), allow_pickle=False)
            member = zipfile.ZipInfo(f"{key}.npy", date_time=FIXED_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, buffer.getvalue())


def _part_arrays(part: Part) -> dict[str, np.ndarray]:
    vertices = np.round(part.vertices, DECIMALS)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    steps = np.maximum(high - low, 1e-9) / POSITION_STEPS
    arrays: dict[str, np.ndarray] = {
        "vertices": np.rint((vertices - low) / steps).astype(np.uint16),
        "vertices_range": np.stack([low, steps]),
        # Differences from face to face repeat where faces do, as in strands, and so pack into nothing.
        "faces_steps": np.diff(part.faces, axis=0, prepend=0).astype(np.int32),
        "materials": np.array(part.materials),
    }
    if part.face_materials is not None:
        arrays["face_materials"] = part.face_materials.astype(np.uint8)
    if part.uvs is not None:
        arrays["uvs"] = np.rint(np.clip(part.uvs, 0, 1) * POSITION_STEPS).astype(np.uint16)
    if part.colours is not None:
        arrays["colours"] = np.rint(np.clip(part.colours, 0, 1) * 255).astype(np.uint8)
    for bone, weight in part.weights.items():
        arrays[f"weight/{bone}"] = np.rint(np.clip(weight, 0, 1) * 255).astype(np.uint8)
    for shape, exact_offsets in part.shapes.items():
        offsets = np.round(exact_offsets, DECIMALS)
        moved = np.flatnonzero(np.linalg.norm(offsets, axis=1) > SMALLEST_OFFSET)
        if not len(moved):
            continue
        scale = np.abs(offsets[moved]).max() / 32767
        arrays[f"shape/{shape}/moved"] = moved.astype(np.uint16 if len(offsets) <= 65536 else np.uint32)
        arrays[f"shape/{shape}/offsets"] = np.rint(offsets[moved] / scale).astype(np.int16)
        arrays[f"shape/{shape}/scale"] = np.array(scale)
    return arrays
