"""The checks of Mien; each folder mirrors the part of the house that it checks."""
