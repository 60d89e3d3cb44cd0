"""What the alert page asks of Alertmanager, over its API v2: the alerts of ours that stand, and muting a KPI.

Only Alertmanager notifies, so a mute is one of its silences and holds for every monitor alike.
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

T = TypeVar("T")

_PATIENCE_SECONDS = 5.0
_OURS = 'alertname=~"Klantreis.+"'


class AlertmanagerError(Exception):
    """Alertmanager did not do what was asked; the message says why, for whoever asked."""


class NotConfigured(AlertmanagerError):  # noqa: N818 - a state, not a mistake
    """The setting alertmanager_url is empty."""


class Away(AlertmanagerError):  # noqa: N818 - a state, not a mistake
    """Alertmanager cannot be reached, or does not answer in time."""


class Refused(AlertmanagerError):  # noqa: N818 - its answer, not our mistake
    """Alertmanager answered, and not with what was asked for."""


class NoSuchMute(AlertmanagerError):  # noqa: N818 - an answer, not a mistake
    """There is no mute of a KPI with this id."""


class _FromApi(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


class AlertStatus(_FromApi):
    """What holds an alert back: ids of silences, and fingerprints of alerts that inhibit it."""

    silenced_by: Sequence[str]
    inhibited_by: Sequence[str]


class Alert(_FromApi):
    """An alert of ours that stands, notified or held back. `labels` are those of the rule and of its series."""

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: AwareDatetime
    status: AlertStatus

    @property
    def name(self) -> str:
        """The name of its rule, as in KlantreisKpiBelowNorm."""
        return self.labels["alertname"]

    def is_about(self, journey: str, kpi: str) -> bool:
        """Say whether it is an alert of this KPI."""
        return (self.labels.get("journey"), self.labels.get("kpi")) == (journey, kpi)


class _Matcher(_FromApi):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class _SilenceStatus(_FromApi):
    state: str


class _Silence(_FromApi):
    id: str
    status: _SilenceStatus
    matchers: Sequence[_Matcher]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    created_by: str
    comment: str


class _Made(_FromApi):
    silence_id: str = Field(alias="silenceID")


@dataclass(frozen=True)
class Mute:
    """A silence of all alerts of one KPI, and of nothing else, that has not ended."""

    id: str
    journey: str
    kpi: str
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str


class Alertmanager:
    """Asks one Alertmanager, never through a proxy; each answer takes a few seconds at most.

    Every method raises NotConfigured without an address, Away, or Refused.
    """

    def __init__(self, url: str) -> None:
        """Take the address of Alertmanager, with its path prefix if it has one; empty: there is none."""
        self._client = None if not url else _client(url)

    async def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            await self._client.aclose()

    async def alerts(self) -> list[Alert]:
        """Return the alerts of ours that stand, those that are held back among them."""
        return _read(TypeAdapter(list[Alert]), await self._ask("GET", "/alerts", params={"filter": _OURS}))

    async def mutes(self) -> list[Mute]:
        """Return the mutes that have not ended. Silences that match anything but one KPI are not among them."""
        found = _read(TypeAdapter(list[_Silence]), await self._ask("GET", "/silences"))
        return [mute for silence in found if (mute := _mute(silence)) is not None]

    async def mute(self, journey: str, kpi: str, *, since: datetime, until: datetime, author: str, comment: str) -> str:
        """Silence all alerts of a KPI from one moment to another, and return the id of the mute."""
        wanted = {
            "matchers": [_equal("journey", journey), _equal("kpi", kpi)],
            "startsAt": since.isoformat(),
            "endsAt": until.isoformat(),
            "createdBy": author,
            "comment": comment,
        }
        return _read(TypeAdapter(_Made), await self._ask("POST", "/silences", json=wanted)).silence_id

    async def unmute(self, mute: str) -> None:
        """End a mute now. Raises NoSuchMute if it has ended, or if the id is of a silence that is no mute of a KPI."""
        if mute not in {each.id for each in await self.mutes()}:
            raise NoSuchMute("There is no such mute any more.")
        await self._ask("DELETE", f"/silence/{quote(mute, safe='')}")

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        if self._client is None:
            raise NotConfigured("No Alertmanager is configured: KLANTREIS_ALERTMANAGER_URL is not set.")
        try:
            answer = await self._client.request(method, path, **given)
        except httpx.RequestError as error:
            raise Away(f"Alertmanager cannot be reached: {str(error) or type(error).__name__}.") from error
        if not answer.is_success:
            raise Refused(f"Alertmanager refused with status {answer.status_code}: {_reason(answer)}")
        return answer


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"{url.rstrip('/')}/api/v2",
        timeout=_PATIENCE_SECONDS,
        verify=ssl.create_default_context(),  # what the machine trusts, so that an authority of one's own will do
        trust_env=False,
    )


def _read(shape: TypeAdapter[T], answer: httpx.Response) -> T:
    try:
        return shape.validate_json(answer.content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise Refused(f"What answers is no Alertmanager that we know: {where}: {first['msg']}.") from error


def _reason(answer: httpx.Response) -> str:
    """Return the reason that an error gives: a JSON string, an object with a message, or a page of its own."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text.strip()[:200]
    return str(body.get("message", body)) if isinstance(body, dict) else str(body)


def _equal(label: str, value: str) -> dict[str, Any]:
    return {"name": label, "value": value, "isRegex": False, "isEqual": True}


def _mute(silence: _Silence) -> Mute | None:
    """Return the mute that a silence is; None for one that has ended or matches anything but one KPI."""
    matched = {each.name: each.value for each in silence.matchers if each.is_equal and not each.is_regex}
    if silence.status.state == "expired" or len(silence.matchers) != 2 or matched.keys() != {"journey", "kpi"}:
        return None
    return Mute(
        id=silence.id,
        journey=matched["journey"],
        kpi=matched["kpi"],
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        author=silence.created_by,
        comment=silence.comment,
    )
