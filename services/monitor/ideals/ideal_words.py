"""The texts about ideals and importance, in Dutch and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.monitor.pages.words import Language


@dataclass(frozen=True)
class IdealWords:
    """The texts of one language. Braces are filled in by the page."""

    ideals: str
    ideals_how: str
    no_ideals: str
    measures: Mapping[str, str]
    everybody: str
    of_ideal: str
    reached: str
    few: str
    line_of: str

    importance: str
    importance_how: str
    stated: str
    asked: str
    difference: str
    together: str
    pairs: str
    driver: str
    chance: str
    missing: str
    no_answers: str
    more_important: str
    less_important: str


IDEAL_WORDS: Mapping[Language, IdealWords] = {
    Language.NL: IdealWords(
        ideals="Ideaal en werkelijkheid",
        ideals_how="Hoeveel er aan het ideaal ontbreekt. Vet en gekleurd: dat is zeker, de marge laat het ideaal "
        "buiten. Duur is de mediaan van de tussentijd ervoor.",
        no_ideals="De klantreis noemt geen idealen.",
        measures={"score": "Cijfer", "effort": "Gemak", "duration": "Duur"},
        everybody="iedereen",
        of_ideal="{actual} van {ideal}",
        reached="gehaald",
        few="te weinig",
        line_of="ideaal: {persona}",
        importance="Hoe belangrijk een contactmoment is",
        importance_how="Wat de organisatie zegt, wat klanten zeggen, en hoe sterk het cijfer samengaat met het "
        "totaalcijfer dat dezelfde klant daarna of tegelijk gaf (rangcorrelatie van Spearman, met 95 %-interval). "
        "Samengaan is geen oorzaak; staat nul in het interval, dan kan het toeval zijn.",
        stated="organisatie",
        asked="klanten",
        difference="verschil",
        together="gaat samen met het totaalcijfer",
        pairs="paren",
        driver="aanjager",
        chance="kan toeval zijn",
        missing="nog {missing} paren nodig",
        no_answers="niet gevraagd of te weinig",
        more_important="klanten vinden het belangrijker",
        less_important="klanten vinden het minder belangrijk",
    ),
    Language.EN: IdealWords(
        ideals="Ideal and actual",
        ideals_how="How much is lacking to the ideal. Bold and coloured: that is certain, the margin leaves the "
        "ideal out. Duration is the median of the gap before.",
        no_ideals="The journey names no ideals.",
        measures={"score": "Score", "effort": "Ease", "duration": "Duration"},
        everybody="everybody",
        of_ideal="{actual} of {ideal}",
        reached="reached",
        few="too few",
        line_of="ideal: {persona}",
        importance="How important a touchpoint is",
        importance_how="What the organisation says, what customers say, and how strongly the score goes together with "
        "the overall score that the same customer gave afterwards or at the same time (Spearman's rank correlation, "
        "with its 95% interval). Going together is no cause; if zero lies in the interval, it may be chance.",
        stated="organisation",
        asked="customers",
        difference="difference",
        together="goes together with the overall score",
        pairs="pairs",
        driver="driver",
        chance="may be chance",
        missing="{missing} more pairs needed",
        no_answers="not asked, or too few",
        more_important="customers find it more important",
        less_important="customers find it less important",
    ),
}
