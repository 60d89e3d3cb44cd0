"""Every dashboard by the name of its file, and what stands in it."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.department import department_review
from dashboards.journey_map import journey_map
from dashboards.language import spoken
from dashboards.moments import moments
from dashboards.pipeline import pipeline
from dashboards.validation import validation
from dashboards.wallboard import wallboard

BOARDS: Mapping[str, Callable[[], Dashboard]] = MappingProxyType(
    {
        "wallboard": wallboard,
        "journey": journey_map,
        "moments": moments,
        "department": department_review,
        "pipeline": pipeline,
        "validation": validation,
    }
)


def drawn(name: str, language: str) -> str:
    """Return the JSON of a dashboard of BOARDS in a language of LANGUAGES, as it is committed."""
    plain = json.loads(json.dumps(BOARDS[name]().build(), cls=JSONEncoder))
    return json.dumps(spoken(plain, language), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
