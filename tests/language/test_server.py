"""The client of OpenAI-compatible servers, over real HTTP, with servers that are not well."""

import base64
import io
import socket
import threading
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.errors import CancelledError, EngineError, InputError, MienError, TimeLimitError
from inference_backend.language.chat import ChatRequest, Message
from inference_backend.language.server import ChatServer, ServerPatience, api_root, is_this_computer
from tests.language.conftest import Serve
from tests.language.scripted_server import Answer, chat, error

SCHEMA = {"type": "object"}
REQUEST = ChatRequest((Message("system", "Be brief."), Message("user", "Hello.")), max_tokens=20, schema=SCHEMA)
QUICK = ServerPatience(connect_seconds=2.0, reply_seconds=0.6)


def never() -> bool:
    return False


def complete(server: ChatServer, request: ChatRequest = REQUEST) -> str:
    return server.complete(request, cancelled=never).text


def test_the_request_is_in_the_openai_form(serve: Serve) -> None:
    server = serve(lambda _: chat("Hi."))
    reply = ChatServer(server.url, "tiny", key="s3cret").complete(REQUEST, cancelled=never)
    assert (reply.text, reply.cut_off) == ("Hi.", False)
    assert server.requests == [
        {
            "model": "tiny",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}],
            "max_tokens": 20,
            "temperature": 0.0,
            "chat_template_kwargs": {"enable_thinking": False},
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}},
        }
    ]
    assert server.headers[0]["authorization"] == "Bearer s3cret"


def test_a_picture_travels_within_the_request(serve: Serve) -> None:
    server = serve(lambda _: chat("A gradient."))
    picture = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    complete(ChatServer(server.url), ChatRequest((Message("user", "What is it?", (picture,)),), max_tokens=9))
    image, text = server.requests[0]["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is it?"}
    kind, _, data = image["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), picture)


def test_an_answer_that_was_cut_off_says_so(serve: Serve) -> None:
    server = ChatServer(serve(lambda _: chat('{"a":', finish="length")).url)
    assert server.complete(REQUEST, cancelled=never).cut_off


def test_a_seed_is_sent_with_a_temperature(serve: Serve) -> None:
    server = serve(lambda _: chat("Hi."))
    complete(ChatServer(server.url), ChatRequest(REQUEST.messages, max_tokens=5, temperature=0.7, seed=3))
    assert (server.requests[0]["temperature"], server.requests[0]["seed"]) == (0.7, 3)


def test_the_only_model_needs_no_name(serve: Serve) -> None:
    server = serve(lambda _: chat("Hi."), models=("qwen3",))
    complete(ChatServer(server.url))
    assert server.requests[0]["model"] == "qwen3"


def test_among_several_models_one_has_to_be_named(serve: Serve) -> None:
    with pytest.raises(EngineError, match=r"Which model .* It offers: base, keyframeface\. Name one with --model"):
        complete(ChatServer(serve(lambda _: chat("Hi."), models=("base", "keyframeface")).url))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (error(401, "Invalid API key."), r"refuses access \(401\): Invalid API key\. Set .* MIEN_LANGUAGE_KEY"),
        (error(403, "no"), r"refuses access \(403\)"),
        (error(404, "model 'tiny' not found"), r"does not know the model 'tiny'.* It offers: big, small\."),
        (Answer(404, b'{"error": "model not found, try pulling it"}'), "not found, try pulling it. It offers"),
        (error(429, "slow down"), r"too busy \(429\)"),
        (error(500, "CUDA error"), r"failed \(500\): CUDA error\. Look at its log"),
        (Answer(500, b"<html>\xff\xfe"), r"failed \(500\)\. Look"),
        (Answer(503, b""), r"failed \(503\)"),
        (
            error(400, "context length is 4096\x1b[31m tokens\n\nmaximum"),
            r"400\): context length is 4096 \[31m tokens max",
        ),
        (Answer(307, b"", {"location": "http://127.0.0.1:1/v1/chat/completions"}), r"refuses the request \(307\)"),
        (Answer(200, b'{"choices": [{"message": {"content": "Hel'), "does not speak the OpenAI form"),
        (Answer(200, b"<html>hello</html>"), "does not speak the OpenAI form"),
        (Answer(200, b'{"choices": []}'), "does not speak the OpenAI form"),
        (Answer(200, b'{"choices": [{"message": null}]}'), "does not speak the OpenAI form"),
        (Answer(200, b"[" * 100_000), "does not speak the OpenAI form"),
        (Answer(200, b"x" * 100, announced=5000), "broke off"),
        (Answer(200, b" " * (9 << 20)), "answers without end"),
        (Answer(200, b"not gzip", {"content-encoding": "gzip"}), "broke off"),
    ],
)
def test_a_server_that_is_not_well_is_told_in_words(serve: Serve, answer: Answer, sentence: str) -> None:
    server = serve(lambda _: answer, models=("big", "small"))
    with pytest.raises(EngineError, match=sentence):
        complete(ChatServer(server.url, "tiny"))


