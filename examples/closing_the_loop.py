"""Which of the 52 shapes come back? Renders the example head with each one and estimates the picture.

    python build.py blender examples/closing_the_loop.py [FOLDER]

Writes FOLDER/closing-the-loop.md with FOLDER/images/example-head-shapes.jpg and example-head.png; FOLDER is docs/
where none is given. Pictures are kept under build/closing-the-loop/ and made again only when the head changes.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parents[1]
SIZE_PX = 400
SAMPLES = 8
PORTRAIT_SIZE_PX = 640
PORTRAIT_SAMPLES = 64
SHEET_COLUMNS = 9
BACK = 0.5  # rise of the shape's own value from which it counts as read
WEAK = 0.15  # below this it counts as lost

# The two shapes that mean something only on an open jaw.
BASES = {"mouthClose": {"jawOpen": 1.0}, "tongueOut": {"jawOpen": 0.6}}
NEUTRAL = "neutral"

Channels = dict[str, float]


@dataclass(frozen=True)
class Trial:
    """One picture: what is set on the head, what that stands on, and which channels should rise."""

    name: str
    pose: Channels
    base: str = NEUTRAL
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What the estimate of a trial shows against the estimate of its base."""

    trial: Trial
    value: float  # of the wanted channels, the least
    rise: float  # of the wanted channels over the base, the least
    other: str  # the channel that rises most besides
    other_rise: float

    @property
    def verdict(self) -> str:
        """One word or two on what happened to the shape."""
        if self.rise >= BACK:
            return "comes back"
        if self.rise >= WEAK:
            return "comes back weakly"
        return "read as another" if self.other_rise >= WEAK else "lost"


