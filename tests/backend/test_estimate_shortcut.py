"""Which requests for an estimate go past the framework, and that both ways answer alike."""

import json

import pytest

from blender_addon.core.wire import DEFAULT_FACES, HeadFrame
from inference_backend.estimate_shortcut import EstimateParameters

from .asking import ask, error_of
from .conftest import RunningServer
from .pictures import png


def test_plain_queries_are_read() -> None:
    read = EstimateParameters.of_plain_query
    assert read(b"") == EstimateParameters(None, DEFAULT_FACES, HeadFrame.CAMERA)
    assert read(b"max_faces=1&head_frame=viewer&engine=a%20b") == EstimateParameters("a b", 1, HeadFrame.VIEWER)


@pytest.mark.parametrize(
    "query",
    [
        b"max_faces=0",
        b"max_faces=65",
        b"max_faces=+1",
        b"max_faces=",
        b"max_faces=1&max_faces=1",
        b"head_frame=x",
        b"x=1",
    ],
)
def test_all_others_are_left_to_the_framework(query: bytes) -> None:
    assert EstimateParameters.of_plain_query(query) is None


@pytest.mark.parametrize("data", [png(width=40), b"no picture", b""])
def test_both_ways_answer_alike(server: RunningServer, data: bytes) -> None:
    status, headers, body = ask(server, "POST", "/v1/estimate?max_faces=1", body=data)
    by_framework, other_headers, other_body = ask(server, "POST", "/v1/estimate?max_faces=1&unknown=1", body=data)
    assert (status, body) == (by_framework, other_body)
    assert headers["content-type"] == other_headers["content-type"]
    assert json.loads(body)["faces"] if status == 200 else error_of(body)
