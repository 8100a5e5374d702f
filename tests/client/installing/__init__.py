"""The installer, with real environments, the real pip and small packages."""
