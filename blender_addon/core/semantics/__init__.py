"""A pose in words, and words as a pose: deterministic, from one vocabulary."""
