"""Logs of other systems, read row by row and sent the way live events go."""