def main(folder: Path) -> None:
    """Render, estimate, write."""
    bpy.ops.wm.read_homefile(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.use_denoising = True
    scene.render.use_persistent_data = True  # only what the shapes move is handed to Cycles again
    scene.render.resolution_x = scene.render.resolution_y = SIZE_PX
    bpy.ops.mien.add_example_head()
    keys = shape_keys(bpy.context.object.parent)
    names = [key.name for key in bpy.context.object.data.shape_keys.key_blocks[1:]]
    singles, pairs, bases = trials(names)
    pictures = cache_folder()
    for trial in (*bases, *singles, *pairs):
        render(pose_path(pictures, trial), trial.pose, keys, SIZE_PX, SAMPLES)
    readings = estimate(pictures, (*bases, *singles, *pairs))
    portrait = folder / "images" / "example-head.png"
    render(pictures / "portrait.png", {}, keys, PORTRAIT_SIZE_PX, PORTRAIT_SAMPLES)
    portrait.parent.mkdir(parents=True, exist_ok=True)
    portrait.write_bytes((pictures / "portrait.png").read_bytes())
    draw_sheet(folder / "images" / "example-head-shapes.jpg", pictures, (bases[0], *singles))
    resting = readings[NEUTRAL]
    text = report(resting, [read(trial, readings) for trial in singles], [read(trial, readings) for trial in pairs])
    (folder / "closing-the-loop.md").write_text(text, encoding="utf-8")


def shape_keys(armature: bpy.types.Object) -> dict[str, list[bpy.types.ShapeKey]]:
    """All shape keys of the head by name; a shape has one on each mesh that it moves."""
    found: dict[str, list[bpy.types.ShapeKey]] = {}
    for part in armature.children:
        if part.data.shape_keys:
            for key in part.data.shape_keys.key_blocks[1:]:
                found.setdefault(key.name, []).append(key)
    return found


def trials(names: list[str]) -> tuple[list[Trial], list[Trial], list[Trial]]:
    """Every shape by itself, every pair of sides together, and what they are compared with."""
    bases = [Trial(NEUTRAL, {}), *(Trial(f"{name} base", pose) for name, pose in BASES.items())]
    singles = [
        Trial(name, {**BASES.get(name, {}), name: 1.0}, f"{name} base" if name in BASES else NEUTRAL, (name,))
        for name in names
    ]
    pairs = [
        Trial(both, {f"{both}Left": 1.0, f"{both}Right": 1.0}, NEUTRAL, (f"{both}Left", f"{both}Right"))
        for both in (name.removesuffix("Left") for name in names if name.endswith("Left"))
        if f"{both}Right" in names and both not in ("jaw", "mouth")  # those two sides exclude each other
    ]
    return singles, pairs, bases


def cache_folder() -> Path:
    """Where the pictures of just this head and these settings are."""
    head = hashlib.sha256(repr((SIZE_PX, SAMPLES, PORTRAIT_SIZE_PX, PORTRAIT_SAMPLES, BASES)).encode())
    for source in sorted(ROOT.glob("blender_addon/scene/*head*.py")):
        head.update(source.read_bytes())
    head.update((ROOT / "blender_addon" / "assets" / "example_head.npz").read_bytes())
    folder = ROOT / "build" / "closing-the-loop" / head.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pose_path(folder: Path, trial: Trial) -> Path:
    """The picture of a trial."""
    return folder / f"{trial.name.replace(' ', '-')}.png"


def render(path: Path, pose: Channels, keys: dict[str, list[bpy.types.ShapeKey]], size_px: int, samples: int) -> None:
    """A picture of the head in a pose, unless it is there already."""
    if path.exists():
        return
    for name, blocks in keys.items():
        for block in blocks:
            block.value = pose.get(name, 0.0)
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = size_px
    scene.cycles.samples = samples
    unfinished = path.with_suffix(".part.png")
    scene.render.filepath = str(unfinished)
    bpy.ops.render.render(write_still=True)
    unfinished.replace(path)


def estimate(folder: Path, pictured: tuple[Trial, ...]) -> dict[str, Channels]:
    """What the backend's command line reads in each picture; a picture without a face ends the run."""
    command = [*backend(), "-m", "inference_backend", "estimate", "--json", "--faces", "1"]
    command += [str(pose_path(folder, trial)) for trial in pictured]
    done = subprocess.run(command, cwd=os.environ["MIEN_BACKEND_ROOT"], stdout=subprocess.PIPE, text=True, check=True)
    replies = json.loads(done.stdout)
    missed = [trial.name for trial, reply in zip(pictured, replies, strict=True) if not reply["faces"]]
    if missed:
        sys.exit(f"No face was found in the picture of {', '.join(missed)}.")
    return {trial.name: reply["faces"][0]["channels"] for trial, reply in zip(pictured, replies, strict=True)}


def backend() -> list[str]:
    """The backend's Python, as build.py names it."""
    if "MIEN_BACKEND_PYTHON" not in os.environ:
        sys.exit("Run this by `python build.py blender examples/closing_the_loop.py`, which knows the backend.")
    return [os.environ["MIEN_BACKEND_PYTHON"]]


def read(trial: Trial, readings: dict[str, Channels]) -> Reading:
    """Compare a trial with its base, shapes only."""
    found, base = readings[trial.name], readings[trial.base]
    rises = {name: found[name] - base[name] for name in found if not name.startswith(("head", "leftEye", "rightEye"))}
    others = {name: rise for name, rise in rises.items() if name not in trial.pose}
    other = max(others, key=others.__getitem__)
    return Reading(
        trial,
        value=min(found[name] for name in trial.wanted),
        rise=min(rises[name] for name in trial.wanted),
        other=other,
        other_rise=others[other],
    )


def draw_sheet(output: Path, pictures: Path, shown: tuple[Trial, ...]) -> None:
    """All pictures on one sheet."""
    named = [f"{trial.name}={pose_path(pictures, trial)}" for trial in shown]
    script = Path(__file__).with_name("contact_sheet.py")
    subprocess.run([*backend(), str(script), str(output), str(SHEET_COLUMNS), *named], check=True)


def report(resting: Channels, singles: list[Reading], pairs: list[Reading]) -> str:
    """The page."""
    shapes = {name: value for name, value in resting.items() if not name.startswith(("head", "leftEye", "rightEye"))}
    loudest = sorted(shapes, key=shapes.__getitem__, reverse=True)[:5]
    at_rest = ", ".join(f"{name} {shapes[name]:.2f}" for name in loudest)
    return f"""# Closing the loop on the example head

Written by `python build.py blender examples/closing_the_loop.py`; do not edit.

The example head is rendered with one shape at 1.0 at a time (Cycles, {SIZE_PX} x {SIZE_PX} pixels, {SAMPLES} samples)
and the picture is given to the face engine. *Read* is what the engine says of that very shape, *rise* is how much
more than without the shape, *largest other rise* the shape that was not set and rose most. A shape **comes back**
when it rises by at least {BACK:g}, **weakly** from {WEAK:g}; otherwise it is **read as another** when another one rises
by at least {WEAK:g}, or **lost**. `mouthClose` stands on a jaw opened fully, `tongueOut` on one opened to 0.6. A face
was found in every picture.

At rest nothing should be read at all; the largest readings are {at_rest}.

![The head at rest and with each shape](images/example-head-shapes.jpg)

## One shape at a time

{_tally(singles)}

{_table(singles)}

## Both sides together

The engine takes most expressions to be two-sided, so the pairs are tried as pairs too; read and rise are those of the
lesser side.

{_tally(pairs)}

{_table(pairs)}
"""


def _tally(readings: list[Reading]) -> str:
    counts: dict[str, int] = {}
    for reading in readings:
        counts[reading.verdict] = counts.get(reading.verdict, 0) + 1
    order = ("comes back", "comes back weakly", "read as another", "lost")
    return f"Of {len(readings)}: " + ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in order) + "."


def _table(readings: list[Reading]) -> str:
    rows = [
        f"| {reading.trial.name} | {reading.value:.2f} | {reading.rise:+.2f} "
        f"| {reading.other} {reading.other_rise:+.2f} | {reading.verdict} |"
        for reading in readings
    ]
    return "\n".join(["| shape | read | rise | largest other rise | verdict |", "|---|---|---|---|---|", *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "docs")
