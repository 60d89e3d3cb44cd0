"""Judging the KPIs that are due, in one transaction with the offset of the word that they are. No arithmetic."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from schemas.codec import decode_checks
from schemas.journey import Catalogue
from schemas.kpi import VOLUME
from schemas.kpi_check import KpiCheck
from schemas.reject import Fault
from streams.counting import NOTHING
from streams.cusum import Bucket
from streams.judgement import Climbs, Defined, Held, climbs, defined, fold_from, judged, last_defined
from streams.kpi import QUARTER, Standing, Verdict, evaluate, needed_from
from streams.kpi_alerts import alert, opens, retirement, state_alert, tell
from streams.kpi_evidence import (
    KpiName,
    buckets,
    coverage,
    coverage_shown,
    figure_of,
    first_bucket,
    last_hour,
    needs_values,
)
from streams.kpi_sentence import Shown
from streams.kpi_threshold import Threshold, found_threshold
from streams.ports import Judged, KpiReading, Record, RejectedRecord, Store, Stretch, Transaction
from streams.thresholds import suffices
from streams.writing import Rejections

EVER = datetime(1, 1, 2, tzinfo=UTC)
"""Before all that is stored."""

_log = structlog.get_logger()
_FEW_BEHIND = 1_000
"""So many records are on their way at any moment where much goes on."""


async def judge_due(
    store: Store, stretch: Stretch, records: Sequence[Record], verdict: Fault | None, now: datetime
) -> Rejections:
    """Judge each KPI that the records of a stretch name, once; with a fault, reject its one record instead.

    A KPI that its journey does not draw any more is not judged. Raises what the store raises; nothing is written then.
    """
    catalogue = await store.catalogue()
    read = [verdict] if verdict is not None else decode_checks(record.value for record in records)
    rejects = [
        RejectedRecord(record.offset, found, record.value)
        for record, found in zip(records, read, strict=True)
        if isinstance(found, Fault)
    ]
    async with store.transaction(stretch, now) as transaction:
        for name in sorted({(check.journey, check.kpi) for check in read if isinstance(check, KpiCheck)}):
            try:
                await _judge(transaction, name, catalogue, now)
            except (ArithmeticError, LookupError, ValueError, TypeError):
                # Counting must not stop because a verdict cannot be reached; when it was last reached is told.
                _log.exception("a KPI could not be judged; its last state stays", journey=name[0], kpi=name[1])
        await transaction.save(NOTHING, rejects)
    return Counter(str(each.fault.reason) for each in rejects)


async def _judge(transaction: Transaction, name: KpiName, catalogue: Catalogue, now: datetime) -> None:
    versions = catalogue.versions(name[0])
    kpi = defined(versions, name[1])
    if kpi is None:
        await _retire(transaction, name, last_defined(versions, name[1]), now)
        return
    looked = await look(transaction, kpi, now)
    if kpi.kpi.measure == VOLUME and not looked.caught_up:
        return  # days whose visits are still in the log are no days without visits
    judgement = judged(looked.held, kpi, looked.verdict, looked.climbs, now)
    judgement, tellings = tell(judgement, opens(kpi), now, caught_up=looked.caught_up)
    since = first_bucket(kpi.kpi, kpi.drawn, judgement.shown_since(now))
    shown = await _shown(transaction, kpi, max([since, *(bucket.at for bucket in looked.buckets[:1])]), now)
    alerts = [alert(telling, kpi, judgement, shown, now) for telling in tellings]
    if not alerts and (changed := state_alert(looked.held, kpi, judgement, shown, now)) is not None:
        alerts.append(changed)
    await transaction.save_kpi(looked.held, Judged(kpi, judgement, looked.threshold, shown, alerts))


async def _retire(transaction: Transaction, name: KpiName, kpi: Defined | None, now: datetime) -> None:
    """Clear the alert of a KPI that its journey does not draw any more."""
    held = await transaction.kpi(name)
    alarm = held.changes[-1] if held.changes and held.changes[-1].below else None
    if kpi is not None and held.definition is not None:
        told = alarm is not None and alarm.told_at is not None
        await transaction.retire_kpi(name, held, [retirement(kpi, alarm, now)] if alarm is not None and told else [])


class Looked(NamedTuple):
    """What a look at a KPI finds: what is stored of it, where its sum begins and over which buckets, how it stands."""

    kpi: Defined
    held: Held
    threshold: Threshold
    standing: Standing
    buckets: Sequence[Bucket]
    verdict: Verdict
    caught_up: bool

    @property
    def climbs(self) -> Climbs:
        """When the evidence for each change began to gather."""
        return climbs(self.kpi.aim, self.standing, self.buckets, self.threshold.value)


async def look(reading: KpiReading, kpi: Defined, now: datetime) -> Looked:
    """Look at a KPI as it is judged, and change nothing."""
    held = await reading.kpi((kpi.drawn.id, kpi.kpi.id))
    threshold = await _threshold(reading, kpi, held, now)
    standing, _ = fold_from(held, kpi)
    start = EVER if standing.since is None else needed_from(standing, now - QUARTER)
    found = await _buckets(reading, kpi, start, now)
    caught_up = await reading.caught_up(_FEW_BEHIND, now)
    verdict = evaluate(kpi.aim, standing, found, threshold.value, zone=kpi.drawn.zone, now=now, caught_up=caught_up)
    return Looked(kpi, held, threshold, standing, found, verdict, caught_up)


async def _threshold(reading: KpiReading, kpi: Defined, held: Held, now: datetime) -> Threshold:
    """Return the threshold as it was found, or found anew where more is known of the baseline.

    A drop does not raise its own bar: what came after the first alarm is no part of it, if there was enough before.
    """
    known = held.threshold.after(held.refold_from) if held.threshold and held.definition == kpi.digest else None
    if known is not None and not known.is_due(now):
        return known
    found = await _buckets(reading, kpi, EVER, now)
    _, standing = fold_from(held, kpi)
    before = [bucket for bucket in found if bucket.at < standing[0].at] if standing else []
    baseline = before if suffices(before, kpi.drawn.zone) else found
    return found_threshold(kpi.aim, baseline, kpi.drawn.zone, kpi.digest, now)


async def _shown(reading: KpiReading, kpi: Defined, since: datetime, now: datetime) -> Shown:
    """Return the figure that is shown beside the state, of what customers said only what is released."""
    covered = coverage_shown(kpi.kpi, kpi.drawn)
    hours = await reading.kpi_hours(covered, since, last_hour(kpi.kpi, now), by_value=needs_values(kpi.kpi))
    return Shown(since, now, *figure_of(kpi.kpi, buckets(kpi.kpi, kpi.drawn, hours, now, since)))


async def _buckets(reading: KpiReading, kpi: Defined, start: datetime, now: datetime) -> Sequence[Bucket]:
    covered = coverage(kpi.kpi, kpi.drawn)
    hours = await reading.kpi_hours(covered, start, last_hour(kpi.kpi, now), by_value=needs_values(kpi.kpi))
    return buckets(kpi.kpi, kpi.drawn, hours, now)
