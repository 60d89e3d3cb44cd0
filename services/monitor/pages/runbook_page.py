"""/runbook: docs/runbook.md as a page. Alerts link to its headings by their own names."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt
from markupsafe import Markup

from services.monitor.pages.html import Pages, reader


def router(pages: Pages) -> APIRouter:
    """Return the route of the page, whose text is read once."""
    routes = APIRouter(include_in_schema=False)
    text = rendered(_file().read_text(encoding="utf-8"))

    @routes.get("/runbook")
    def runbook(request: Request) -> HTMLResponse:
        """Show what each alert means, and what to do."""
        return pages.respond("runbook.html", reader(request), text=text)

    return routes


def rendered(text: str) -> Markup:
    """Return Markdown as HTML; each heading's id is its text in small letters. HTML in the text is shown as text."""
    markdown = MarkdownIt("commonmark", {"html": False})
    tokens = markdown.parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", inline.content.lower())
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 - what is not ours was escaped


def _file() -> Traversable:
    """Return the runbook: a wheel holds it in the monitor's folder, a checkout in docs/."""
    packaged = files("services.monitor") / "runbook.md"
    return packaged if packaged.is_file() else Path(__file__).parents[3] / "docs" / "runbook.md"
