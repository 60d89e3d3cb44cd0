"""The links that lead from an invitation to its survey page: signed with the secret, and good for some days only.

A link holds nothing but the sealed id of its invitation, so it tells nothing of the customer to whoever sees it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from services.derived_key import derived_key


class ForgedLink(ValueError):  # noqa: N818 - an answer, not a mistake
    """This link was never given out: it was changed, cut off, or made with another secret."""


class ExpiredLink(ValueError):  # noqa: N818 - an answer, not a mistake
    """This link was good once, and is too old now."""


@dataclass(frozen=True)
class SurveyLinks:
    """Makes links below the address at which customers reach the monitor, and reads them.

    Links that were made with a secret used before are good as well.
    """

    secret: str = field(repr=False)
    address: str
    good_for: timedelta
    former: Sequence[str] = field(default=(), repr=False)

    def link(self, invitation_id: str, now: datetime) -> str:
        """Return the whole address of an invitation's page, good from now on."""
        return f"{self.address.rstrip('/')}/survey/{self.token(invitation_id, now)}"

    def token(self, invitation_id: str, now: datetime) -> str:
        """Return what the last part of the address is."""
        return self._seal.encrypt_at_time(invitation_id.encode(), int(now.timestamp())).decode().rstrip("=")

    def invitation_id(self, token: str, now: datetime) -> str:
        """Return the invitation that a link is of; raise ForgedLink or ExpiredLink. Without a secret all are forged."""
        if not self.secret:
            raise ForgedLink
        padded = f"{token}{'=' * (-len(token) % 4)}".encode()
        try:
            made_at = self._seal.extract_timestamp(padded)
            invitation_id = self._seal.decrypt(padded).decode()
        except InvalidToken:
            raise ForgedLink from None
        if now.timestamp() >= made_at + self.good_for.total_seconds():
            raise ExpiredLink
        return invitation_id

    @cached_property
    def _seal(self) -> MultiFernet:
        keys = (derived_key(each, b"klantreis survey link") for each in (self.secret, *self.former))
        return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
