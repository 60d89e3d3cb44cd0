"""What customers of the demo write beside their score, in Dutch."""

from collections.abc import Mapping

_KIND: Mapping[str, tuple[str, ...]] = {
    "": (
        "Prima geholpen.",
        "Ging vlotter dan ik had verwacht.",
        "Duidelijke uitleg, dank.",
        "Netjes en vriendelijk.",
    ),
    "vraag-gesteld": (
        "De medewerker dacht echt met mij mee.",
        "Meteen antwoord op mijn vraag.",
        "Snel iemand aan de lijn en een helder antwoord.",
    ),
    "aanvullingsverzoek": (
        "Helder welke tekeningen er nog nodig waren.",
        "Fijn dat er een voorbeeld bij zat.",
    ),
    "besluit": (
        "Blij met de vergunning, en ruim op tijd.",
        "Goed gemotiveerd besluit.",
    ),
    "statusbericht": (
        "Fijn om te weten hoe het ervoor staat.",
        "Zo hoef ik niet zelf te bellen.",
    ),
}
_UNKIND: Mapping[str, tuple[str, ...]] = {
    "": (
        "Ik moest te lang wachten.",
        "Ik weet nu nog niet waar ik aan toe ben.",
        "Onduidelijke taal, veel te ambtelijk.",
        "Ik kreeg steeds iemand anders.",
    ),
    "vraag-gesteld": (
        "Twintig minuten in de wacht en daarna doorverbonden.",
        "Kreeg drie keer een ander antwoord.",
        "De medewerker kon mijn zaak niet vinden.",
    ),
    "aanvullingsverzoek": (
        "Waarom is dit niet meteen gevraagd?",
        "Ik begrijp niet welke stukken er ontbreken.",
        "Ik had deze tekening al gestuurd.",
        "Niemand die mij kon uitleggen wat er nog moest.",
    ),
    "besluit": (
        "Teleurgesteld, ik had op een vergunning gerekend.",
        "De motivering is niet te volgen.",
    ),
    "legesfactuur": (
        "Veel geld voor een brief.",
        "Niet duidelijk hoe het bedrag is berekend.",
    ),
    "aanvraag-ingediend": (
        "Het formulier liep twee keer vast.",
        "Uploaden van de tekeningen lukte pas na drie keer.",
    ),
}


def remarks(touchpoint: str, *, satisfied: bool) -> tuple[str, ...]:
    """Return what a satisfied or a dissatisfied customer may write about a touchpoint; never empty."""
    choice = _KIND if satisfied else _UNKIND
    return choice.get(touchpoint, choice[""])
