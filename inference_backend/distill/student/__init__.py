"""A small network that reads one character, learnt in minutes from pictures of it.

`network` holds its two parts: one finds the face in the picture, one reads the channels in what was found. `training`
teaches them, `card` says what they were taught, `engine` is the ImageEngine.
"""
