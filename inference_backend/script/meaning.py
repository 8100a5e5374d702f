"""The nearest entry by meaning, where the optional sentence model is installed."""

from .nearest import MeaningSearch


def meaning_search() -> MeaningSearch | None:
    """None where the model is not installed."""
    return None
