"""The demo's clock: the last working hours before the anchor pass in the first two minutes after it. Pure."""

from datetime import UTC, datetime, timedelta

from services.simulator.hours import ZONE, after
from services.simulator.story import PLOT, Milestones

REPLAY = timedelta(minutes=2)


def simulated_now(now: datetime, milestones: Milestones) -> datetime:
    """Return the moment, in Amsterdam time, that the demo has reached at the real moment `now` (aware).

    At the anchor that is where the questions' scores begin to fall; it then runs through working hours only, has caught
    up when REPLAY is over, and is `now` from then on. It is never ahead of `now` and never goes back.
    """
    share = replayed(now, milestones)
    if share == 1:
        return now.astimezone(ZONE)
    return min(after(milestones.questions_fall, PLOT.question_hours * share), now.astimezone(ZONE))


def old_let_go(now: datetime, milestones: Milestones) -> float:
    """Return the share of the old cases, 0 to 1, that may have been sent: a half by the end of REPLAY, then all.

    So what is counted keeps up with the replay on a machine of half the speed, too.
    """
    share = replayed(now, milestones)
    return 1.0 if share == 1 else share / 2


def replayed(now: datetime, milestones: Milestones) -> float:
    """Return the share of REPLAY, 0 to 1, that is over at the real moment `now` (aware)."""
    return min(max((now.astimezone(UTC) - milestones.anchor) / REPLAY, 0.0), 1.0)
