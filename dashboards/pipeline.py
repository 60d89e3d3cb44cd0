"""Pipeline health: does everything that is sent get counted, and how soon?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.board import board, laid_out, with_menu
from dashboards.colours import BAD, GOOD, PLAIN, WATCH
from dashboards.panel import Colours, Onward, Said, big_number, lines
from dashboards.query import now, over_time

_VALIDATION = Onward("[Klopt het dan wel?|Is it right, then?]", "validation")
_WALL = Onward("[Wat ziet het team?|What does the team see?]", "wallboard")
_LAG = Colours(
    [(None, GOOD), (10, WATCH), (60, BAD)],
    "[Rood vanaf een minuut: dan gaat na twee minuten het alarm KlantreisLagging af.|Red from a minute on: after two "
    "minutes of that the alert KlantreisLagging fires.]",
)
_AGE = Colours(
    [(None, GOOD), (10, WATCH), (30, BAD)],
    "[Rood vanaf 30 seconden: dan gelden cijfers en alarmen niet meer.|Red from 30 seconds on: figures and alerts do "
    "not hold any more.]",
)
_NONE_IS_GOOD = Colours([(None, GOOD), (1, BAD)], "[Rood zodra er een is.|Red as soon as there is one.]")


def pipeline() -> Dashboard:
    """Draw it: how it stands now above, over time below."""
    drawn = board(
        "pipeline",
        "[Gezondheid van de keten|Pipeline health]",
        "[Wordt alles geteld wat er wordt gestuurd, en hoe snel?|Does everything that is sent get counted, and how "
        "soon?]",
        since="now-3h",
        refresh="10s",
    )
    return laid_out(
        with_menu(drawn),
        (6, [(6, _lag_now()), (6, _age_now()), (6, _worker_now()), (6, _lost())]),
        (9, [(12, _rate()), (12, _lag())]),
        (9, [(12, _batches()), (12, _ages())]),
        (9, [(12, _rejects()), (12, _waits())]),
    )


def _lag_now() -> object:
    said = Said(
        "[Achterstand|Lag]",
        "[Hoe lang de oudste gebeurtenis wacht die nog niet is geteld, volgens de monitor die het meest ziet.|How long "
        "the oldest event waits that has not been counted, by the monitor that sees most.]",
        "s",
        _WALL,
        _LAG,
        decimals=1,
    )
    return big_number(said, now("max(klantreis_lag_seconds)"))


def _age_now() -> object:
    said = Said(
        "[Leeftijd van de cijfers|Age of the figures]",
        "[Hoe oud de jongste cijfers van een monitor zijn.|How old the youngest figures of a monitor are.]",
        "s",
        _WALL,
        _AGE,
        decimals=1,
    )
    return big_number(said, now("min(klantreis_snapshot_age_seconds)"))


def _worker_now() -> object:
    said = Said(
        "[Worker gezien|Worker seen]",
        "[Hoe lang geleden een worker voor het laatst van zich liet horen.|How long ago a worker was last heard of.]",
        "s",
        _VALIDATION,
        _AGE,
        decimals=0,
    )
    return big_number(said, now("time() - max(klantreis_worker_seen_timestamp_seconds)"))


def _lost() -> object:
    said = Said(
        "[Verloren in het log|Lost in the log]",
        "[Hoe vaak Kafka gebeurtenissen weggooide voordat ze waren geteld, in de getoonde tijd. Zie "
        "KlantreisRecordsLost in het draaiboek.|How often Kafka dropped events before they were counted, in the time "
        "shown. See KlantreisRecordsLost in the runbook.]",
        "none",
        _VALIDATION,
        _NONE_IS_GOOD,
        decimals=0,
    )
    return big_number(said, now('max(increase(klantreis_interruptions_total{cause="overtaken"}[$__range]))'))


def _rate() -> object:
    said = Said(
        "[Geteld per seconde|Counted per second]",
        "[Hoeveel gebeurtenissen en antwoorden alle workers samen per seconde tellen, per topic.|How many events and "
        "answers all workers together count per second, by topic.]",
        "cps",
        _VALIDATION,
    )
    expression = "sum by (topic) (rate(klantreis_worker_batch_records_sum[$__rate_interval]))"
    return lines(said, over_time(expression, "{{topic}}"))


def _lag() -> object:
    said = Said(
        "[Achterstand per topic|Lag by topic]",
        "[Hoe lang de oudste gebeurtenis van een topic wacht, volgens de workers die haar partities lezen.|How long "
        "the oldest event of a topic waits, by the workers that read its partitions.]",
        "s",
        _WALL,
        _LAG,
    )
    return lines(said, over_time("max by (topic) (klantreis_worker_lag_seconds)", "{{topic}}"))


def _batches() -> object:
    said = Said(
        "[Duur van een batch|Time of a batch]",
        "[Hoe lang het duurt tot een batch vast in de database staat: de helft is sneller dan p50, een op de honderd "
        "trager dan p99.|How long it takes until a batch is durable: half of them are faster than p50, one in a "
        "hundred slower than p99.]",
        "s",
        _VALIDATION,
    )
    quantile = "histogram_quantile({}, sum by (le) (rate(klantreis_worker_batch_seconds_bucket[$__rate_interval])))"
    half, slow = quantile.format("0.5"), quantile.format("0.99")
    return lines(said, over_time(half, "p50"), over_time(slow, "p99", ref_id="B"))


def _ages() -> object:
    said = Said(
        "[Leeftijd per monitor|Age by monitor]",
        "[Hoe oud de cijfers van elke monitor zijn; een die de database niet kan lezen, wordt ouder.|How old the "
        "figures of each monitor are; one that cannot read the database grows older.]",
        "s",
        _WALL,
        _AGE,
    )
    return lines(said, over_time("klantreis_snapshot_age_seconds", "{{instance}}"))


def _rejects() -> object:
    said = Said(
        "[Geweigerd|Rejected]",
        "[Hoeveel er in een kwartier niet konden worden geteld, per reden. Ze zijn bewaard: klantreis rejects list."
        "|How many in a quarter of an hour could not be counted, by reason. They are kept: klantreis rejects list.]",
        "none",
        _VALIDATION,
        _NONE_IS_GOOD,
    )
    return lines(said, over_time("max by (reason) (increase(klantreis_rejects_total[15m]))", "{{reason}}"))


def _waits() -> object:
    said = Said(
        "[Wachten op de database|Waiting for the database]",
        "[Hoeveel verbindingen van workers gemiddeld tegelijk op de database wachtten.|How many connections of "
        "workers waited for the database at a time, on average.]",
        "none",
        _VALIDATION,
        Colours([(None, PLAIN)], "[De kleur zegt welke worker.|The colour says which worker.]"),
    )
    expression = "rate(klantreis_worker_database_seconds_total[$__rate_interval])"
    return lines(said, over_time(expression, "{{instance}}"))
