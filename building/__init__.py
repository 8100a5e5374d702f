"""What `build.py` does, one file a subject. Standard library only: it runs before anything is installed."""
