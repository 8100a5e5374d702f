"""A sequence of pictures in a tar: which names the engine sees, and which ones the client is told."""

import io
import tarfile
from pathlib import Path

import pytest

from blender_addon.core.errors import InputError
from inference_backend.jobs.clip_source import as_the_client_calls_it, unpacked
from inference_backend.video.frame import Part
from inference_backend.video.opening import open_clip
from inference_backend.video.sequence import pictures_of

from .pictures import png


def sequence(folder: Path, pictures: dict[str, bytes]) -> Path:
    with tarfile.open(folder / "pictures.tar", "w") as archive:
        for name, data in pictures.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return unpacked(folder / "pictures.tar", 10)


def test_pictures_need_no_suffix(tmp_path: Path) -> None:
    assert len(pictures_of(sequence(tmp_path, {"one": png(), "two": png()}))) == 2


def test_what_a_mac_packs_beside_the_pictures_is_none_of_them(tmp_path: Path) -> None:
    names = [f"shot/{hidden}smile.{number}.png" for number in (1001, 1002, 1004) for hidden in ("._", "")]
    clip = sequence(tmp_path, {name: b"no picture" if "._" in name else png() for name in names})
    with open_clip(clip, sequence_fps=10.0) as opened:
        assert [frame.time for frame in opened.frames(Part())] == pytest.approx([0.0, 0.1, 0.3])


def test_a_damaged_picture_has_the_name_that_the_client_gave_it(tmp_path: Path) -> None:
    clip = sequence(tmp_path, {"shot/smile.1001.png": png(), "shot/smile.1002.png": b"nothing"})
    with open_clip(clip, sequence_fps=24.0) as opened, pytest.raises(InputError) as caught:
        list(opened.frames(Part()))
    told = as_the_client_calls_it(caught.value, clip, "smile")
    assert type(told) is InputError
    assert told.message.startswith("smile.1002.png: ")
    assert "0000001" not in told.message


def test_a_missing_picture_keeps_its_place_and_the_others_their_names(tmp_path: Path) -> None:
    numbers = (1001, 1002, 1004, 1005)
    clip = sequence(tmp_path, {f"smile.{number}.png": png() if number < 1005 else b"nothing" for number in numbers})
    with open_clip(clip, sequence_fps=10.0) as opened:
        assert opened.table(Part()).times == pytest.approx([0.0, 0.1, 0.3, 0.4])
        with pytest.raises(InputError) as caught:
            list(opened.frames(Part()))
    assert as_the_client_calls_it(caught.value, clip, "smile").message.startswith("smile.1005.png: ")


@pytest.mark.parametrize(
    ("places", "found"),
    [((0, 1, 2), (0, 1, 2)), ((0, 4, 5), (0, 4, 5)), ((0, 4, 4), (0, 1, 3)), ((2, 1, 3), (0, 1, 3))],
)
def test_places_that_are_told_go_before_the_numbers(tmp_path: Path, places: tuple[int, ...], found) -> None:
    numbers = (1001, 1002, 1004)
    named = {f"{place:07d}/smile.{number}.png": png() for place, number in zip(places, numbers, strict=True)}
    clip = sequence(tmp_path, named)
    assert [int(path.stem) for path in pictures_of(clip)] == list(found)


@pytest.mark.parametrize(("title", "called"), [("smile.mp4", "smile.mp4"), ("", "The clip")])
def test_the_place_where_the_backend_keeps_a_clip_is_not_told(tmp_path: Path, title: str, called: str) -> None:
    clip = tmp_path / "clip.mp4"
    told = as_the_client_calls_it(InputError(f"{clip} can't be read: permission denied."), clip, title)
    assert told.message == f"{called} can't be read: permission denied."
