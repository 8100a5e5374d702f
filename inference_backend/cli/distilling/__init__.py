"""The steps of `distill`, one a file."""
