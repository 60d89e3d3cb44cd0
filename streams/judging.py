"""Judging the KPIs that are due, in one transaction with the offset of the word that they are. No arithmetic."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from schemas.codec import decode_checks
from schemas.journey import Catalogue
from schemas.kpi_check import KpiCheck
from schemas.reject import Fault
from streams.counting import NOTHING
from streams.cusum import Bucket
from streams.judgement import Climbs, Defined, Held, climbs, defined, fold_from, judged
from streams.kpi import QUARTER, Standing, Verdict, evaluate
from streams.kpi_alerts import alert, opens, state_alert, tell
from streams.kpi_evidence import (
    KpiName,
    buckets,
    coverage,
    coverage_shown,
    figure_of,
    last_hour,
    needs_values,
)
from streams.kpi_sentence import Shown
from streams.kpi_threshold import Threshold, found_threshold
from streams.ports import Judged, KpiReading, Record, RejectedRecord, Store, Stretch, Transaction
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
    kpi = defined(catalogue.versions(name[0]), name[1])
    if kpi is None:
        return
    looked = await look(transaction, kpi, now)
    judgement = judged(looked.held, kpi, looked.verdict, looked.climbs, now)
    judgement, tellings = tell(judgement, opens(kpi), now)
    begun = [bucket.at for bucket in looked.buckets[:1]]
    shown = await _shown(transaction, kpi, max([judgement.shown_since(now), *begun]), now)
    alerts = [alert(telling, kpi, judgement, shown) for telling in tellings]
    if not alerts and (changed := state_alert(looked.held, kpi, judgement, shown, now)) is not None:
        alerts.append(changed)
    await transaction.save_kpi(looked.held, Judged(kpi, judgement, looked.threshold, shown, alerts))


class Looked(NamedTuple):
    """What a look at a KPI finds: what is stored of it, where its sum begins and over which buckets, how it stands."""

    kpi: Defined
    held: Held
    threshold: Threshold
    standing: Standing
    buckets: Sequence[Bucket]
    verdict: Verdict

    @property
    def climbs(self) -> Climbs:
        """When the evidence for each change began to gather."""
        return climbs(self.kpi.aim, self.standing, self.buckets, self.threshold.value)


async def look(reading: KpiReading, kpi: Defined, now: datetime) -> Looked:
    """Look at a KPI as it is judged, and change nothing."""
    held = await reading.kpi((kpi.drawn.id, kpi.kpi.id))
    threshold = await _threshold(reading, kpi, held, now)
    standing, _ = fold_from(held, kpi)
    start = EVER if standing.since is None else min(standing.since, now - 2 * QUARTER)
    found = await _buckets(reading, kpi, start, now)
    caught_up = await reading.records_behind(now) <= _FEW_BEHIND
    verdict = evaluate(kpi.aim, standing, found, threshold.value, zone=kpi.drawn.zone, now=now, caught_up=caught_up)
    return Looked(kpi, held, threshold, standing, found, verdict)


async def _threshold(reading: KpiReading, kpi: Defined, held: Held, now: datetime) -> Threshold:
    """Return the threshold as it was found, or found anew where more is known of the baseline.

    A drop does not raise its own bar: what came after the first alarm is no part of it.
    """
    known = held.threshold.after(held.refold_from) if held.threshold and held.definition == kpi.digest else None
    if known is not None and not known.is_due(now):
        return known
    until = held.changes[0].at if known is not None and held.changes else now
    before = [bucket for bucket in await _buckets(reading, kpi, EVER, now) if bucket.at < until]
    return found_threshold(kpi.aim, before, kpi.drawn.zone, kpi.digest, now)


async def _shown(reading: KpiReading, kpi: Defined, since: datetime, now: datetime) -> Shown:
    """Return the figure that is shown beside the state, of what customers said only what is released."""
    covered = coverage_shown(kpi.kpi, kpi.drawn)
    hours = await reading.kpi_hours(covered, since, last_hour(kpi.kpi, now), by_value=needs_values(kpi.kpi))
    return Shown(since, now, *figure_of(kpi.kpi, buckets(kpi.kpi, kpi.drawn, hours, now, since)))


async def _buckets(reading: KpiReading, kpi: Defined, start: datetime, now: datetime) -> Sequence[Bucket]:
    covered = coverage(kpi.kpi, kpi.drawn)
    hours = await reading.kpi_hours(covered, start, last_hour(kpi.kpi, now), by_value=needs_values(kpi.kpi))
    return buckets(kpi.kpi, kpi.drawn, hours, now)
