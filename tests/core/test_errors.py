import pytest

from blender_addon.core import errors
from blender_addon.core.errors import ERRORS_BY_CODE, BackendError, CancelledError, InputError, MienError, TooLargeError


def every_kind():
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, MienError)]


def test_every_kind_is_found_by_its_own_code():
    assert sorted(ERRORS_BY_CODE) == sorted({kind.code for kind in every_kind()})
    assert {ERRORS_BY_CODE[kind.code] for kind in every_kind()} == set(every_kind())


def test_an_error_is_a_sentence_and_the_next_step():
    error = InputError("This is not a picture.", "Choose a PNG or JPEG file.")
    assert str(error) == "This is not a picture. Choose a PNG or JPEG file."
    assert (error.message, error.hint) == ("This is not a picture.", "Choose a PNG or JPEG file.")


def test_a_hint_may_be_missing():
    assert str(CancelledError("Cancelled.")) == "Cancelled."


@pytest.mark.parametrize(
    ("kind", "parent"),
    [(TooLargeError, InputError), (errors.NoFaceError, InputError), (errors.TimeLimitError, BackendError)],
)
def test_the_tree(kind, parent):
    with pytest.raises(parent):
        raise kind("No.")
