"""Paints the skin and the eyes: pictures computed from where each texel lies on the face."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .eyes import IRIS_SHARE, PAINTED_ANGLE, PUPIL_SHARE
from .lashes_brows import brow_line
from .person import LID_MARGIN_RING, LIP_CONTACT_RING, Person
from .scalp import degrees_above_hairline, fit_scalp
from .skin import UvFrame, upper_body_quads
from .source import Floats
from .surface import compact, subdivide

Picture = NDArray[np.uint8]  # [H, W, 3] sRGB, first row at the bottom

SKIN_SIZE: Final = 1024
EYE_SIZE: Final = 512
SEED: Final = 11
_QUADS_AT_ONCE: Final = 1024
_HALVES: Final = ((0, 1, 2), (0, 2, 3))
"""The corners of the triangles that a quad is drawn as."""
# sRGB, 0..255
SKIN: Final = (212, 158, 127)
FLUSH: Final = (196, 112, 96)
LID: Final = (163, 106, 88)
UNDER_EYE: Final = (176, 124, 112)
LIP: Final = (170, 92, 86)
LIP_SEAM: Final = (104, 44, 42)
WATERLINE: Final = (205, 138, 124)
SCALP: Final = (38, 26, 20)
BROW: Final = (84, 56, 44)
FRECKLE: Final = (150, 98, 72)


@dataclass(frozen=True)
class Texels:
    """What lies under each painted texel of the skin picture."""

    covered: NDArray[np.bool_]  # [H, W]
    places: Floats  # [N, 3] of the covered texels
    lip_level: Floats  # [N]
    lid_level: Floats  # [N], that of the nearer eye
    upper_lip: Floats  # [N], 1 on the upper lip, 0 on the lower


def paint_skin(person: Person, frame: UvFrame) -> Picture:
    """The skin's colour over its texture square."""
    texels = _lay_out(person, frame)
    colour = np.broadcast_to(np.array(SKIN, dtype=float), (len(texels.places), 3)).copy()
    for tint, strength in _layers(person, texels):
        colour += strength[:, None] * (np.array(tint, dtype=float) - colour)
    picture = np.zeros((SKIN_SIZE, SKIN_SIZE, 3))
    picture[texels.covered] = np.clip(colour, 0, 255)
    return np.rint(_bleed(picture, texels.covered)).astype(np.uint8)


def _layers(person: Person, texels: Texels) -> list[tuple[tuple[int, int, int], Floats]]:
    """Colours laid over the skin one after the other, each with its strength per texel."""
    eye = (person.eyes["Left"].centre + person.eyes["Right"].centre) / 2
    x, y, z = (texels.places - eye).T * 1000  # millimetres from between the eyes
    aside = np.abs(x)
    eye_x = person.eyes["Left"].centre[0] * 1000
    front = np.clip((20 - y) / 40, 0, 1)
    mottled = 0.5 + 0.5 * _noise(texels.places, 0.011, SEED)
    fine = _noise(texels.places, 0.0035, SEED + 1)
    cheek = _spot(aside - 45, z + 38, 17, 14) * front
    nose = _spot(x, z + 42, 11, 9) * np.clip((-y - 8) / 12, 0, 1)
    ears = np.clip((aside - 76) / 8, 0, 1) * np.clip((70 - np.abs(z + 10)) / 20, 0, 1)
    chin = _spot(x, z + 98, 15, 9) * front
    lid_fold = _spot(aside - eye_x, z - 9, 16, 5.5) * front
    under_eye = _spot(aside - eye_x + 3, z + 12.5, 14, 4.5) * front
    return [
        ((178, 122, 98), 0.20 * mottled),
        ((228, 184, 152), 0.12 * np.clip(fine, 0, 1)),
        (FLUSH, 0.34 * cheek + 0.28 * nose + 0.4 * ears + 0.16 * chin + 0.03 * np.clip(-fine, 0, 1)),
        (LID, 0.38 * lid_fold),
        (UNDER_EYE, 0.4 * under_eye),
        (FRECKLE, 0.3 * _freckles(texels) * np.clip(cheek * 1.6 + nose, 0, 1)),
        (FRECKLE, 0.75 * _spot(x + 37, z + 52, 0.9, 0.9) * front),
        (BROW, _brow_shadow(person, texels) * front),
        (SCALP, _scalp_strength(person, texels)),
        *_lip_layers(texels, fine),
        *_lid_layers(texels),
    ]


