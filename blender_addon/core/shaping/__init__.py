"""Shaping."""
