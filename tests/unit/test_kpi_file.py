"""KPIs in a journey file: what makes no sense is refused with its line and field."""

from decimal import Decimal

import pytest

from schemas.journey import parse_journey
from schemas.located_yaml import FileMistakes
from tests.drawn import LOKET

KPIS = """kpis:
  - id: besluit
    name: {nl: Besluit, en: Decision}
    measure: satisfaction
    norm: 7.5
    touchpoint: besluit
    service_hours: {monday-friday: 08:30-17:00}
  - id: op-tijd
    name: Op tijd
    measure: throughput
    norm: 0.95
    span: beslistermijn
"""
IN_TIME = "measure: throughput\n    norm: 0.95\n    span: beslistermijn"


def test_a_kpi_as_it_is_read() -> None:
    decision, in_time = parse_journey(LOKET + KPIS).kpis
    assert (decision.norm, decision.touchpoint, decision.at_least) == (Decimal("7.5"), "besluit", True)
    assert (decision.minimum_evidence, decision.severity) == (20, "warning")
    assert (in_time.span, in_time.norm) == ("beslistermijn", Decimal("0.95"))


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("touchpoint: besluit", "touchpoint: besluyt", "kpis.0.touchpoint", "'besluyt' is not a touchpoint"),
        ("touchpoint: besluit", "phase: besluyt", "kpis.0.phase", "'besluyt' is not a phase"),
        ("span: beslistermijn", "span: termijn", "kpis.1.span", "'termijn' is not a span"),
        ("touchpoint: besluit", "department: KCC", "kpis.0.department", "'KCC' is not a department"),
        ("touchpoint: besluit", "channel: fax", "kpis.0.channel", "'fax' is not a channel"),
        ("touchpoint: besluit", "persona: reus", "kpis.0.persona", "'reus' is not a persona"),
        ("measure: satisfaction", "measure: happiness", "kpis.0.measure", "'satisfaction'"),
        ("norm: 7.5", "norm: 11", "kpis.0.norm", "between 1 and 10"),
        ("norm: 7.5", "norm: 1", "kpis.0.norm", "between 1 and 10"),
        ("norm: 0.95", "norm: 95", "kpis.1.norm", "between 0 and 1"),
        ("id: op-tijd", "id: besluit", "kpis.1.id", "used twice"),
        ("08:30-17:00", "17:00-08:30", "kpis.0.service_hours.monday-friday", "ends before it begins"),
        ("norm: 7.5", "norm: hoog", "kpis.0.norm", "decimal"),
        ("    name: Op tijd\n", "    name: Op tijd\n    runbook: wiki\n", "kpis.1.runbook", "match"),
        ("    name: Op tijd\n", "    name: Op tijd\n    minimum_evidence: 1\n", "kpis.1.minimum_evidence", "2"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(old: str, new: str, field: str, words: str) -> None:
    text = (LOKET + KPIS).replace(old, new)
    assert text != LOKET + KPIS
    with pytest.raises(FileMistakes) as refused:
        parse_journey(text)
    (found,) = refused.value.mistakes
    assert found.field == field
    assert words in found.detail
    assert text.splitlines()[found.line - 1].lstrip(" -").startswith(field.split(".")[2])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    touchpoint: besluit\n", "    touchpoint: besluit\n    phase: besluit\n", "its scope is one of them"),
        ("    touchpoint: besluit\n", "    span: beslistermijn\n", "no satisfaction"),
        ("    span: beslistermijn\n", "    touchpoint: besluit\n", "that of a `span`"),
        (
            "measure: throughput\n    norm: 0.95\n    span: beslistermijn",
            "measure: gap\n    norm: 0.95",
            "`touchpoint`",
        ),
        ("    span: beslistermijn\n", "", "no `case_limit`"),
        (IN_TIME, "measure: volume\n    norm: 30", "needs a `direction`"),
        (IN_TIME, "measure: volume\n    norm: 2\n    direction: at_least", "at least 3 a day"),
        ("limit: P8W", "limit: null", "has no `limit`"),
        (IN_TIME, "measure: gap\n    norm: 0.9\n    touchpoint: besluit", "no `gap_limit`"),
    ],
)
def test_what_does_not_go_together_is_refused(old: str, new: str, words: str) -> None:
    text = (LOKET + KPIS).replace(old, new)
    with pytest.raises(FileMistakes, match=words):
        parse_journey(text)


def test_fewer_complaints_are_better_unless_a_file_says_otherwise() -> None:
    text = LOKET + "kpis:\n  - {id: k, name: K, measure: complaints, norm: 0.05, touchpoint: vraag}\n"
    assert not parse_journey(text).kpis[0].at_least
    turned = text.replace("norm: 0.05", "norm: 0.05, direction: at_least")
    assert parse_journey(turned).kpis[0].at_least