def _lip_layers(texels: Texels, fine: Floats) -> list[tuple[tuple[int, int, int], Floats]]:
    level = texels.lip_level - LIP_CONTACT_RING
    upper_edge, lower_edge = 6.4, 4.6  # rings from the seam to the lips' outer border
    edge = lower_edge + (upper_edge - lower_edge) * texels.upper_lip
    lips = _step(edge + 0.9, edge - 0.5, level + 0.25 * fine)
    seam = _step(1.6, -0.6, level)
    return [
        (LIP, 0.9 * lips),
        ((196, 118, 108), 0.35 * lips * _step(3.5, 1.5, np.abs(level - 2.6))),
        (LIP_SEAM, 0.85 * seam),
    ]


def _lid_layers(texels: Texels) -> list[tuple[tuple[int, int, int], Floats]]:
    level = texels.lid_level - LID_MARGIN_RING
    line = _step(2.6, 0.9, np.abs(level - 1.2))
    return [((104, 66, 56), 0.45 * line), (WATERLINE, 0.75 * _step(0.8, -0.4, level))]


def _brow_shadow(person: Person, texels: Texels) -> Floats:
    """A soft shade under the brow hairs."""
    shade = np.zeros(len(texels.places))
    for side in ("Left", "Right"):
        line = brow_line(person, side)
        order = np.argsort(line[:, 0])
        line = line[order]
        x, z = texels.places[:, 0], texels.places[:, 2]
        middle, half = (np.interp(x, line[:, 0], line[:, column]) for column in (1, 2))
        inside = _step(1.25, 0.35, np.abs(z - middle) / np.maximum(half, 1e-4))
        ends = _step(0.0, 0.005, x - line[0, 0]) * _step(0.0, 0.005, line[-1, 0] - x)
        shade = np.maximum(shade, 0.42 * inside * ends)
    return shade


def _scalp_strength(person: Person, texels: Texels) -> Floats:
    scalp = fit_scalp(person)
    directions = scalp.directions(texels.places)
    above = degrees_above_hairline(directions) + 1.6 * _noise(texels.places, 0.004, SEED + 2)
    outside = np.linalg.norm(texels.places - scalp.middle, axis=1) > scalp.radius(directions) - 0.012
    on_ear = np.linalg.norm(texels.places - scalp.middle, axis=1) > scalp.radius(directions) + 0.005
    found: Floats = 0.88 * _step(-1.0, 4.5, above) * outside * ~on_ear
    return found


def _freckles(texels: Texels) -> Floats:
    return _step(0.62, 0.85, _noise(texels.places, 0.0019, SEED + 3))


def _spot(across: Floats, up: Floats, width: float, height: float) -> Floats:
    return np.exp(-((across / width) ** 2) - (up / height) ** 2)


def _step(zero: float | Floats, one: float | Floats, value: Floats) -> Floats:
    """0 at `zero`, 1 at `one`, smooth in between; the two may stand in either order."""
    t = np.clip((value - zero) / (np.asarray(one) - np.asarray(zero)), 0, 1)
    found: Floats = t * t * (3 - 2 * t)
    return found


