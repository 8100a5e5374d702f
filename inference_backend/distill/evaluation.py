"""How well engines read pictures whose truth is known, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import CHANNELS, INDEX, PAIRS, SHAPES
from blender_addon.core.errors import InputError, MienError
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description, Region
from blender_addon.core.semantics.vocabulary import VOCABULARY
from blender_addon.core.semantics.writer import pose_from_description
from blender_addon.core.wire import HeadFrame

from ..engines import ImageEngine, estimate_each
from .manifest import Manifest

VARIES: Final = 0.02
"""A channel whose truth spreads less is not judged."""
UNEVEN: Final = 0.25
"""Two sides of a pair that differ by this much are seen to differ."""
AGREES: Final = 0.2
"""Words without numbers give a coefficient back this closely (see core.semantics.reader)."""


@dataclass(frozen=True)
class Scores:
    """What one engine made of a manifest. Where it found no face, the neutral face is taken as its reading.

    found: share of the pictures in which it saw a face. error: mean over the channels that vary, in their own units
    (radians for angles). found_error: the same over the pictures with a face; None without any.
    correlation: Pearson's, of each of these channels over the pictures, the mean; pooled: over all of them at once.
    regions: error by region. sides_kept: of the pairs that truly differ, the share whose reading differs the same way.
    words_agree: share of the pictures whose words give its own numbers back; None where it says none.
    """

    engine: str
    pictures: int
    channels: int
    found: float
    error: float
    found_error: float | None
    correlation: float
    pooled: float
    regions: Mapping[str, float]
    sides_kept: float | None
    words_agree: float | None


def evaluate(engine: ImageEngine, manifest: Manifest) -> Scores:
    """Let an engine read every picture. Raise InputError where nothing in the truth varies."""
    truth = manifest.values()
    channels = [name for name in CHANNELS if truth[:, INDEX[name]].std() > VARIES]
    if not channels:
        raise InputError("The face is the same in all pictures.", "Evaluate on pictures that differ.")
    read, found, agreeing = np.zeros_like(truth), np.zeros(len(truth), dtype=bool), []
    pictures = (manifest.picture(example) for example in manifest.examples)
    for place, faces in enumerate(estimate_each(engine, pictures, max_faces=1, head_frame=HeadFrame.VIEWER)):
        if isinstance(faces, MienError):
            raise faces
        if faces:
            found[place], read[place] = True, faces[0].pose.values
            agreeing.append(words_agree(faces[0].description, faces[0].pose))
    columns = [INDEX[name] for name in channels]
    misses = np.abs(read - truth)[:, columns]
    return Scores(
        engine.name,
        len(truth),
        len(channels),
        float(found.mean()),
        float(misses.mean()),
        float(misses[found].mean()) if found.any() else None,
        mean_correlation(read[:, columns], truth[:, columns]),
        _correlation(read[:, columns].ravel(), truth[:, columns].ravel()),
        {region: float(misses[:, places].mean()) for region, places in _by_region(channels).items()},
        _sides_kept(read, truth),
        sum(agreeing) / len(agreeing) if agreeing else None,
    )


def mean_correlation(read: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """Of each column over the rows (Pearson), the mean; a column that is always read the same counts as 0."""
    return float(np.mean([_correlation(read[:, column], truth[:, column]) for column in range(truth.shape[1])]))


def words_agree(description: Description, pose: Pose) -> bool:
    """Whether the amounts in an engine's words are those of its numbers, as far as words go."""
    try:
        said = pose_from_description(description)
    except InputError:
        return False
    told = np.array([name in SHAPES for name in CHANNELS]) & (said.values != 0)
    return bool((np.abs(said.values - pose.values)[told] <= AGREES).all())


def table(scores: Sequence[Scores]) -> str:
    """A Markdown table with an engine in each column."""
    rows: list[tuple[str, list[str]]] = [
        ("pictures", [str(one.pictures) for one in scores]),
        ("face found", [f"{one.found:.0%}" for one in scores]),
        ("mean absolute error", [f"{one.error:.3f}" for one in scores]),
        ("the same where a face was found", [_shown(one.found_error) for one in scores]),
        ("correlation, mean of the channels", [f"{one.correlation:.2f}" for one in scores]),
        ("correlation, all values at once", [f"{one.pooled:.2f}" for one in scores]),
        ("uneven sides kept", [_share(one.sides_kept) for one in scores]),
        ("words agree with numbers", [_share(one.words_agree) for one in scores]),
    ]
    rows += [(f"error: {region}", [_shown(one.regions.get(region)) for one in scores]) for region in scores[0].regions]
    lines = [f"| | {' | '.join(one.engine for one in scores)} |", f"|---|{'---|' * len(scores)}"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _correlation(read: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    if read.std() < 1e-6 or truth.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(read, truth)[0, 1])


def _by_region(channels: Sequence[str]) -> dict[str, list[int]]:
    region_of = {way.channel: movement.region for movement in VOCABULARY for way in movement.directions}
    places: dict[str, list[int]] = {}
    for region in Region:
        here = [place for place, name in enumerate(channels) if region_of[name] is region]
        if here:
            places[region.value] = here
    return places


def _sides_kept(read: NDArray[np.float32], truth: NDArray[np.float32]) -> float | None:
    kept = []
    for left, right in PAIRS:
        differ = truth[:, INDEX[left]] - truth[:, INDEX[right]]
        seen = read[:, INDEX[left]] - read[:, INDEX[right]]
        uneven = np.abs(differ) >= UNEVEN
        kept.extend((seen * np.sign(differ) >= UNEVEN / 2)[uneven].tolist())
    return sum(kept) / len(kept) if kept else None
