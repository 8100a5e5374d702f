"""Panels: they draw what is, and decide nothing."""
