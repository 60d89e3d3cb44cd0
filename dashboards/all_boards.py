"""Every dashboard by the name of its file, and what stands in it."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.language import spoken
from dashboards.pipeline import pipeline
from dashboards.wallboard import wallboard

BOARDS: Mapping[str, Callable[[], Dashboard]] = MappingProxyType({"wallboard": wallboard, "pipeline": pipeline})


def drawn(name: str, language: str) -> str:
    """Return the JSON of a dashboard of BOARDS in a language of LANGUAGES, as it is committed."""
    plain = json.loads(json.dumps(BOARDS[name]().build(), cls=JSONEncoder))
    return json.dumps(spoken(plain, language), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