def _noise(places: Floats, size: float, seed: int) -> Floats:
    """Smooth value noise, about -1 to 1, with features of `size` metres."""
    lattice = np.random.default_rng(seed).uniform(-1, 1, size=(32, 32, 32))
    at = places / size
    low = np.floor(at).astype(int)
    t = at - low
    t = t * t * (3 - 2 * t)
    cells, shares = ((low % 32).T, ((low + 1) % 32).T), ((1 - t).T, t.T)
    total = np.zeros(len(places))
    for i, j, k in np.ndindex(2, 2, 2):
        share = shares[i][0] * shares[j][1] * shares[k][2]
        total += share * lattice[cells[i][0], cells[j][1], cells[k][2]]
    return total


def _lay_out(person: Person, frame: UvFrame) -> Texels:
    """Rasterises the smooth skin into the texture square."""
    quads = upper_body_quads(person)
    uv_corners = frame.to_square(person.mesh.uvs[person.mesh.uv_quads[quads]])
    on_picture = ((uv_corners >= 0) & (uv_corners <= 1)).all(axis=(1, 2))
    uv_corners = uv_corners[on_picture]
    local, used = compact(person.mesh.quads[quads[on_picture]])
    lids = np.minimum(person.lid_levels["Left"], person.lid_levels["Right"])
    upper = (person.shapes["jawOpen"][:, 2] > -0.012).astype(float)
    values = np.column_stack([person.vertices, person.lip_levels, lids, upper])[used].astype(float)
    uv_corners = _split_corners(uv_corners)
    local, stencil = subdivide(local, len(values))
    values = stencil.apply(values)
    grid = np.zeros((SKIN_SIZE, SKIN_SIZE, values.shape[1]))
    covered = np.zeros((SKIN_SIZE, SKIN_SIZE), dtype=bool)
    for first in range(0, len(local), _QUADS_AT_ONCE):
        some = slice(first, first + _QUADS_AT_ONCE)
        _fill_quads(grid, covered, uv_corners[some] * SKIN_SIZE, values[local[some]])
    found = grid[covered]
    return Texels(covered, found[:, :3], found[:, 3], found[:, 4], found[:, 5])


def _split_corners(corners: Floats) -> Floats:
    """Texture corners [Q, 4, 2] of the four quads that subdivision makes of each one, in its order."""
    middle = corners.mean(axis=1)
    half = (corners + np.roll(corners, -1, axis=1)) / 2
    fine = [np.stack([corners[:, c], half[:, c], middle, half[:, c - 1]], axis=1) for c in range(4)]
    return np.stack(fine, axis=1).reshape(-1, 4, 2)


def _fill_quads(grid: Floats, covered: NDArray[np.bool_], corners: Floats, values: Floats) -> None:
    """Writes values, interpolated, to the texels under small quads and half a texel around them.

    corners: on the grid, [Q, 4, 2]. values: [Q, 4, V]. Where several quads reach a texel, the last one has it.
    """
    low = np.clip(np.floor(corners.min(axis=1) - 0.5).astype(int), 0, SKIN_SIZE - 1)
    high = np.clip(np.ceil(corners.max(axis=1) + 0.5).astype(int), 1, SKIN_SIZE)
    size = np.maximum(high - low, 0)
    halves = corners[:, _HALVES].reshape(-1, 3, 2)
    origin, (to_second, to_third) = halves[:, 0], np.moveaxis(halves[:, 1:] - halves[:, :1], 1, 0)
    area = to_second[:, 0] * to_third[:, 1] - to_second[:, 1] * to_third[:, 0]
    count = np.where(np.abs(area) < 1e-9, 0, np.repeat(size.prod(axis=1), len(_HALVES)))
    half = np.repeat(np.arange(len(halves)), count)
    rank, quad = np.arange(len(half)) - (np.cumsum(count) - count)[half], half // len(_HALVES)
    row, column = np.divmod(rank, size[quad, 0])
    row, column = low[quad, 1] + row, low[quad, 0] + column
    x, y = column + 0.5 - origin[half, 0], row + 0.5 - origin[half, 1]
    second = (x * to_third[half, 1] - y * to_third[half, 0]) / area[half]
    third = (to_second[half, 0] * y - to_second[half, 1] * x) / area[half]
    share = np.stack([1 - second - third, second, third], axis=1)
    inside = (share >= -0.25).all(axis=1)
    where = row[inside], column[inside]
    of_corners = values[:, _HALVES].reshape(-1, 3, values.shape[-1])[half[inside]]
    grid[where] = (share[inside, :, np.newaxis] * of_corners).sum(axis=1)
    covered[where] = True


