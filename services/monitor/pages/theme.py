"""Light or dark: what a reader chose, by the address or the cookie that keeps it. Without a choice, walls are dark."""

from enum import StrEnum

from fastapi import Request

COOKIE = "klantreis_theme"
FIELD = "theme"
KEPT_SECONDS = 365 * 24 * 60 * 60


class Theme(StrEnum):
    """What a page looks like. AUTO: a wallboard is dark, whatever the browser says, since on a wall it is not asked;
    the pages at a desk are what the browser prefers.
    """

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


def chosen(request: Request) -> Theme | None:
    """Return what the address of a request asks for with `?theme=`; None if nothing that we know."""
    return _known(request.query_params.get(FIELD, ""))


def theme_of(request: Request) -> Theme:
    """Return what a page looks like for a request: as its address asks, else as was chosen before."""
    return chosen(request) or _known(request.cookies.get(COOKIE, "")) or Theme.AUTO


def _known(name: str) -> Theme | None:
    return Theme(name) if name in list(Theme) else None
