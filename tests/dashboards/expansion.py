"""Macros and variables put into a query, as Grafana's PostgreSQL data source and its front end do."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ALL = "$__all"
_VARIABLE = re.compile(r"\$\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|\$(?P<plain>[a-zA-Z_]\w*)")
_MACRO = re.compile(r"\$__(?P<name>\w+)\((?P<arguments>[^)]*)\)")
_RELATIVE = re.compile(r"now(?:-(?P<number>\d+)(?P<unit>[hdwMy]))?(?P<begin>/[dMy])?")
_HOURS = {"h": 1, "d": 24, "w": 168, "M": 31 * 24, "y": 366 * 24}
_BUILT_IN = {"__interval": "15s", "__rate_interval": "300s", "__range": "900s", "__interval_ms": "15000"}


class NotKnown(ValueError):  # noqa: N818 - a finding
    """A query names a variable or a macro that there is not."""


@dataclass(frozen=True)
class Span:
    """The time that is shown."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Chosen:
    """What is chosen for a variable: some values, or one query that stands for all of them."""

    values: Sequence[str]
    all_value: str | None = None


def shown(since: str, until: str, now: datetime) -> Span:
    """Return the time between two of Grafana's relative moments."""
    return Span(_moment(since, now), _moment(until, now))


def _moment(text: str, now: datetime) -> datetime:
    found = _RELATIVE.fullmatch(text)
    if found is None:
        raise NotKnown(f"{text} is no relative time that is known here")
    moment = now - timedelta(hours=int(found["number"] or 0) * _HOURS[found["unit"] or "h"])
    return moment.replace(day=1, hour=0, minute=0) if found["begin"] == "/M" else moment


def expanded(text: str, chosen: Mapping[str, Chosen], span: Span, *, timescale: bool) -> str:
    """Return a query as it is asked. Raises NotKnown."""

    def variable(found: re.Match[str]) -> str:
        name = found["braced"] or found["plain"]
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        if name not in chosen:
            raise NotKnown(f"${name} is no variable of this dashboard")
        return _written(chosen[name], found["format"])

    def macro(found: re.Match[str]) -> str:
        if found["name"] not in _MACROS:
            raise NotKnown(f"$__{found['name']} is no macro")
        return _MACROS[found["name"]]([each.strip() for each in found["arguments"].split(",")], span, timescale)

    return _VARIABLE.sub(variable, _MACRO.sub(macro, text))


def _written(chosen: Chosen, form: str | None) -> str:
    if chosen.all_value is not None:
        return chosen.all_value  # put in as it is, whatever the format
    if form == "sqlstring":
        return ",".join("'" + value.replace("'", "''") + "'" for value in chosen.values)
    if form is not None:
        raise NotKnown(f"{form} is no format that is used here")
    if len(chosen.values) > 1:
        return "(" + "|".join(chosen.values) + ")"
    return "".join(chosen.values)


def _quoted(moment: datetime) -> str:
    return f"'{moment:%Y-%m-%dT%H:%M:%SZ}'"


def _filter(given: Sequence[str], span: Span, _timescale: bool) -> str:
    return f"{given[0]} BETWEEN {_quoted(span.since)} AND {_quoted(span.until)}"


def _group(given: Sequence[str], _span: Span, timescale: bool) -> str:
    seconds = int(timedelta(**{_UNITS[given[1].strip("'")[-1]]: int(given[1].strip("'")[:-1])}).total_seconds())
    if timescale:
        return f"time_bucket('{seconds}.000s',{given[0]})"
    return f"floor(extract(epoch from {given[0]})/{seconds})*{seconds}"


_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MACROS: Mapping[str, Callable[[Sequence[str], Span, bool], str]] = {
    "timeFilter": _filter,
    "timeFrom": lambda _given, span, _timescale: _quoted(span.since),
    "timeTo": lambda _given, span, _timescale: _quoted(span.until),
    "timeGroup": _group,
    "timeGroupAlias": lambda *given: f'{_group(*given)} AS "time"',
}
