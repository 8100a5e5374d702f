"""SemanticFace's requests and replies, in both shapes and damaged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.formats.model_reply import ReplyError
from blender_addon.core.formats.semanticface import SYSTEM_PROMPT, USER_PROMPT, read_face_reply
from tests.face_replies import (
    BAD_REPLIES,
    NAMES,
    VALUES,
    WORDS,
    markdown,
    numbers_of,
    released_pairs,
    strict,
)


@pytest.mark.parametrize(
    "text",
    [
        markdown(),
        f"{WORDS}\n\n```json\n{json.dumps(VALUES)}\n```",
        f"{WORDS}\n{json.dumps(VALUES, indent=2)}\nI hope this helps.",
        f"<think>A face. {{}}</think>\n{markdown()}",
        json.dumps(dict(reversed(VALUES.items()))),
    ],
    ids=["released", "fenced", "indented", "thought aloud", "another order"],
)
def test_words_and_then_a_bare_object(text):
    reply = read_face_reply(text)
    assert reply.values == VALUES
    assert reply.words == (WORDS if WORDS in text else "")
    assert reply.mended == ""


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```", "Here it is:\n{}"])
def test_the_strict_shape(fence):
    reply = read_face_reply(fence.replace("{}", strict()))
    assert reply.values == VALUES
    assert reply.words.splitlines()[:2] == [
        "expression category: A cheerful grin.",
        "muscle movements: The jaw is open.",
    ]


def test_movements_by_region_are_words_too():
    analysis = {"muscle_movements": {"mouth": "smiles", "eyes": ["wide", "bright"]}}
    reply = read_face_reply(json.dumps({"analysis": analysis, "arkit": VALUES}))
    assert reply.words == "muscle movements: mouth: smiles; eyes: wide; bright"


def test_a_reply_that_lacks_its_last_brace_is_mended_and_says_so():
    reply = read_face_reply(strict()[:-1])
    assert reply.values == VALUES
    assert "A cheerful grin." in reply.words
    assert "cut off" in reply.mended


@pytest.mark.parametrize(("text", "reason"), BAD_REPLIES.values(), ids=BAD_REPLIES)
def test_what_is_wrong_is_refused_with_its_reason(text, reason):
    with pytest.raises(ReplyError, match=reason):
        read_face_reply(text)


@pytest.mark.parametrize("shape", [markdown, strict])
@given(share=st.floats(0, 1))
def test_no_cut_makes_other_numbers(shape, share):
    """Wherever a reply is cut off: it is refused, or its numbers are those of the whole one."""
    text = shape()
    try:
        reply = read_face_reply(text[: int(share * len(text))])
    except ReplyError:
        return
    assert reply.values == VALUES


def test_minus_nothing_is_nothing():
    assert str(VALUES["HeadRoll"]) == "-0.0"
    assert read_face_reply(markdown()).values["HeadRoll"] == 0.0


def test_the_prompt_names_all_61_in_their_order():
    listed = USER_PROMPT.partition("these 61 coefficients: ")[2].partition("\n")[0]
    assert json.loads(listed) == NAMES


@pytest.mark.parametrize("number", range(len(released_pairs())))
def test_the_released_requests_and_replies(number):
    request, reply, _ = released_pairs()[number]
    system, user = request["messages"]
    assert system["content"] == SYSTEM_PROMPT
    assert user["content"] == f"<image>{USER_PROMPT}"
    assert read_face_reply(reply).values == numbers_of(reply)
    assert read_face_reply(reply).words == reply[: reply.rindex("{")].strip()
