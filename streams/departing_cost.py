"""What departing from the map costs: the difference between two means, with its interval. Pure."""

import math

from streams.sample import Sample
from streams.scores import Estimate, student_quantile


def difference(departing: Sample, following: Sample, enough: int) -> Estimate | None:
    """Return how much greater the first mean is, with Welch's 95 % interval (1947). None if either has under `enough`.

    The degrees of freedom are those of Welch and Satterthwaite, rounded down. Where no value differs from another one
    of its sample, the interval is a point.
    """
    if min(departing.n, following.n) < max(enough, 2):
        return None
    value = departing.total / departing.n - following.total / following.n
    one, other = departing.variance_of_mean, following.variance_of_mean
    if one + other == 0:
        return Estimate(value, value, value)
    freedom = (one + other) ** 2 / (one**2 / (departing.n - 1) + other**2 / (following.n - 1))
    reach = student_quantile(math.floor(freedom)) * math.sqrt(one + other)
    return Estimate(value, value - reach, value + reach)
