"""Publishing the committed dashboards to a Grafana: what each would become, and making it so. Only what is ours."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from importlib.resources import files
from typing import Any

from services.grafana import Grafana, GrafanaRefused, Held

LANGUAGES = ("nl", "en")
DATA_SOURCES = ("klantreis", "prometheus")
"""The uids that the dashboards ask."""

_TAG = "klantreis"
_OF_GRAFANA = ("id", "version", "iteration")  # what it adds to a dashboard by itself


@dataclass(frozen=True)
class Step:
    """What a dashboard is to become. `held` is what is there now; None: nothing."""

    dashboard: Mapping[str, Any]
    held: Held | None

    @property
    def name(self) -> str:
        """The uid."""
        return str(self.dashboard["uid"])

    @property
    def verdict(self) -> str:
        """Return 'new', 'changed' or 'same'."""
        if self.held is None:
            return "new"
        return "changed" if _plain(self.held.dashboard) != _plain(self.dashboard) else "same"

    def diff(self) -> Iterator[str]:
        """Yield the lines by which the JSON differs, with the three around them."""
        before = [] if self.held is None else _lines(self.held.dashboard)
        yield from unified_diff(before, _lines(self.dashboard), f"Grafana: {self.name}", self.name, lineterm="")


def committed(language: str) -> Sequence[Mapping[str, Any]]:
    """Return the dashboards of a language of LANGUAGES, as they are in the package."""
    folder = files("dashboards") / language
    named = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return [json.loads(file.read_text(encoding="utf-8")) for file in named]


def planned(grafana: Grafana, dashboards: Sequence[Mapping[str, Any]], folder_uid: str) -> Sequence[Step]:
    """Return what is to be done, and do nothing.

    Raises GrafanaRefused if a dashboard with one of our uids is not ours: in another folder, without our tag, or held
    by a file of Grafana's own.
    """
    grafana.check()
    steps = [Step(dashboard, grafana.dashboard(dashboard["uid"])) for dashboard in dashboards]
    for step in steps:
        if step.held is not None:
            _check_ours(step.name, step.held, folder_uid)
    return steps


def publish(grafana: Grafana, steps: Sequence[Step], folder_uid: str, folder_title: str, message: str) -> None:
    """Make the folder if there is none, and save what is new or changed. Raises GrafanaRefused.

    A dashboard that somebody saved since it was planned is refused, and what was saved before it stays.
    """
    if not grafana.has_folder(folder_uid):
        grafana.make_folder(folder_uid, folder_title)
    for step in steps:
        if step.verdict != "same":
            _save(grafana, step, folder_uid, message)


def missing_data_sources(grafana: Grafana) -> Sequence[str]:
    """Return the uids of DATA_SOURCES that Grafana does not have."""
    return [uid for uid in DATA_SOURCES if not grafana.has_data_source(uid)]


def _save(grafana: Grafana, step: Step, folder_uid: str, message: str) -> None:
    try:
        grafana.save(step.dashboard, folder_uid, step.held.version if step.held else None, message)
    except GrafanaRefused as refused:
        raise GrafanaRefused(f"{step.name}: {refused}") from None


def _check_ours(name: str, held: Held, folder_uid: str) -> None:
    if held.provisioned:
        raise GrafanaRefused(f"{name}: Grafana reads it from a file (provisioning), and would undo what is published")
    if held.folder_uid != folder_uid:
        where = held.folder_uid or "General"
        raise GrafanaRefused(f"{name}: is in the folder {where}, not in {folder_uid}; move it, or name that folder")
    if _TAG not in held.dashboard.get("tags", []):
        raise GrafanaRefused(f"{name}: lacks the tag {_TAG}, so it is not ours; delete it, or give it the tag")


def _plain(dashboard: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in dashboard.items() if name not in _OF_GRAFANA}


def _lines(dashboard: Mapping[str, Any]) -> list[str]:
    return json.dumps(_plain(dashboard), ensure_ascii=False, indent=2, sort_keys=True).splitlines()
