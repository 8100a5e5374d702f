"""Clips on their way in: too large, too slow, not what they should be."""

import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference_backend.limits import Limits

from .asking import BEARER, ask, error_of, wait_for
from .conftest import RunningServer
from .job_asking import LONG, SHORT, begun, files_of, jobs, reply_on, tar_of, upload
from .pictures import png

StartServer = Callable[[Limits], RunningServer]


class TestUpload:
    def test_too_large(self, start_jobs: StartServer, tmp_path: Path) -> None:
        server = start_jobs(Limits(clip_bytes=100_000))
        for body in (b"x" * 100_001, (b"x" * 50_000 for _ in range(5))):  # announced, and not
            status, _, content = ask(server, "POST", "/v1/jobs/track", body=body)
            assert (status, error_of(content)["code"]) == (413, "too_large")
        wait_for(lambda: set(files_of(tmp_path / "work")) <= {"guard"})

    def test_larger_than_the_disk(self, start_jobs: StartServer) -> None:
        server = start_jobs(Limits(clip_bytes=1 << 62))
        with upload(server, announced=1 << 61, sent=b"x") as connection:
            status, content = reply_on(connection)
        assert status == 507
        assert "disk on which the backend works is full" in error_of(content)["message"]

    @pytest.mark.parametrize("pause", [0.0, 0.05])
    def test_too_slow(self, start_jobs: StartServer, tmp_path: Path, pause: float) -> None:
        """It stalls, or trickles."""
        server = start_jobs(Limits(upload_seconds=0.3))
        with upload(server, announced=10_000_000, sent=b"x" * 10_000) as connection:
            for _ in range(20 if pause else 0):
                time.sleep(pause)
                try:
                    connection.sendall(b"x")
                except OSError:
                    break
            status, content = reply_on(connection)
        assert (status, error_of(content)["code"]) == (408, "time_limit")
        wait_for(lambda: files_of(tmp_path / "work") == ["guard"])

    def test_a_large_clip_may_take_longer(self, start_jobs: StartServer) -> None:
        server = start_jobs(Limits(upload_seconds=0.4, clip_bytes_per_second=2_000_000))
        blocks = [SHORT, *[bytes(1_200_000)] * 4]

        def slowly() -> Iterator[bytes]:
            for block in blocks:
                yield block
                time.sleep(0.2)

        size = sum(map(len, blocks))
        assert begun(server, slowly(), **{"Content-Length": str(size)})

    def test_an_empty_clip(self, job_server: RunningServer) -> None:
        status, _, content = ask(job_server, "POST", "/v1/jobs/track", body=b"")
        assert status == 400
        assert "0 bytes" in error_of(content)["message"]

    @pytest.mark.parametrize("fault", ["not a tar", "a link", "too many"])
    def test_a_sequence_that_is_none(self, start_jobs: StartServer, tmp_path: Path, fault: str) -> None:
        server = start_jobs(Limits(sequence_pictures=2))
        link = tarfile.TarInfo("../../escape.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        body = {"not a tar": b"hello" * 500, "a link": link.tobuf() + bytes(1024), "too many": tar_of([png()] * 3)}
        headers = {**BEARER, "Content-Type": "application/x-tar"}
        status, _, content = ask(server, "POST", "/v1/jobs/track", headers, body[fault])
        assert status in (400, 413)
        assert "sequence" in error_of(content)["message"]
        wait_for(lambda: files_of(tmp_path / "work") == ["guard"])

    def test_a_client_that_leaves_while_it_sends(self, job_server: RunningServer, tmp_path: Path) -> None:
        with upload(job_server, announced=10_000_000, sent=b"x" * 2_000_000):
            wait_for(lambda: len(jobs(job_server)) == 1)
        wait_for(lambda: jobs(job_server) == [] and files_of(tmp_path / "work") == ["guard"])

    @pytest.mark.parametrize(
        "query",
        ["start=-1", "start=nan", "end=inf", "stride=0", "face=-1", "head_frame=moon", "id=short", "id=../../.."],
    )
    def test_wrong_parameters_are_named(self, job_server: RunningServer, query: str) -> None:
        status, _, content = ask(job_server, "POST", f"/v1/jobs/track?{query}", body=SHORT)
        assert status == 422
        assert query.partition("=")[0] in error_of(content)["message"]

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("start=2&end=1", "from 2 s to 1 s is empty"),
            ("start=1e300", "No clip has a second 1e+300"),
            (f"stride={10**400}", "stride"),
            ("engine=sun", "no engine named 'sun'"),
        ],
    )
    def test_what_cannot_be_asked(self, job_server: RunningServer, query: str, words: str) -> None:
        status, _, content = ask(job_server, "POST", f"/v1/jobs/track?{query}", body=SHORT)
        assert status in (400, 503)
        assert words in error_of(content)["message"]

    def test_an_id_names_one_job(self, job_server: RunningServer) -> None:
        begun(job_server, LONG, "id=0123456789abcdef")
        status, _, content = ask(job_server, "POST", "/v1/jobs/track?id=0123456789abcdef", body=SHORT)
        assert status == 429
        assert "id" in error_of(content)["message"]
