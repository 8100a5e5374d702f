"""A pose in words, and words as a pose: deterministic, from one vocabulary.

`reader.describe` writes, `writer.pose_from_description` reads, and both go through the same steps:
pose <-> observations (`observation`) <-> phrases (`phrases`), with the table in `vocabulary`.
"""
