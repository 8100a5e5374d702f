"""Operators: each reads the context, calls a plain function, and reports."""

from typing import Literal

Outcome = set[Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]]
"""What an operator tells Blender when it returns."""
