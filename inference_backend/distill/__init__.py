"""Teaching a model to read faces: what it learns from, how it learns, and how well it reads afterwards.

`plausible` and `shots` plan pictures of a character, which Blender renders; `recordings` takes them from clips;
`stage_one` says them in words. `student` is a small network for one character, `tuning` an adapter for a large model,
`evaluation` compares what engines read with the truth.
"""
