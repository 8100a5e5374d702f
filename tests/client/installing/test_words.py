"""What pip says becomes plain words, and the report holds nothing personal."""

import getpass
from pathlib import Path

import pytest

from blender_addon.client.installing.pip_words import PipProgress, explain
from blender_addon.client.installing.report import report, without_personal_data

TRIED = "WARNING: Retrying (Retry(total=0)) after connection broken by '{}': /simple/h11/\n{}"
NOT_FOUND = (
    "ERROR: Could not find a version that satisfies the requirement h11==0.16.0 (from versions: none)\n"
    "ERROR: No matching distribution found for h11==0.16.0"
)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("OSError: [WinError 112] Es steht nicht genug Speicherplatz zur Verfügung", "The disk is full"),
        (TRIED.format("NameResolutionError(...getaddrinfo failed)", NOT_FOUND), "The package index can't be reached"),
        (TRIED.format("ProxyError('Cannot connect to proxy.')", NOT_FOUND), "The proxy can't be reached or refuses"),
        (TRIED.format("SSLError(CERTIFICATE_VERIFY_FAILED)", NOT_FOUND), "is not trusted: its certificate"),
        ("ERROR: HTTP error 401 while getting x\n401 Client Error: Unauthorized", "The package index refuses"),
        ("OSError: [WinError 5] Zugriff verweigert: 'C:\\\\x.dll'", "another program holds it, or the folder"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "another program holds it, or the folder"),
        ("OSError: [WinError 206] Der Dateiname ist zu lang", "The path of the folder is too long"),
        ("ERROR: x-cp39.whl is not a supported wheel on this platform.", "does not fit this system or this Python"),
        (NOT_FOUND, r"The package index has no h11==0\.16\.0 for this system"),
        ("ERROR: Something new.", r"The installation failed: Something new\. Copy Report"),
        ("", "The installation failed: it said nothing"),
    ],
)
def test_every_reason_has_a_sentence(said, sentence):
    error = explain(said, wheelhouse=None)
    assert error.hint
    with pytest.raises(type(error), match=sentence):
        raise error


def test_progress_counts_each_file_once():
    progress = PipProgress()
    for line in (
        "Collecting alpha==1.0",
        "  Downloading alpha-1.0-py3-none-any.whl (2.0 MB)",
        "Progress 1000000 of 2000000",
        "  Downloading alpha-1.0-py3-none-any.whl (2.0 MB)",  # a second try, after the connection broke off
        "Progress 2000000 of 2000000",
        "  Using cached two_words-2.0-cp311-cp311-win_amd64.whl (500 kB)",
    ):
        progress.hear(line)
    assert progress.package == "two-words"
    assert progress.fetched_bytes == 2_000_000
    progress.hear("Installing collected packages: alpha, two-words")
    assert progress.is_placing
    assert progress.fetched_bytes == 2_500_000


def test_the_report_holds_nothing_personal(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", classmethod(lambda _: Path("/home/Jane.Doe")))
    monkeypatch.setattr(getpass, "getuser", lambda: "jdoe")
    log = tmp_path / "install.log"
    log.write_text(
        "Looking in indexes: https://jdoe:secret@packages.example/simple\n"
        "Processing /home/Jane.Doe/wheels/alpha-1.0.whl\nC:\\Users\\jane.doe\\AppData\nErrno 28\n"
    )
    told = report({"Mien": "0.1.0"}, [log, tmp_path / "none.log"])
    for personal in ("jane", "doe", "secret"):
        assert personal not in told.casefold()
    assert "Mien: 0.1.0\n" in told
    assert "Processing HOME/wheels/alpha-1.0.whl" in told
    assert "Errno 28" in told
    assert "none.log" not in told


def test_a_name_within_a_word_is_left():
    user = getpass.getuser()
    assert without_personal_data(f"x{user}x") == f"x{user}x"
