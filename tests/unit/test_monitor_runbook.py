"""The runbook as a page, to which alerts link."""

import re

import httpx
from ruamel.yaml import YAML

from services.monitor.app import build_app
from services.monitor.pages.runbook_page import rendered
from services.settings import Settings
from tests.conftest import CHECKOUT


async def test_every_alert_finds_its_heading_where_prometheus_says_it_is() -> None:
    prometheus = YAML(typ="safe", pure=True).load(CHECKOUT / "deploy/prometheus/prometheus.yml")
    labels = prometheus["global"]["external_labels"]
    path = labels["klantreis_runbook"].removeprefix(labels["klantreis_monitor"])
    rules = "".join(file.read_text() for file in (CHECKOUT / "deploy/prometheus/rules").glob("*.yml"))
    named = set(re.findall(r"- alert: (\w+)", rules))
    asgi = httpx.ASGITransport(app=build_app(Settings(broker="nowhere.invalid:1")))
    async with httpx.AsyncClient(transport=asgi, base_url="http://monitor") as client:
        page = await client.get(path)
    assert page.status_code == 200
    assert named
    assert {name.lower() for name in named} <= set(re.findall(r'<h2 id="(\w+)">', page.text))


def test_links_of_the_page_lead_somewhere() -> None:
    text = rendered((CHECKOUT / "docs/runbook.md").read_text())
    assert re.findall(r'href="(?!https?://|#|/)[^"]*"', text) == []


def test_html_in_the_text_is_text() -> None:
    assert rendered("# A\n\n<b>x</b> **y**") == '<h1 id="a">A</h1>\n<p>&lt;b&gt;x&lt;/b&gt; <strong>y</strong></p>\n'
