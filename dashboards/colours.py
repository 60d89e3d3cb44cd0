"""Colours that the colour-blind can tell apart (Okabe and Ito), and which differ in lightness as well."""

from collections.abc import Mapping
from types import MappingProxyType

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMappingResult

GOOD = "#009E73"
WATCH = "#E69F00"
BAD = "#D55E00"
SILENT = "#CC79A7"
CALM = "#5B6B7A"
PLAIN = "#0072B2"
LIGHT = "#56B4E9"

_STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "4": ("[ONDER NORM|BELOW NORM]", BAD),
        "3": ("[METING GESTOPT|NOT MEASURED ANY MORE]", SILENT),
        "2": ("[IN DE GATEN|WATCH]", WATCH),
        "1": ("[OP NORM|ON NORM]", GOOD),
        "0": ("[TE WEINIG ANTWOORDEN|TOO FEW ANSWERS]", CALM),
    }
)

STATE_CODE = "array_position(ARRAY['too_few', 'on_norm', 'watch', 'stopped', 'below_norm'], state) - 1"
"""A state of a KPI in SQL as a number, the worst the highest: what `states` gives words and colours to."""

STATES_MEAN = (
    "[Groen: op norm. Oranje: in de gaten houden, nog geen alarm. Rood: onder norm, vastgesteld door de toets. "
    "Paars: er komen geen antwoorden meer. Grijs: te weinig antwoorden voor een oordeel; dat is geen fout."
    "|Green: on norm. Orange: watch it, no alarm yet. Red: below norm, as the test decided. "
    "Purple: answers have stopped coming. Grey: too few answers to judge by; that is no fault.]"
)


def states() -> ValueMap:
    """Return the words and the colour of each state of a KPI."""
    return ValueMap(
        {
            code: ValueMappingResult(text=text, color=colour, index=place)
            for place, (code, (text, colour)) in enumerate(_STATES.items())
        }
    )