def test_an_answer_without_words_is_empty(serve: Serve) -> None:
    assert complete(ChatServer(serve(lambda _: chat(None)).url)) == ""


def test_a_server_that_refuses_schemas_is_asked_without(serve: Serve) -> None:
    def reply(request: dict[str, Any]) -> Answer:
        return error(422, "unknown field") if "response_format" in request else chat("Hi.")

    server = serve(reply)
    client = ChatServer(server.url, "tiny")
    assert (complete(client), complete(client)) == ("Hi.", "Hi.")
    sent = [sorted({"response_format", "chat_template_kwargs"} & set(request)) for request in server.requests]
    # The second time it is asked in the form that it took.
    assert sent == [["chat_template_kwargs", "response_format"], ["response_format"], [], []]


def test_a_server_that_refuses_only_what_is_uncommon_keeps_the_schema(serve: Serve) -> None:
    def reply(request: dict[str, Any]) -> Answer:
        return error(400, "unknown field") if "chat_template_kwargs" in request else chat("Hi.")

    server = serve(reply)
    assert complete(ChatServer(server.url, "tiny")) == "Hi."
    assert "response_format" in server.requests[-1]


def test_a_server_that_hangs_is_given_up(serve: Serve) -> None:
    server = serve(lambda _: chat("Hi."))
    server.reply = server.hang
    with pytest.raises(TimeLimitError, match=r"did not answer within 0\.6 s"):
        complete(ChatServer(server.url, "tiny", patience=QUICK))


def test_a_cancelled_request_ends_at_once_and_the_server_is_left(serve: Serve) -> None:
    server = serve(lambda _: chat("Hi."))
    server.reply = server.hang
    client = ChatServer(server.url, "tiny")
    with pytest.raises(CancelledError):
        client.complete(REQUEST, cancelled=server.hanging.is_set)
    server.let_go()
    assert server.client_left.wait(5)


def test_where_nobody_listens_it_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(EngineError, match=r"No language server can be reached .* Start it, or check the address"):
            complete(ChatServer(f"http://127.0.0.1:{port}", "tiny"))


def test_an_unknown_host_is_told_in_words() -> None:
    with pytest.raises(EngineError, match="No language server can be reached"):
        complete(ChatServer("http://nowhere.invalid/v1", "tiny"))


def test_a_line_that_is_no_http_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(EngineError, match="broke off"):
            complete(ChatServer(f"http://127.0.0.1:{listener.getsockname()[1]}", "tiny"))
        thread.join()


def test_a_dripping_server_is_given_up_as_a_whole() -> None:
    """Each byte comes in time; the reply never does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                for _ in range(40):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(TimeLimitError):
            complete(ChatServer(f"http://127.0.0.1:{listener.getsockname()[1]}", "tiny", patience=QUICK))
        thread.join()


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("http://localhost:8000", "http://localhost:8000/v1"),
        (" http://localhost:8000/v1/ ", "http://localhost:8000/v1"),
        ("https://gpu.studio/llm/v1", "https://gpu.studio/llm/v1"),
        ("http://localhost:8000/v1/chat/completions", "http://localhost:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_addresses_are_taken_as_people_write_them(given: str, root: str) -> None:
    assert api_root(given) == root


@pytest.mark.parametrize(
    "given",
    [
        "",
        "localhost:8000",
        "file:///etc/passwd",
        "ftp://host/v1",
        "http://",
        "http://a:b@host",
        "http://host:99999",
        "http://host?x=1",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InputError):
        ChatServer(given)


@pytest.mark.parametrize(
    ("url", "own"),
    [("http://localhost:1", True), ("http://127.3.4.5/v1", True), ("http://[::1]:1", True), ("http://10.0.0.1", False)],
)
def test_this_computer_is_known(url: str, own: bool) -> None:
    assert is_this_computer(url) is own


def test_every_fault_is_one_plain_line(serve: Serve) -> None:
    server = serve(lambda _: error(500, "line one\nline two " + "x" * 5000))
    with pytest.raises(MienError) as raised:
        complete(ChatServer(server.url, "tiny"))
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500
