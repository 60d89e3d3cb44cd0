"""The texts about what improvements did, in Dutch and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.monitor.effects.improvement_effects import Effect
from services.monitor.pages.words import Language
from streams.improvement_effect import Lacking


@dataclass(frozen=True)
class EffectWords:
    """The texts of one language. Braces are filled in by whoever says them."""

    title: str
    question: str
    expected: str
    to: str
    points: str
    said: Mapping[Effect, str]
    lacking: Mapping[Lacking, str]

    # what to expect
    expect: str
    expect_nothing: str
    visible: str
    invisible: str
    too_small: str
    told_on: str

    # what it rests on
    before: str
    since_alarm: str
    whole_week: str
    whole_weeks: str
    left_out: str
    settles: str
    after: str
    beside: str
    placebos: str
    days: str
    chance: str
    inseparable: str

    # the picture and its table
    picture: str
    caption: str
    caption_others: str
    own: str
    others: str
    of_before: str
    of_after: str
    of_left_out: str
    of_settling: str
    of_later: str
    change: str
    stretches: str
    weeks: str
    stretch: str
    counts_as: str
    value: str
    others_title: str
    n_before: str
    n_after: str
    compared: str
    not_compared: str
    changed: str
    too_few: str
    no_figures: str


EFFECT_WORDS: Mapping[Language, EffectWords] = {
    Language.NL: EffectWords(
        title="Effect",
        question="Heeft het gewerkt?",
        expected="Hoe dat te meten is",
        to="tot",
        points="punt",
        said={
            Effect.PLANNED: "nog niet gedaan",
            Effect.PROVISIONAL: "voorlopig: op {day} is er genoeg gemeten om iets te zeggen",
            Effect.WORKED: "werkte: {value} ({low} tot {high})",
            Effect.BACKFIRED: "werkte averechts: {value} ({low} tot {high})",
            Effect.NO_DIFFERENCE: "geen verschil te zien ({low} tot {high})",
            Effect.UNMEASURED: "niet te meten: {lacking}",
        },
        lacking={
            Lacking.WEEKS_BEFORE: "er is geen hele week van vóór de wijziging waarmee te vergelijken is",
            Lacking.ANSWERS_BEFORE: "{found} antwoorden of tijden van ervoor, {needed} nodig",
            Lacking.ANSWERS_AFTER: "{found} antwoorden of tijden van erna, {needed} nodig",
            Lacking.OTHERS: "{found} vergelijkbare contactmomenten, {needed} nodig",
            Lacking.SPREAD: "alle waarden zijn gelijk, dus niets zegt hoeveel ze toevallig verschillen",
        },
        expect="Met deze aantallen ziet u een verschil vanaf {reach}; een kleiner verschil valt niet van toeval te "
        "onderscheiden.",
        expect_nothing="Welk verschil hier te zien zou zijn, is nog niet te zeggen: daarvoor zijn te weinig weken met "
        "{needed} vergelijkbare contactmomenten gemeten.",
        visible="Verschil te zien vanaf {reach}",
        invisible="Verschil pas te zien vanaf {reach}, verwacht is {hoped}",
        too_small="Verwacht wordt {hoped}. Dat is minder dan hier te zien is: zo’n meting zal waarschijnlijk niets "
        "zeggen.",
        told_on="Klanten merken de wijziging na {settles}, en dan duurt het nog {after} voordat er genoeg gemeten is.",
        before="Ervoor: {weeks} tot {day}.",
        since_alarm="Ervoor: {whole_weeks} tussen het alarm van {alarm} en {day}. Het alarm stond nog toen dit gedaan "
        "werd, dus dat is het peil dat overtroffen moest worden; wat het alarm gaf, was gekozen omdat het laag was en "
        "telt niet mee.",
        whole_week="de hele week",
        whole_weeks="de {weeks} hele weken",
        left_out="Ervoor: {weeks} tot {day}, zonder {left_out} waar een alarm zijn bewijs uit haalde.",
        settles="Wat daarna kwam, telt niet mee: {weeks} waarin klanten de wijziging nog niet of half merkten.",
        after="Erna: {weeks} vanaf {day}.",
        beside="Het verschil is dat tussen ervoor en erna, min wat {others} contactmomenten zonder wijziging in "
        "diezelfde weken deden: {step}.",
        placebos="Hoe zeker dat is, zeggen {placebos} placebo's: dezelfde vergelijking waar en toen er niets gewijzigd "
        "is. In 95 van de 100 gevallen ligt het echte verschil tussen de twee uitersten.",
        days="Dat is {value} op een duur van {before} ({low} tot {high}).",
        inseparable="In dezelfde weken werkte ook een ander verbeterpunt in: “{what}” ({day}). Wat elk van beide deed, "
        "is niet te scheiden.",
        chance="Staat nul tussen de uitersten, dan kan het toeval zijn en beweren we niets.",
        picture="{name}, week na week",
        caption="Stippen: het gemiddelde, met de marge daarvan, over zoveel weken als nodig is voor {enough} waarden.",
        caption_others="Dunne lijn: de vergeleken contactmomenten samen, vanaf hetzelfde peil ervoor.",
        own="dit contactmoment",
        others="de vergeleken contactmomenten",
        of_before="ervoor",
        of_after="erna",
        of_left_out="telt niet mee",
        of_settling="nog niet gemerkt",
        of_later="later",
        change="gewijzigd",
        stretches="De cijfers van de grafiek",
        weeks="weken vanaf",
        stretch="{first} t/m {last}",
        counts_as="telt als",
        value="gemiddelde",
        others_title="Waarmee vergeleken is",
        n_before="n ervoor",
        n_after="n erna",
        compared="vergeleken",
        not_compared="niet vergeleken",
        changed="er veranderde zelf iets",
        too_few="te weinig gemeten",
        no_figures="Er is nog niets gemeten.",
    ),
    Language.EN: EffectWords(
        title="Effect",
        question="Did it work?",
        expected="How it can be measured",
        to="to",
        points="points",
        said={
            Effect.PLANNED: "not done yet",
            Effect.PROVISIONAL: "provisional: on {day} enough will have been measured to say something",
            Effect.WORKED: "worked: {value} ({low} to {high})",
            Effect.BACKFIRED: "went the wrong way: {value} ({low} to {high})",
            Effect.NO_DIFFERENCE: "no difference to be seen ({low} to {high})",
            Effect.UNMEASURED: "cannot be measured: {lacking}",
        },
        lacking={
            Lacking.WEEKS_BEFORE: "there is no whole week from before the change to compare with",
            Lacking.ANSWERS_BEFORE: "{found} answers or times from before, {needed} needed",
            Lacking.ANSWERS_AFTER: "{found} answers or times from after, {needed} needed",
            Lacking.OTHERS: "{found} comparable touchpoints, {needed} needed",
            Lacking.SPREAD: "all values are alike, so nothing says how much they differ by chance",
        },
        expect="With these numbers you will see a difference from {reach} on; a smaller one cannot be told from "
        "chance.",
        expect_nothing="Which difference would be seen here cannot be said yet: too few weeks with {needed} comparable "
        "touchpoints have been measured.",
        visible="Difference to be seen from {reach} on",
        invisible="Difference to be seen only from {reach} on, {hoped} is expected",
        too_small="What is expected is {hoped}. That is less than can be seen here: measuring it will probably tell "
        "nothing.",
        told_on="Customers notice the change after {settles}, and then it takes another {after} until enough has "
        "been measured.",
        before="Before: {weeks} until {day}.",
        since_alarm="Before: {whole_weeks} between the alarm of {alarm} and {day}. The alarm still stood when this "
        "was done, so that is the level that had to be beaten; what raised the alarm was chosen for being low, and "
        "does not count.",
        whole_week="the whole week",
        whole_weeks="the {weeks} whole weeks",
        left_out="Before: {weeks} until {day}, without {left_out} from which an alarm took its evidence.",
        settles="What came then does not count: {weeks} in which customers had not, or only half, noticed the change.",
        after="After: {weeks} from {day}.",
        beside="The difference is that between before and after, less what {others} touchpoints without a change did "
        "in those same weeks: {step}.",
        placebos="How sure that is, {placebos} placebos say: the same comparison where and when nothing was changed. "
        "In 95 of 100 cases the true difference lies between the two ends.",
        days="That is {value} on a duration of {before} ({low} to {high}).",
        inseparable="In the same weeks another improvement took hold: “{what}” ({day}). What either of them did "
        "cannot be told apart.",
        chance="If zero lies between the ends, it may be chance, and nothing is claimed.",
        picture="{name}, week after week",
        caption="Dots: the mean with its margin, over as many weeks as it takes to have {enough} values.",
        caption_others="Thin line: the compared touchpoints together, from the same level before.",
        own="this touchpoint",
        others="the compared touchpoints",
        of_before="before",
        of_after="after",
        of_left_out="does not count",
        of_settling="not noticed yet",
        of_later="later",
        change="changed",
        stretches="The figures of the chart",
        weeks="weeks from",
        stretch="{first} to {last}",
        counts_as="counts as",
        value="mean",
        others_title="What it was compared with",
        n_before="n before",
        n_after="n after",
        compared="compared",
        not_compared="not compared",
        changed="something of its own changed",
        too_few="too little measured",
        no_figures="Nothing has been measured yet.",
    ),
}
