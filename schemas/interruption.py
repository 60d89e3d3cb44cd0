"""What may come between a batch and its place in the database."""

from enum import StrEnum


class Interruption(StrEnum):
    """Why a batch was not counted at the first go; the label `cause` of `klantreis_interruptions_total`.

    None of them doubles an event, and only OVERTAKEN loses any.
    """

    CONNECTION = "connection"
    """The database was away, or the connection to it broke."""
    CONTENTION = "contention"
    """A deadlock, or a lock that another session kept for too long."""
    RESOURCES = "resources"
    """The database ran out of disk, memory or connections."""
    READ_ONLY = "read_only"
    """The database takes no writes: it is a standby."""
    NEW_JOURNEY_VERSION = "new_journey_version"
    """A journey got a version while the batch was being counted by the one before."""
    ANSWER_LOST = "answer_lost"
    """The batch was written, but the answer to COMMIT did not arrive."""
    FENCED = "fenced"
    """Another worker had written the partition."""
    REFUSED = "refused"
    """The database would not have something in the batch, which was then searched for it."""
    OVERTAKEN = "overtaken"
    """The broker's retention had dropped the records before the batch, which nobody had counted yet."""