def _bleed(picture: Floats, covered: NDArray[np.bool_]) -> Floats:
    """Spreads colour over the seams' edges, then fills the rest with plain skin."""
    covered = covered.copy()
    for _ in range(6):
        for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
            spread = np.roll(covered, step, axis=axis) & ~covered
            picture[spread] = np.roll(picture, step, axis=axis)[spread]
            covered |= spread
    picture[~covered] = SKIN
    return picture


def paint_eye() -> Picture:
    """An eye seen from the front, in the azimuthal projection that the eyeballs' texture uses."""
    axis = (np.arange(EYE_SIZE) + 0.5) / EYE_SIZE * 2 - 1
    across, up = np.meshgrid(axis, axis)
    angle = np.hypot(across, up) * PAINTED_ANGLE
    spin = np.arctan2(up, across)
    radius = np.where(angle < np.pi / 2, np.sin(np.minimum(angle, np.pi / 2)), 1.0) / IRIS_SHARE  # 1 at the rim
    colour = _sclera(across, up, angle)
    for tint, strength in _iris_layers(radius, spin):
        colour += strength[..., None] * (np.array(tint, dtype=float) - colour)
    return np.rint(np.clip(colour, 0, 255)).astype(np.uint8)


def _sclera(across: Floats, up: Floats, angle: Floats) -> Floats:
    colour = np.broadcast_to(np.array((228, 221, 215), dtype=float), (*across.shape, 3)).copy()
    outer = _step(0.95, 1.6, angle)
    colour += (0.3 * outer)[..., None] * (np.array((206, 150, 138), dtype=float) - colour)
    places = np.stack([across, up, np.zeros_like(up)], axis=-1).reshape(-1, 3)
    bent = places + 0.05 * np.stack([_noise(places, 0.11, SEED + k) for k in (4, 5, 6)], axis=1)
    veins = _step(0.07, 0.0, np.abs(_noise(bent, 0.09, SEED + 7))).reshape(across.shape)
    colour += (0.2 * veins * _step(0.7, 1.1, angle))[..., None] * (np.array((186, 92, 84), dtype=float) - colour)
    return colour


def _iris_layers(radius: Floats, spin: Floats) -> list[tuple[tuple[int, int, int], Floats]]:
    inside = _step(1.04, 0.95, radius)
    fibres = _fibres(radius, spin)
    pupil = PUPIL_SHARE / IRIS_SHARE
    collar = np.exp(-(((radius - pupil - 0.17) / 0.09) ** 2))
    return [
        ((58, 38, 24), inside),
        ((128, 84, 44), inside * np.clip(0.15 + 0.75 * fibres, 0, 1) * _step(1.0, 0.72, radius)),
        ((166, 112, 56), inside * 0.6 * collar * np.clip(0.3 + fibres, 0, 1)),
        ((24, 15, 11), inside * _step(0.8, 1.0, radius) * 0.75),
        ((3, 3, 3), _step(pupil * 1.12, pupil * 0.98, radius)),
    ]


def _fibres(radius: Floats, spin: Floats) -> Floats:
    """Radial streaks: noise that is long towards the pupil and short around it."""
    places = np.stack([np.cos(spin) * 4, np.sin(spin) * 4, radius * 0.9], axis=-1).reshape(-1, 3)
    coarse, fine = _noise(places, 0.28, SEED + 8), _noise(places, 0.11, SEED + 9)
    return (0.5 + 0.35 * coarse + 0.35 * fine).reshape(radius.shape)
