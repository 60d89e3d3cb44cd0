"""Every route of the monitor asked by strangers, by those who may look, and by pages of somebody else's."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient, Response
from starlette.routing import BaseRoute

from services.monitor.access.sessions import GOOD_FOR, Sessions
from services.monitor.access.sign_in import own_page
from services.monitor.app import build_app
from services.settings import Settings
from services.trusted_proxies import TrustedProxies

TOKEN = "a token that is long enough"
SECRET = "a secret for tests only"
OPEN = {
    "/healthz",
    "/readyz",
    "/static",
    "/sign-in",
    "/survey/{token}",
    "/survey/{token}/{question}",
    "/api/events/touchpoints",
    "/api/journeys/{journey}/remarks",
}
"""What strangers may ask; each says in its own way who may have what."""

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def app_with(**given: Any) -> FastAPI:
    """Return the whole monitor, which has no database and no broker to read."""
    nowhere: dict[str, Any] = {"database_url": "postgresql://nowhere.invalid/x", "broker": "nowhere.invalid:1"}
    return build_app(Settings(**nowhere, secret=SECRET, demo=True, **given))


def client_of(app: FastAPI, peer: str = "203.0.113.9") -> AsyncClient:
    transport = ASGITransport(app, raise_app_exceptions=False, client=(peer, 1234))
    return AsyncClient(transport=transport, base_url="http://monitor")


def routes(found: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield every route there is, those that are mounted or made by FastAPI itself among them."""
    for route in found:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from routes(included.routes)


def asked_of(route: BaseRoute) -> Iterator[tuple[str, str]]:
    """Yield the methods that a route answers, with its path."""
    methods = set(getattr(route, "methods", None) or {"GET"}) - {"HEAD"}
    return ((method, str(getattr(route, "path", ""))) for method in sorted(methods))


GUARDED = app_with(employee_consent="OR 2026-1", read_token=TOKEN)
OPEN_TO_ALL = app_with()
ROUTES = sorted({asked for route in routes(GUARDED.routes) for asked in asked_of(route)})
CLOSED = [(method, path) for method, path in ROUTES if path not in OPEN]


def at(path: str) -> str:
    return path.replace("{", "").replace("}", "").replace(":path", "")


async def ask(method: str, path: str, headers: Mapping[str, Any] | None = None, app: FastAPI = GUARDED) -> Response:
    async with client_of(app) as client:
        return await client.request(method, at(path), headers=dict(headers or {}))


def test_the_routes_are_all_there() -> None:
    paths = {path for _, path in ROUTES}
    assert {"/metrics", "/openapi.json", "/docs", "/alerts", "/wallboard/{journey}/stream", *OPEN} <= paths
    assert len(ROUTES) > 30


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_a_stranger_gets_nowhere(method: str, path: str) -> None:
    answer = await ask(method, path)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/sign-in?next=/")
    else:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/nergens", "/api/nergens", "/healthz/", "/healthz/x", "/survey/", "/sign-in/x", "//"]
)
async def test_neither_does_one_who_tries_addresses(path: str) -> None:
    assert (await ask("GET", path)).status_code in (303, 401)


@pytest.mark.parametrize(
    ("method", "path"), [each for each in ROUTES if each[1] in OPEN and each != ("GET", "/static")]
)
async def test_what_is_open_is_open(method: str, path: str) -> None:
    answer = await ask(method, path)
    assert answer.headers.get("location", "").partition("?")[0] != "/sign-in"
    if answer.status_code == 401:
        assert "remarks" in answer.json()["detail"]


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \xe9".encode(),
    ],
)
async def test_what_is_not_the_token_opens_nothing(shown: str | bytes) -> None:
    assert (await ask("GET", "/metrics", {"Authorization": shown})).status_code == 401


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"bearer  {TOKEN} "])
async def test_the_token_opens_everything(shown: str) -> None:
    for method, path in CLOSED:
        if path.endswith("/stream") or method == "POST":
            continue
        answer = await ask(method, path, {"Authorization": shown})
        assert answer.status_code not in (401, 403), path
        assert answer.headers.get("location", "").partition("?")[0] != "/sign-in"


@pytest.mark.parametrize(
    ("app", "method", "path"),
    [
        *((GUARDED, *each) for each in ROUTES),
        *((OPEN_TO_ALL, *each) for each in ROUTES if not each[1].endswith("/stream")),  # which waits for figures
    ],
)
async def test_every_answer_carries_the_headers(method: str, path: str, app: FastAPI) -> None:
    answer = await ask(method, path, app=app)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in answer.headers
    if not path.startswith("/static"):
        assert answer.headers["cache-control"] == "no-store"


async def test_signing_in_and_out() -> None:
    async with client_of(GUARDED) as client:
        sent_away = await client.get("/alerts?lang=en")
        assert sent_away.headers["location"] == "/sign-in?next=/alerts%3Flang%3Den&lang=en"
        page = await client.get(sent_away.headers["location"])
        assert "Sign in" in page.text
        assert 'value="/alerts?lang=en"' in page.text
        assert 'href="/sign-in?next=/alerts%3Flang%3Den"' in page.text  # in Dutch, and on to the same page
        wrong = await client.post("/sign-in", data={"token": "hond", "next": "/alerts"})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
        assert "Dit is niet het token" in wrong.text
        right = await client.post("/sign-in", data={"token": TOKEN, "next": "/docs"})
        assert (right.status_code, right.headers["location"]) == (303, "/docs")
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie  # since this is plain HTTP; the next test is not
        assert TOKEN not in cookie
        documented = await client.get("/docs")
        assert documented.status_code == 200
        assert "Afmelden" in documented.text
        assert (await client.get("/openapi.json")).status_code == 200
        await client.post("/sign-out")
        assert (await client.get("/docs")).status_code == 303


