"""How long the built-in performer takes, and how many keys it sets."""

import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from inference_backend.script.engine import BuiltInPerformer

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "script" / "corpus"
ROUNDS = 15
TARGET_MS = 50.0
KEYS_TARGET = 8.0

SCENE = """
She smiles faintly and looks down at the letter. Then her smile fades and her brows draw together.
(pause) She bites her lip, glances over her left shoulder, and sighs. "I knew you would come back,"
she says bitterly. After a beat she raises one eyebrow, then slowly shakes her head.
He frowns, his eyes narrow, and his jaw clenches. "Sit down. We have to talk." He blinks twice.
"""

LINES = """
"I never said she stole my money, and you know it," he says. "Khaleesi, five boys blew bubbles at 10:30!"
"Dr. Smith paid $3.50 in 1999, but Geralt of Rivia only laughed." She shouts, "Get OUT of my house!"
"Well... fine. We will see who wins."
"""

Row = dict[str, Any]


def run() -> list[Row]:
    """The rows of the report."""
    performer = BuiltInPerformer()
    milliseconds, spoken = (_milliseconds(performer, scene) for scene in (SCENE, LINES))
    return [
        {
            "name": "perform a 60-second script (median)",
            "value": round(milliseconds, 1),
            "unit": "ms",
            "target": TARGET_MS,
        },
        {
            "name": "perform a 60-second script full of spoken lines (median)",
            "value": round(spoken, 1),
            "unit": "ms",
            "target": TARGET_MS,
        },
        {"name": "perform a first short script in a new process", "value": round(_cold(), 0), "unit": "ms"},
        {
            "name": "keys a second over all channels, median of the corpus",
            "value": round(keys_a_second(), 2),
            "unit": "1/s",
            "target": KEYS_TARGET,
        },
    ]


def keys_a_second(*, life: bool = True) -> float:
    """The median over the scripts of the test corpus."""
    performer = BuiltInPerformer()
    rates = []
    for path in sorted(CORPUS.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get("script", []):
            if any(character.isalpha() for character in case["text"]):
                performance = performer.perform(case["text"], life=life)
                if performance.keyframes:
                    rates.append(performance.key_count() / performance.duration)
    return statistics.median(rates)


def _milliseconds(performer: BuiltInPerformer, scene: str) -> float:
    """The median for a scene repeated until it lasts a minute."""
    script = scene
    while performer.perform(script).duration < 60.0:
        script += scene
    return statistics.median(_timed(performer, script) for _ in range(ROUNDS))


def _timed(performer: BuiltInPerformer, script: str) -> float:
    start = time.perf_counter()
    performer.perform(script)
    return 1000 * (time.perf_counter() - start)


def _cold() -> float:
    start = time.perf_counter()
    command = "from inference_backend.script.engine import BuiltInPerformer as B; B().perform('She smiles.')"
    subprocess.run([sys.executable, "-c", command], check=True, cwd=ROOT)
    return 1000 * (time.perf_counter() - start)
