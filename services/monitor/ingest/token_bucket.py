"""How fast a sender may go: so much at once, and so much a second in the long run. Pure.

Moments are seconds of any clock that does not go back.
"""

from typing import NamedTuple


class Bucket(NamedTuple):
    """What was left at a moment, in whatever is counted."""

    left: float
    at: float


class Rate(NamedTuple):
    """At most `burst` at once, and `per_second` in the long run; both above 0."""

    per_second: float
    burst: float

    def full(self, now: float) -> Bucket:
        """Return the bucket of somebody who has sent nothing yet."""
        return Bucket(self.burst, now)

    def left(self, bucket: Bucket, now: float) -> float:
        """Return what can be sent now."""
        return min(self.burst, bucket.left + (now - bucket.at) * self.per_second)

    def take(self, bucket: Bucket, amount: float, now: float) -> Bucket:
        """Return the bucket after an amount was sent."""
        return Bucket(self.left(bucket, now) - amount, now)

    def wait(self, bucket: Bucket, amount: float, now: float) -> float:
        """Return in how many seconds an amount can be sent; 0 if it can now. What is over `burst` never can."""
        return max(0.0, amount - self.left(bucket, now)) / self.per_second
