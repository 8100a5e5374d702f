"""What is sent of a clip."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blender_addon.client.clip_body import clip_body
from blender_addon.core.errors import InputError


def shares() -> tuple[list[float], Callable[[float], None]]:
    told: list[float] = []
    return told, told.append


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (3 << 20) + 5])
def test_a_file_and_its_bytes_are_sent_alike(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    (tmp_path / "clip.mov").write_bytes(data)
    for clip in (data, tmp_path / "clip.mov"):
        told, tell = shares()
        body = clip_body(clip, "", tell)
        assert body.size == size
        assert b"".join(body.blocks) == data
        assert told == sorted(told)
        assert told[-1] == 1.0


def test_a_title_goes_before_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "clip.mov").write_bytes(b"x")
    assert clip_body(tmp_path / "clip.mov", "", print).title == "clip.mov"
    assert clip_body(tmp_path / "clip.mov", "take 3", print).title == "take 3"


def test_pictures_go_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["shot_9.png", "shot_10.PNG", "shot_100.jpg", "shot_0101.png"]
    for name in reversed(names):
        (tmp_path / name).write_bytes(name.encode() * 100)
    (tmp_path / "shot_11.txt").write_text("no picture", encoding="utf-8")
    told, tell = shares()
    body = clip_body(tmp_path, "", tell)
    data = b"".join(body.blocks)
    assert len(data) == body.size
    assert told[-1] == 1.0
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = archive.getmembers()
        assert [archive.extractfile(member).read() for member in members] == [name.encode() * 100 for name in names]
    assert [member.name for member in members] == [f"{place:07d}/{name}" for place, name in enumerate(names)]


def test_the_pictures_of_a_folder_are_named_by_their_places_and_others_one_by_one(tmp_path: Path) -> None:
    paths = tuple(tmp_path / f"shot_{number}.png" for number in (8, 9, 11))
    beside = [tmp_path / f"._{path.name}" for path in paths]
    for path in (*beside, *paths, tmp_path / "thumb.png"):  # of which only the second are frames
        path.write_bytes(b"picture")
    for clip, places in ((tmp_path, [0, 1, 3]), (paths, [0, 1, 2])):
        data = b"".join(clip_body(clip, "", lambda share: None).blocks)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            named = zip(places, paths, strict=True)
            assert archive.getnames() == [f"{place:07d}/{path.name}" for place, path in named]


@pytest.mark.parametrize("name", ["Lächeln.png", "x" * 93 + ".PNG"])
def test_a_name_that_a_tar_cannot_hold_in_its_place_is_left_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"picture")
    body = clip_body(tmp_path, "", lambda share: None)
    data = b"".join(body.blocks)
    assert len(data) == body.size
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["0000000/picture.png"]


def test_a_folder_of_hidden_files_holds_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "._shot_1.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="There are no pictures in "):
        clip_body(tmp_path, "", lambda share: None)


def test_a_hidden_picture_that_was_chosen_goes_by_another_name(tmp_path: Path) -> None:
    (tmp_path / ".shot_1.png").write_bytes(b"picture")
    data = b"".join(clip_body((tmp_path / ".shot_1.png",), "", lambda share: None).blocks)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["0000000/picture.png"]


def test_a_file_that_becomes_shorter_is_told(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    clip.write_bytes(bytes(3 << 20))
    body = clip_body(clip, "", lambda share: None)
    next(body.blocks)
    clip.write_bytes(b"")
    with pytest.raises(InputError, match=r"clip\.mov became shorter"):
        list(body.blocks)


def test_a_file_that_becomes_longer_is_sent_as_it_was(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    clip.write_bytes(b"x" * 10)
    body = clip_body(clip, "", lambda share: None)
    clip.write_bytes(b"x" * 20)
    assert b"".join(body.blocks) == b"x" * 10
