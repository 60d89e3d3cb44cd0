"""Drawing whole scores around a mean. Pure."""

from random import Random


def skewed_score(rng: Random, mean: float, spread: float, scale: int) -> int:
    """Draw a whole score from 1 to `scale` around a mean, with its long tail towards the low scores.

    `spread` is its standard deviation, about. The mean comes out true to 0.06, also where the scale cuts the tail off.
    """
    below = scale + 0.45 - mean
    drawn = scale + 0.45 - rng.gammavariate((below / spread) ** 2, spread**2 / below)
    return max(1, min(scale, round(drawn)))


def feeling(rng: Random, mean: float, spread: float) -> int:
    """Draw a feeling from -2 to 2 around a mean; near an end of the scale it comes out up to 0.15 nearer to 0."""
    return max(-2, min(2, round(rng.gauss(mean, spread))))


def yes_or_no(rng: Random, chance: float) -> int:
    """Draw 1 for yes, 0 for no."""
    return int(rng.random() < chance)
