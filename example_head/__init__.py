"""Builds the example head: a person with all 52 ARKit shapes, made at set-up from CC0 data."""
