"""The demo: a made-up municipality whose environmental permits tell a known story."""
