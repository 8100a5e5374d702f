"""Reads orders such as "half the smile" or "slower until frame 30" as typed edits of a take.

`reader.EditReader` cuts them into clauses, and each clause goes from reading to reading (`readings`) until one has
taken all its words that mean something. What none takes whole is reported; nothing is guessed.
The words are data, in `script/lexicon/editing.toml`; actions and emotions are those of the built-in performer.
"""
