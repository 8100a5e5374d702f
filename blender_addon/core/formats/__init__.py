"""The files and replies of other programs, read and written."""
