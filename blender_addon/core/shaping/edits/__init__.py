"""Edits that were told in words, as a small closed set of typed changes; `kinds` has them all.

`applying.edited` makes them on a track, in order; `sparse` on a performance, whose other keys stay as they are.
They come after gain and range and before loop and speed, so their seconds are those of the take at plain speed.
"""
