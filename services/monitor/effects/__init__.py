"""Whether an improvement worked."""
