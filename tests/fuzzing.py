"""The HTTP API asked with what its own OpenAPI document allows, and with what it does not."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

KNOWN = {
    "source": "proef",
    "case_id": "Z-1",
    "journey": "balie",
    "touchpoint": "gesteld",
    "kpi": "antwoord",
    "occurred_at": "2026-01-02T03:04:05Z",
}
"""What a monitor knows that draws the journey of tests.snapshots."""


@dataclass(frozen=True)
class Fuzz:
    """A monitor to ask, what is `known` to it, by the names of parameters and members, and the headers to show."""

    address: str
    known: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)

    def ask_everything(self, inputs: int, number: int) -> None:
        """Ask every operation so many times, half of it against the document, and count it in `asked` and `answered`.

        Raises what schemathesis raises for an answer that the document does not allow, and for a status of 500 and
        above. The seed `number` gives the same requests again.
        """
        schema = schemathesis.openapi.from_url(f"{self.address}/openapi.json", headers=dict(self.headers))
        for found in schema.get_all_operations():
            operation: Any = found.ok()  # type: ignore[union-attr]  # has it raise what is wrong with the document
            self._ask(operation, GenerationMode.POSITIVE, inputs // 2, number)
            with suppress(Unsatisfiable):  # what takes neither parameters nor a body cannot be asked wrongly
                self._ask(operation, GenerationMode.NEGATIVE, inputs // 2, number)

    def _ask(self, operation: Any, mode: GenerationMode, inputs: int, number: int) -> None:
        @seed(number)
        @effort(max_examples=inputs, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode), st.booleans())
        def ask(case: Case[Any], is_known: bool) -> None:
            if is_known:
                case.path_parameters = self._told(case.path_parameters)
                case.body = self._told(case.body)
            self.asked[operation.label] += 1
            response = case.call(headers=dict(self.headers), timeout=20)
            self.answered[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        ask()

    def _told(self, made_up: Any) -> Any:
        """Put what is known in the place of what was made up: else hardly anything gets past the first look-up."""
        if isinstance(made_up, list):
            return [self._told(each) for each in made_up]
        if isinstance(made_up, dict):
            return {**made_up, **{name: value for name, value in self.known.items() if name in made_up}}
        return made_up
