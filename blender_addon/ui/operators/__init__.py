"""Operators: each reads the context, calls a plain function, and reports."""
