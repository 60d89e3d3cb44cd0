"""What stands for a Grafana: folders, dashboards and data sources by its documented HTTP API, kept in memory."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import serving

EDITOR, VIEWER = "glsa_of_an_editor_for_tests", "glsa_of_a_viewer_for_tests"
Answer = tuple[int, dict[str, Any]]


@dataclass
class StandInGrafana:
    """What it holds, and every request that changed something. `touched` says whose save comes in between."""

    address: str = ""
    folders: dict[str, str] = field(default_factory=dict)
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    data_sources: set[str] = field(default_factory=lambda: {"klantreis", "prometheus"})
    writes: list[str] = field(default_factory=list)

    def hold(self, dashboard: dict[str, Any], folder: str, *, provisioned: bool = False) -> None:
        """Hold a dashboard as if it had been saved there."""
        held = {**dashboard, "id": len(self.dashboards) + 1, "version": 1}
        self.dashboards[dashboard["uid"]] = {"dashboard": held, "meta": _meta(folder, 1, provisioned)}

    def answer(self, method: str, path: str, given: dict[str, Any] | None, token: str) -> Answer:
        """Answer as the documentation says."""
        if path == "/api/health":
            return 200, {"database": "ok", "version": "12.2.1"}
        if token not in (EDITOR, VIEWER):
            return 401, {"message": "Invalid API key"}
        if method == "POST" and token != EDITOR:
            return 403, {"message": "You'll need additional permissions to perform this action."}
        found = re.fullmatch(r"/api/(folders|dashboards|datasources)(?:/(?:uid/)?([\w-]+))?", path)
        if found is None:
            return 404, {"message": "Not found"}
        if method == "POST":
            self.writes.append(path)
            return self._made_folder(given or {}) if found[1] == "folders" else self._saved(given or {})
        return self._held(found[1], found[2])

    def _held(self, kind: str, uid: str) -> Answer:
        if kind == "folders" and uid in self.folders:
            return 200, {"id": 1, "uid": uid, "title": self.folders[uid]}
        if kind == "dashboards" and uid in self.dashboards:
            return 200, self.dashboards[uid]
        if kind == "datasources" and uid in self.data_sources:
            return 200, {"id": 1, "uid": uid}
        return 404, {"message": f"{kind} not found", "status": "not-found"}

    def _made_folder(self, given: dict[str, Any]) -> Answer:
        if given["uid"] in self.folders:
            return 409, {"message": "the folder has been changed by someone else", "status": "version-mismatch"}
        self.folders[given["uid"]] = given["title"]
        return 200, {"id": 1, **given}

    def _saved(self, given: dict[str, Any]) -> Answer:
        dashboard, folder = given["dashboard"], given["folderUid"]
        held = self.dashboards.get(dashboard["uid"])
        if folder not in self.folders:
            return 400, {"message": "folder not found"}
        if held is None and dashboard.get("id") is not None:
            return 404, {"message": "Dashboard not found", "status": "not-found"}
        version = held["dashboard"]["version"] if held else 0
        if held and not given.get("overwrite") and dashboard.get("version") != version:
            return 412, {"message": "The dashboard has been changed by someone else", "status": "version-mismatch"}
        number = held["dashboard"]["id"] if held else len(self.dashboards) + 1
        saved = {**dashboard, "id": number, "version": version + 1}
        self.dashboards[dashboard["uid"]] = {"dashboard": saved, "meta": _meta(folder, version + 1, False)}
        return 200, {"id": number, "uid": dashboard["uid"], "status": "success", "version": version + 1}


def _meta(folder: str, version: int, provisioned: bool) -> dict[str, Any]:
    return {"folderUid": folder, "version": version, "provisioned": provisioned, "isFolder": False}


@contextmanager
def standing_in() -> Iterator[StandInGrafana]:
    """Serve one on loopback."""
    grafana = StandInGrafana()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, given: dict[str, Any] | None) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, body = grafana.answer(self.command, self.path, given, token)
            written = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(Handler) as address:
        grafana.address = address
        yield grafana
