"""The page on which somebody with the token signs in, for browsers, which cannot show it otherwise."""

import re
from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.monitor.access.sessions import COOKIE, GOOD_FOR
from services.monitor.access.visitors import Visitors
from services.monitor.http.body import form_fields
from services.monitor.pages.html import Pages, reader

PATH = "/sign-in"
_MAX_BYTES = 4 * 1024
_OWN_PAGE = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def sign_in_path(request: Request) -> str:
    """Return the address of the page, which leads back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return reader(request).link(PATH, next=asked)


def router(visitors: Visitors, pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(PATH)
    async def show(request: Request) -> Response:
        """Ask for the token; say so if it was shown already."""
        return _page(pages, request, request.query_params.get("next", "/"))

    @routes.post(PATH)
    async def sign_in(request: Request) -> Response:
        """Let in who shows the token."""
        fields = await form_fields(request, _MAX_BYTES)
        onward = own_page(fields.get("next", "/"))
        if not visitors.knows_token(fields.get("token", "").strip()):
            return _page(pages, request, onward, wrong=True, status=403)
        answer = RedirectResponse(onward, status_code=303)
        _set_cookie(answer, visitors.sessions.begin(), GOOD_FOR, secure=visitors.proxies.came_by_https(request.scope))
        return answer

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """Have the browser forget that it was let in."""
        answer = RedirectResponse(reader(request).link(PATH), status_code=303)
        _set_cookie(answer, "", timedelta(0), secure=visitors.proxies.came_by_https(request.scope))
        return answer

    return routes


def own_page(path: str) -> str:
    """Return the address of a page of ours, or that of the first page if this is not one: nobody is led astray."""
    return path if _OWN_PAGE.fullmatch(path) else "/"


def _page(pages: Pages, request: Request, onward: str, *, wrong: bool = False, status: int = 200) -> Response:
    asking, back = reader(request), own_page(onward)
    other = replace(asking, language=asking.words.other_language)
    translation = other.link(PATH, next=back)
    answer = pages.respond("sign_in.html", asking, onward=back, wrong=wrong, translation=translation)
    answer.status_code = status
    return answer


def _set_cookie(answer: Response, content: str, lasts: timedelta, *, secure: bool) -> None:
    seconds = int(lasts.total_seconds())
    answer.set_cookie(COOKIE, content, max_age=seconds, httponly=True, samesite="lax", secure=secure)
