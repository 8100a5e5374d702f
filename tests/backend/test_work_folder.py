"""What killed backends leave on disk, and what the next one does about it."""

from pathlib import Path

from inference_backend.jobs.work_folder import WorkFolder


def names_in(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_folder_that_nobody_holds_goes_with_its_lock(tmp_path: Path) -> None:
    (tmp_path / "0123").mkdir()
    (tmp_path / "0123" / "events").write_bytes(b"{}")
    (tmp_path / "0123.lock").touch()
    WorkFolder(tmp_path).clear_stale()
    assert names_in(tmp_path) == ["guard"]


def test_so_does_the_lock_of_one_that_was_killed_while_it_was_removed(tmp_path: Path) -> None:
    (tmp_path / "0123.lock").touch()
    WorkFolder(tmp_path).clear_stale()
    assert names_in(tmp_path) == ["guard"]


def test_what_a_living_backend_holds_stays(tmp_path: Path) -> None:
    living = WorkFolder(tmp_path)
    living.make("job")
    before = names_in(tmp_path)
    WorkFolder(tmp_path).clear_stale()
    assert names_in(tmp_path) == before
    living.close()
    assert names_in(tmp_path) == ["guard"]


def test_a_folder_is_made_anew_where_somebody_has_emptied_the_place(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "jobs")
    first = folder.make("one").parent
    (first / "one").rmdir()
    first.rmdir()
    assert folder.make("two").is_dir()
    assert folder.free_bytes() > 0
    folder.close()
    assert names_in(tmp_path / "jobs") == ["guard"]
