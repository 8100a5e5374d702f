"""The backend of Mien: engines, the command line and the HTTP server. Knows no Blender."""
