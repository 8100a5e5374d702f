"""The built-in performer: a script in English becomes a performance, offline and always the same way.

The road of a script, one file a step:

    screenplay   text -> sentences of directions and speech, with names, parentheses and times told apart (cues)
    words        a sentence -> tokens with their base forms, set phrases as what they stand for (idioms)
    clauses      tokens -> clauses, and how each is joined to the one before; then attaching, relatives and paths
    matching     a clause -> entries of the lexicon (lexicon.py, lexicon/*.toml)
    reading      entries and the words around them -> events: what, which side, how much, how long, not; what is
                 no act (unacted), and what takes back part of what was told (revising)
    ordering     events -> groups in time: at once, then, until
    speech       a line -> words and pauses (spoken) -> sounds (pronouncing, espeak) -> keys of the mouth (mouth); how
                 loudly and fast it is said is in the words around it (voice)
    staging      groups -> movements of channels (timing); eyes that stay on something turn against the head (fixation)
    keying       movements -> keys; context and life are layers of it
"""
