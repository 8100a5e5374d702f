"""Numbers on the command line that can't be meant are told in words, before anything is read."""

import pytest

from inference_backend.cli import main

PLAN = ("plan", "-o", "shots.jsonl")
TRAIN = ("train-student", "pictures")
TUNE = ("tune", "pictures", "--base", "model", "-o", "adapter")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*PLAN, "--count", "0"), "'0' is no whole number from 1"),
        ((*PLAN, "--count", "many"), "'many' is no whole number from 1"),
        ((*PLAN, "--seed", "-1"), "'-1' is no whole number from 0"),
        ((*PLAN, "--drills", "lots"), "'lots' is no number from 0 to 1"),
        ((*PLAN, "--drills", "nan"), "'nan' is no number from 0 to 1"),
        ((*TRAIN, "--epochs", "0"), "'0' is no whole number from 1"),
        ((*TRAIN, "--threads", "-2"), "'-2' is no whole number from 0"),
        ((*TRAIN, "--seed", "-1"), "'-1' is no whole number from 0"),
        ((*TRAIN, "--minutes", "soon"), "'soon' is no number of minutes above 0"),
        ((*TRAIN, "--minutes", "-3"), "'-3' is no number of minutes above 0"),
        ((*TUNE, "--steps", "0"), "'0' is no whole number from 1"),
        ((*TUNE, "--gather", "-1"), "'-1' is no whole number from 1"),
        ((*TUNE, "--rank", "0"), "'0' is no whole number from 1"),
        ((*TUNE, "--keep-every", "0"), "'0' is no whole number from 1"),
        ((*TUNE, "--seed", "-1"), "'-1' is no whole number from 0"),
        ((*TUNE, "--seed", str(2**64)), f"'{2**64}' is no whole number from 0"),
        ((*TUNE, "--learning-rate", "-1"), "'-1' is no finite number above 0"),
        ((*TUNE, "--learning-rate", "nan"), "'nan' is no finite number above 0"),
        ((*TUNE, "--learning-rate", "inf"), "'inf' is no finite number above 0"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused(words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["distill", *words])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
