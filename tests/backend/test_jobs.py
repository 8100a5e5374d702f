"""Long work over HTTP: clips and scripts as jobs."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest

from blender_addon.core.clips import TrackRequest
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import (
    JobPhase,
    Progress,
    Queued,
    Started,
    performance_to_json,
)
from inference_backend.limits import Limits
from inference_backend.script.engine import BuiltInPerformer

from .asking import BEARER, ask, check_shape, error_of, wait_for
from .brightness_clips import (
    BROKEN_WIDTH,
    GOOD_FRAMES,
    SLOW_WIDTH,
    UNWILLING_WIDTH,
    BrightnessClips,
    brightness_at,
    clip_bytes,
)
from .conftest import RunningServer, servers
from .job_asking import (
    LONG,
    SHORT,
    begun,
    end_of,
    events_of,
    files_of,
    jobs,
    lines_of,
    reply_on,
    tar_of,
    track_of,
    upload,
    wait_for_clip,
)
from .pictures import png

StartServer = Callable[[Limits], RunningServer]


@contextmanager
def following(server: RunningServer, job: str) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", f"/v1/jobs/{job}/events", headers=BEARER)
    yield connection.getresponse()
    connection.close()


class TestTracking:
    def test_the_frames_come_as_the_engine_gave_them(self, job_server: RunningServer, tmp_path: Path) -> None:
        events = events_of(job_server, begun(job_server))
        assert isinstance(events[0], Queued)
        assert isinstance(events[1], Started)
        assert end_of(events).phase is JobPhase.DONE
        (tmp_path / "clip.mkv").write_bytes(SHORT)
        direct = FaceTrack.joined(*(frames.track for frames in BrightnessClips().track(tmp_path / "clip.mkv")))
        assert len(direct.times) == 24
        track = track_of(events)
        for name in ("times", "values", "confidence"):
            assert np.array_equal(getattr(track, name), getattr(direct, name))
        assert [round(255 * jaw) for jaw in track.channel("jawOpen")] == [brightness_at(index) for index in range(24)]

    def test_what_is_known_of_the_clip_comes_first_and_progress_last(self, job_server: RunningServer) -> None:
        events = events_of(job_server, begun(job_server, LONG, "end=2"))
        assert events[1].clip.width == SLOW_WIDTH
        told = [event for event in events if isinstance(event, Progress)]
        assert len(told) > 2
        assert all(event.total == 50 and event.rate > 5 and event.seconds_left >= 0 for event in told)
        assert [event.done for event in told] == sorted(event.done for event in told)
        assert (told[-1].done, told[-1].seconds_left) == (50, 0)

    def test_the_asked_part_is_tracked(self, job_server: RunningServer) -> None:
        events = events_of(job_server, begun(job_server, query="start=0.2&end=0.8&stride=3"))
        assert track_of(events).times.tolist() == [0.2, 0.32, 0.44, 0.56, 0.68]

    def test_a_sequence_of_pictures(self, job_server: RunningServer) -> None:
        pictures = [png(brightness=shade) for shade in (50, 100, 150)]
        events = events_of(job_server, begun(job_server, tar_of(pictures), **{"Content-Type": "application/x-tar"}))
        assert [round(255 * jaw) for jaw in track_of(events).channel("jawOpen")] == [50, 100, 150]

    def test_the_engine_sees_no_name_of_the_client(self, job_server: RunningServer, tmp_path: Path) -> None:
        begun(job_server, query="title=..%2F..%2Fescape.MP4")
        (path,) = wait_for_clip(job_server)
        assert path.name == "clip.mp4"
        assert path.is_relative_to(tmp_path / "work")

    @pytest.mark.parametrize(
        ("width", "code", "words"), [(UNWILLING_WIDTH, "engine", "out of breath"), (BROKEN_WIDTH, "error", "own")]
    )
    def test_what_came_before_an_engine_failed_is_there(
        self, job_server: RunningServer, width: int, code: str, words: str
    ) -> None:
        job = begun(job_server, clip_bytes(width=width))
        events = events_of(job_server, job)
        assert len(track_of(events).times) == GOOD_FRAMES
        ended = end_of(events)
        assert (ended.phase, ended.error.code) == (JobPhase.FAILED, code)
        assert words in ended.error.message
        assert "secret" not in json.dumps(lines_of(job_server, job))

    def test_no_clip_at_all(self, job_server: RunningServer) -> None:
        events = events_of(job_server, begun(job_server, b"%PDF-1.7"))
        assert end_of(events).error.message == "The file is no clip."


class TestEvents:
    def test_numbers_rise_by_one_and_the_last_line_ends(self, job_server: RunningServer) -> None:
        lines = lines_of(job_server, begun(job_server))
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
        assert [line["event"] for line in lines if line["event"] == "ended"] == ["ended"]
        assert lines[-1] == {"seq": len(lines), "event": "ended", "state": "done"}

    def test_they_are_read_again_from_any_of_them(self, job_server: RunningServer) -> None:
        job = begun(job_server)
        lines = lines_of(job_server, job)
        for after in range(len(lines) + 2):
            assert lines_of(job_server, job, after) == lines[after:]

    def test_they_come_while_the_engine_works(self, job_server: RunningServer) -> None:
        with following(job_server, begun(job_server, LONG)) as reply:
            seen = [json.loads(reply.readline())["event"] for _ in range(5)]
        assert seen[:3] == ["queued", "started", "frames"]
        assert json.loads(ask(job_server, "GET", "/v1/jobs")[2])["jobs"][0]["state"] == "running"

    def test_two_readers_read_the_same(self, job_server: RunningServer) -> None:
        job = begun(job_server, LONG, "end=1")
        found: list[list[dict[str, Any]]] = []
        threads = [threading.Thread(target=lambda: found.append(lines_of(job_server, job))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(found) == 2
        assert found[0] == found[1] == lines_of(job_server, job)


class TestCancelling:
    def test_while_it_is_worked_on(self, job_server: RunningServer, tmp_path: Path) -> None:
        job = begun(job_server, LONG)
        with following(job_server, job) as reply:
            while json.loads(reply.readline())["event"] != "frames":
                pass
            start = time.perf_counter()
            status, _, content = ask(job_server, "DELETE", f"/v1/jobs/{job}")
            assert (status, json.loads(content)["state"]) == (200, "cancelled")
            last = [json.loads(line) for line in reply.read().splitlines()][-1]
            assert time.perf_counter() - start < 4  # of 8 s
        assert (last["event"], last["state"], last["error"]["code"]) == ("ended", "cancelled", "cancelled")
        wait_for(lambda: files_of(tmp_path / "work") == ["events", "guard"])
        assert end_of(events_of(job_server, begun(job_server))).phase is JobPhase.DONE

    def test_while_it_waits(self, job_server: RunningServer) -> None:
        first, second, third = begun(job_server, LONG), begun(job_server), begun(job_server, SHORT, "end=0.5")
        assert json.loads(ask(job_server, "DELETE", f"/v1/jobs/{second}")[2])["state"] == "cancelled"
        assert [line["event"] for line in lines_of(job_server, second)] == ["queued", "ended"]
        ask(job_server, "DELETE", f"/v1/jobs/{first}")
        assert end_of(events_of(job_server, third)).phase is JobPhase.DONE
        assert len(job_server.clips.tracked) == 2

    def test_while_it_is_sent(self, job_server: RunningServer, tmp_path: Path) -> None:
        job = "an-id-of-the-client"
        with upload(job_server, announced=10_000_000, sent=b"x" * 3_000_000, query=f"id={job}") as connection:
            wait_for(lambda: [line["state"] for line in jobs(job_server)] == ["receiving"])
            assert json.loads(ask(job_server, "DELETE", f"/v1/jobs/{job}")[2])["state"] == "cancelled"
            assert reply_on(connection)[0] == 499
        wait_for(lambda: files_of(tmp_path / "work") == ["guard"])
        assert jobs(job_server) == []

    def test_once_it_has_ended_it_is_forgotten(self, job_server: RunningServer, tmp_path: Path) -> None:
        job = begun(job_server)
        lines_of(job_server, job)
        assert json.loads(ask(job_server, "DELETE", f"/v1/jobs/{job}")[2])["state"] == "done"
        for method, path in (("GET", f"/v1/jobs/{job}/events"), ("DELETE", f"/v1/jobs/{job}")):
            status, _, content = ask(job_server, method, path)
            assert (status, error_of(content)["code"]) == (404, "bad_input")
        wait_for(lambda: files_of(tmp_path / "work") == ["guard"])


class TestQueue:
    def test_clips_are_tracked_in_the_order_in_which_they_came(self, job_server: RunningServer) -> None:
        queued = [begun(job_server, LONG, f"end={end}&title={end}") for end in (0.4, 0.2, 0.3)]
        assert [line["title"] for line in jobs(job_server)] == ["0.4", "0.2", "0.3"]
        ends: list[str] = []
        threads = [
            threading.Thread(target=lambda job=job: (lines_of(job_server, job), ends.append(job))) for job in queued
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert ends == queued
        assert [lines_of(job_server, job)[0]["ahead"] for job in queued] == [0, 1, 2]

    def test_a_clip_that_is_still_sent_holds_up_no_other(self, job_server: RunningServer) -> None:
        with upload(job_server, announced=10_000_000, sent=b"x" * 1000):
            wait_for(lambda: [line["state"] for line in jobs(job_server)] == ["receiving"])
            lines = lines_of(job_server, begun(job_server))
        assert (lines[0]["ahead"], lines[-1]["state"]) == (0, "done")

    def test_a_photo_is_answered_while_a_clip_is_tracked(self, job_server: RunningServer) -> None:
        job = begun(job_server, LONG)
        wait_for_clip(job_server)
        start = time.perf_counter()
        assert job_server.client().estimate_image(png()).faces
        assert time.perf_counter() - start < 4  # of 8 s
        assert jobs(job_server)[0]["state"] == "running"
        ask(job_server, "DELETE", f"/v1/jobs/{job}")

    def test_there_is_a_bound(self, start_jobs: StartServer) -> None:
        server = start_jobs(Limits(unfinished_jobs=2))
        begun(server, LONG)
        second = begun(server)
        status, _, content = ask(server, "POST", "/v1/jobs/track", body=SHORT)
        assert (status, error_of(content)["code"]) == (429, "too_large")
        ask(server, "DELETE", f"/v1/jobs/{second}")
        begun(server)


class TestScripts:
    def test_a_script_is_performed(self, job_server: RunningServer) -> None:
        body = json.dumps({"script": "She smiles.", "seed": 3}).encode()
        status, _, content = ask(job_server, "POST", "/v1/jobs/perform", body=body)
        assert status == 201
        lines = lines_of(job_server, json.loads(content)["id"])
        assert [line["event"] for line in lines] == ["queued", "started", "ended"]
        expected = performance_to_json(BuiltInPerformer().perform("She smiles.", seed=3))
        assert lines[-1]["performance"] == json.loads(json.dumps(expected))

    def test_it_needs_no_disk(self, start_jobs: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_bytes(b"no folder")
        monkeypatch.setenv("MIEN_WORK_FOLDER", str(tmp_path / "file"))
        server = start_jobs(Limits())
        status, _, content = ask(server, "POST", "/v1/jobs/perform", body=json.dumps({"script": "She smiles."}))
        assert status == 201
        events = events_of(server, json.loads(content)["id"])
        assert end_of(events).performance is not None
        assert [type(event) for event in events[:2]] == [Queued, Started]

    def test_an_engine_may_take_longer_than_a_request(self, start_jobs: StartServer) -> None:
        server = start_jobs(Limits(work_seconds=0.2))
        body = json.dumps({"script": "She smiles.", "engine": "patient", "duration": 1.0}).encode()
        assert ask(server, "POST", "/v1/perform", body=body)[0] == 504
        _, _, content = ask(server, "POST", "/v1/jobs/perform", body=body)
        assert lines_of(server, json.loads(content)["id"])[-1]["performance"]["duration"] == 1.0

    def test_a_slow_engine_is_cancelled_at_once(self, job_server: RunningServer) -> None:
        body = json.dumps({"script": "She smiles.", "engine": "patient", "duration": 30.0}).encode()
        job = json.loads(ask(job_server, "POST", "/v1/jobs/perform", body=body)[2])["id"]
        wait_for(lambda: jobs(job_server)[0]["state"] == "running")
        start = time.perf_counter()
        ask(job_server, "DELETE", f"/v1/jobs/{job}")
        assert lines_of(job_server, job)[-1]["state"] == "cancelled"
        assert time.perf_counter() - start < 4  # of 30 s

    def test_what_cannot_be_performed(self, job_server: RunningServer) -> None:
        _, _, content = ask(job_server, "POST", "/v1/jobs/perform", body=b'{"script": " "}')
        assert lines_of(job_server, json.loads(content)["id"])[-1]["error"]["code"] == "bad_input"
        assert ask(job_server, "POST", "/v1/jobs/perform", body=b"She smiles.")[0] == 400


class TestKeeping:
    def test_an_ended_job_is_freed_after_a_while(self, start_jobs: StartServer, tmp_path: Path) -> None:
        server = start_jobs(Limits(kept_job_seconds=0.3))
        job = begun(server)
        lines_of(server, job)
        wait_for(lambda: jobs(server) == [] and files_of(tmp_path / "work") == ["guard"])

    def test_many_ended_jobs_hold_neither_files_nor_each_other_open(self, start_jobs: StartServer) -> None:
        server = start_jobs(Limits(kept_jobs=3))
        made = [begun(server, SHORT, "end=0.1") for _ in range(6)]
        for job in made[-3:]:
            lines_of(server, job)
        wait_for(lambda: [line["id"] for line in jobs(server)] == made[-3:])

    def test_a_rested_engine_gives_its_memory_back(self, start_jobs: StartServer) -> None:
        server = start_jobs(Limits(idle_seconds=0.2))
        lines_of(server, begun(server))
        assert server.client().health().engines["brightness"] == "loaded", "though the one for pictures is not"
        wait_for(lambda: not server.clips.loaded)

    def test_the_end_of_the_backend_ends_every_job_and_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MIEN_WORK_FOLDER", str(tmp_path / "work"))
        found: list[list[dict[str, Any]]] = []
        with servers(with_jobs=True) as start:
            server = start(Limits())
            for job in (begun(server, LONG), begun(server)):
                threading.Thread(target=lambda job=job: found.append(lines_of(server, job))).start()
            wait_for_clip(server)
            time.sleep(0.1)
        wait_for(lambda: len(found) == 2)
        assert [lines[-1]["state"] for lines in found] == ["cancelled", "cancelled"]
        assert {lines[-1]["error"]["code"] for lines in found} == {"backend"}
        assert [path.name for path in (tmp_path / "work").iterdir()] == ["guard"]


class TestAccess:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/jobs/track"),
            ("POST", "/v1/jobs/perform"),
            ("GET", "/v1/jobs"),
            ("GET", "/v1/jobs/x/events"),
            ("DELETE", "/v1/jobs/x"),
        ],
    )
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({**BEARER, "Host": "evil.example"}, 403),
            ({**BEARER, "Origin": "http://127.0.0.1"}, 403),
            ({**BEARER, "Sec-Fetch-Site": "cross-site"}, 403),
        ],
    )
    def test_none_is_open(
        self, job_server: RunningServer, tmp_path: Path, method: str, path: str, headers: dict[str, str], status: int
    ) -> None:
        found, _, content = ask(job_server, method, path, headers, SHORT if method == "POST" else None)
        assert (found, error_of(content)["code"]) == (status, "access")
        assert not (tmp_path / "work").exists()


def empty(work: Path) -> None:
    """Remove all files of the jobs, once the backend has let go of the clips that it has tracked."""
    wait_for(lambda: not list(work.glob("*/*/source")))
    rmtree(work)


class TestEmptiedCache:
    def test_the_next_clip_is_tracked(self, job_server: RunningServer, tmp_path: Path) -> None:
        before = begun(job_server)
        assert end_of(events_of(job_server, before)).phase is JobPhase.DONE
        empty(tmp_path / "work")
        assert end_of(events_of(job_server, begun(job_server))).phase is JobPhase.DONE

    def test_events_that_are_gone_are_told_as_such(self, job_server: RunningServer, tmp_path: Path) -> None:
        job = begun(job_server)
        last = lines_of(job_server, job)[-1]
        empty(tmp_path / "work")
        (only,) = lines_of(job_server, job, after=1)
        assert (only["seq"], only["state"], only["error"]["code"]) == (2, "failed", "backend")
        assert lines_of(job_server, job, after=last["seq"] - 1) == [last]

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no file that is open")
    def test_a_clip_that_is_being_tracked_is_followed_to_its_end(
        self, job_server: RunningServer, tmp_path: Path
    ) -> None:
        job = begun(job_server, LONG)
        wait_for(lambda: jobs(job_server)[0]["events"] > 10)
        for events in (tmp_path / "work").rglob("events"):
            events.unlink()
        with following(job_server, job) as reply:
            assert [json.loads(reply.readline())["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]


def test_the_page_shows_every_address_and_replies_are_as_documented(job_server: RunningServer) -> None:
    page = ask(job_server, "GET", "/v1/docs", {})[2].decode()
    for address in ("POST /v1/jobs/track", "POST /v1/jobs/perform", "GET /v1/jobs", "/events", "DELETE /v1/jobs/"):
        assert address in page
    paths = json.loads(ask(job_server, "GET", "/v1/openapi.json", {})[2])["paths"]
    event = paths["/v1/jobs/{job_id}/events"]["get"]["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    for line in lines_of(job_server, begun(job_server)):
        assert set(line) <= set(event["properties"])
    listed = paths["/v1/jobs"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    check_shape(json.loads(ask(job_server, "GET", "/v1/jobs")[2]), listed)
    names = {parameter["name"] for parameter in paths["/v1/jobs/track"]["post"]["parameters"]}
    assert {*vars(TrackRequest()), "id", "title"} == names
