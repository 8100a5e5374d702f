"""Long work: clips and scripts that wait for their engine, are worked on, and tell events that can be read again."""