async def test_behind_https_cookie_and_browser_know_no_other_way() -> None:
    app = app_with(read_token=TOKEN, trusted_proxies="10.0.0.0/24")
    for peer, forwarded, safe in (
        ("10.0.0.7", "https", True),
        ("10.0.0.7", "http", False),
        ("203.0.113.9", "https", False),
    ):
        async with client_of(app, peer) as client:
            answer = await client.post("/sign-in", data={"token": TOKEN}, headers={"X-Forwarded-Proto": forwarded})
        assert ("Secure" in answer.headers["set-cookie"]) is safe
        assert ("strict-transport-security" in answer.headers) is safe


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/alerts?lang=en", "/alerts?lang=en"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/x\\..\\y", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_led_astray(asked: str, led_to: str) -> None:
    assert own_page(asked) == led_to


def test_a_session_ends_with_its_time_and_its_token() -> None:
    now = NOW
    sessions = Sessions(SECRET, TOKEN, lambda: now)
    cookie = sessions.begin()
    assert sessions.holds(cookie)
    assert not sessions.holds(cookie[:-4] + "AAA=")
    assert not sessions.holds("")
    assert not sessions.holds("é")
    assert not Sessions(SECRET, "another token, long enough", lambda: NOW).holds(cookie)
    assert not Sessions("another secret", TOKEN, lambda: NOW).holds(cookie)
    now = NOW + GOOD_FOR - timedelta(seconds=1)
    assert sessions.holds(cookie)
    now = NOW + GOOD_FOR + timedelta(seconds=1)
    assert not sessions.holds(cookie)


@pytest.mark.parametrize(
    ("peer", "names", "status"),
    [
        ("10.0.0.7", ["anna"], 200),
        ("10.0.1.7", ["anna"], 403),
        ("10.0.0.7", [], 403),
        ("10.0.0.7", [" "], 403),
        ("10.0.0.7", ["anna", "bram"], 403),
        ("not-an-address", ["anna"], 403),
    ],
)
async def test_a_name_is_believed_of_a_trusted_proxy_only(peer: str, names: list[str], status: int) -> None:
    app = app_with(proxy_user_header="X-Remote-User", trusted_proxies="10.0.0.0/24, ::1")
    async with client_of(app, peer) as client:
        headers = [("X-Remote-User", name) for name in names] + [("X-Forwarded-For", "10.0.0.7")]
        answer = await client.get("/docs", headers=headers)
        assert answer.status_code == status
        if status == 403:
            assert "Geen toegang" in answer.text
            assert (await client.get("/metrics", headers=headers)).status_code == 401
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("addresses", "peer", "is_one"),
    [
        ("", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("10.0.0.0/8,fd00::/8", "fd00::5", True),
        ("10.0.0.0/8,fd00::/8", "11.0.0.1", False),
        ("10.0.0.0/8", "", False),
    ],
)
def test_who_is_a_trusted_proxy(addresses: str, peer: str, is_one: bool) -> None:
    assert TrustedProxies(addresses).brought({"client": (peer, 1)}) is is_one
    assert not TrustedProxies(addresses).brought({"client": None})


@pytest.mark.parametrize(
    "address", ["/journeys/a%00b", "/api/journeys/a/time?persona=%00", "/wallboard/%00", "/api/journeys/a/scores?%00=1"]
)
async def test_an_address_with_a_nul_is_nobodys(address: str) -> None:
    answer = await ask("GET", address, app=OPEN_TO_ALL)
    assert answer.status_code == 422
    assert "NUL" in answer.json()["detail"]


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://monitor"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://monitor:81"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST" and "survey" not in path])
async def test_a_page_of_somebody_elses_changes_nothing(path: str, headers: dict[str, str]) -> None:
    for app in (GUARDED, OPEN_TO_ALL):
        answer = await ask("POST", path, headers | {"Authorization": f"Bearer {TOKEN}"}, app)
        assert answer.status_code == 403
        assert "elsewhere" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://Monitor"}],
)
async def test_our_own_pages_and_programs_do(headers: dict[str, str]) -> None:
    answer = await ask("POST", "/sign-in", headers)
    assert "Dit is niet het token" in answer.text


async def test_a_survey_takes_answers_of_browsers_that_keep_their_origin_to_themselves() -> None:
    for headers, status in (({"Origin": "null"}, 404), ({"Sec-Fetch-Site": "cross-site"}, 403)):
        assert (await ask("POST", "/survey/{token}/{question}", headers)).status_code == status


def test_every_body_is_read_through_a_limit() -> None:
    """FastAPI reads a body that a route declares to its end, however long; ours by monitor.http.body."""
    declaring = [each for each in routes(GUARDED.routes) if isinstance(each, APIRoute) and each.body_field is not None]
    assert declaring == []
