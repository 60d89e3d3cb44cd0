"""The demo: a made-up municipality whose environmental permits tell a known story."""

from services.simulator.emitter import simulate

__all__ = ["simulate"]
