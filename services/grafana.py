"""A Grafana that exists already, over its HTTP API: the one place that knows grafana-api.

Folders and dashboards are known by their uid. Whatever Grafana refuses becomes a GrafanaRefused, which says what to do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from grafana_api.grafana_api import GrafanaAPI, GrafanaException
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import JSONDecodeError, RequestException, Timeout

TIMEOUT_SECONDS = 10.0


class GrafanaRefused(Exception):  # noqa: N818 - an answer, not a mistake
    """Grafana did not do what it was asked, or does not answer; the message says which, and what to do."""


@dataclass(frozen=True)
class Held:
    """A dashboard as Grafana holds it. `version` is what it counts saves by; `provisioned`: a file holds it there."""

    dashboard: Mapping[str, Any]
    version: int
    folder_uid: str
    provisioned: bool


class Grafana:
    """One Grafana, as a service account sees it."""

    def __init__(self, url: str, token: str) -> None:
        """Look at the address only. Raises GrafanaRefused if it is none; a path in it is where Grafana is served."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise GrafanaRefused("KLANTREIS_GRAFANA_URL: should be an address such as https://grafana.example")
        self._url = url
        prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self._api = GrafanaAPI(token, parts.hostname, parts.port, prefix, parts.scheme, timeout=TIMEOUT_SECONDS)

    def check(self) -> None:
        """Raise GrafanaRefused if no Grafana answers there, whatever the token is worth."""
        self._asked(self._api.GET, "/health")

    def has_data_source(self, uid: str) -> bool:
        """Say whether there is a data source with this uid."""
        return self._found(f"/datasources/uid/{quote(uid, safe='')}") is not None

    def has_folder(self, uid: str) -> bool:
        """Say whether there is a folder with this uid."""
        return self._found(f"/folders/{quote(uid, safe='')}") is not None

    def make_folder(self, uid: str, title: str) -> None:
        """Make a folder."""
        self._asked(self._api.POST, "/folders", {"uid": uid, "title": title})

    def dashboard(self, uid: str) -> Held | None:
        """Return the dashboard with this uid; None if there is none."""
        found = self._found(f"/dashboards/uid/{quote(uid, safe='')}")
        if found is None:
            return None
        meta, dashboard = found["meta"], found["dashboard"]
        return Held(dashboard, dashboard["version"], meta.get("folderUid", ""), bool(meta.get("provisioned")))

    def save(self, dashboard: Mapping[str, Any], folder_uid: str, version: int | None, message: str) -> None:
        """Put a dashboard in the place of its version `version`, or make it. Refused if it is another by now."""
        saved = {**dashboard, "id": None} if version is None else {**dashboard, "version": version}
        given = {"dashboard": saved, "folderUid": folder_uid, "overwrite": False, "message": message}
        self._asked(self._api.POST, "/dashboards/db", given)

    def _found(self, path: str) -> Any:
        try:
            return self._asked(self._api.GET, path)
        except _NotFound:
            return None

    def _asked(self, ask: Callable[..., Any], path: str, given: Mapping[str, Any] | None = None) -> Any:
        try:
            answer = ask(path, json=given)
        except GrafanaException as refusal:
            self._refuse(refusal, path)
        except JSONDecodeError:
            raise GrafanaRefused(f"{self._url} answers, but not as Grafana does: is the path right?") from None
        except Timeout:
            raise GrafanaRefused(f"{self._url} did not answer within {TIMEOUT_SECONDS:g} seconds") from None
        except NotConnected:
            raise GrafanaRefused(f"{self._url} cannot be reached: is it running, and is the address right?") from None
        except RequestException as error:
            raise GrafanaRefused(f"{self._url}: {type(error).__name__}") from None
        return answer

    def _refuse(self, refusal: GrafanaException, path: str) -> NoReturn:
        if refusal.status_code == 404:
            raise _NotFound(f"{self._url} has nothing at /api{path}: is the path right, and is it Grafana 9 or newer?")
        said = _message(refusal.response)
        known = _REFUSALS.get(refusal.status_code)
        raise GrafanaRefused(f"{known}: {said}" if known else f"Grafana says {refusal.status_code}: {said}") from None


class _NotFound(GrafanaRefused):
    pass


_REFUSALS = {
    401: "Grafana does not know the token in KLANTREIS_GRAFANA_TOKEN, or it has expired",
    403: "the token may not do this; its service account needs the role Editor",
    409: "something by this name is there already",
    412: "somebody changed it meanwhile, or another one has its title; run it again, or rename the other one",
}


def _message(response: Any) -> str:
    return str(response.get("message", response) if isinstance(response, dict) else response)[:300]
