"""The trend review: what changed, and whether it is real."""
