"""The texts of the pages about improvements, in Dutch and in English."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ImprovementWords:
    """The texts of one language. Braces are filled in by the pages."""

    title: str
    question: str
    rule: str
    to_do: str
    none: str
    done: str
    withdrawn: str

    # the sum
    priority: str
    sum: str
    gap: str
    reached: str
    aims: Mapping[bool, str]
    unknown: str
    unknowns: Mapping[str, str]
    uncovered: str

    # what is expected
    expected: str
    ways: Mapping[str, str]
    ways_of_time: Mapping[str, str]
    point: str
    points: str

    # when
    no_owner: str
    not_planned: str
    planned: str
    overdue: str
    done_on: str
    settles: str
    week_of: str
    today: str
    roadmap: str
    roadmap_caption: str
    roadmap_empty: str
    planned_key: str
    done_key: str
    overdue_key: str
    settles_key: str
    elsewhere: str

    # writing
    add: str
    change: str
    do_done: str
    withdraw: str
    withdraw_why: str
    save: str
    what: str
    where: str
    owner: str
    effect: str
    way: str
    size: str
    planned_week: str
    settles_weeks: str
    done_day: str
    nobody_yet: str

    # what was changed
    history: str
    wrote: str
    changed: str
    withdrew: str
    fields: Mapping[str, str]
    nothing: str
    became: str

    # on charts
    mark: str
    marks: str
    made: str


DUTCH = ImprovementWords(
    title="Verbeteringen",
    question="Wat verbeteren we eerst?",
    rule="Prioriteit is belang × verschil × passages: hoe zwaar een contactmoment telt, hoeveel het cijfer onder het "
    "doel ligt en hoe vaak klanten er kwamen, in de 90 dagen tot nu. Het doel is de norm of het ideaal, wat hoger is.",
    to_do="Te doen, hoogste prioriteit eerst",
    none="Er staat nog niets op de lijst.",
    done="Gedaan",
    withdrawn="Ingetrokken",
    priority="Prioriteit",
    sum="belang {importance} × verschil {gap} × {volume} passages",
    gap="{aim_name} {aim} − cijfer {score} = {gap}",
    reached="doel gehaald: {aim_name} {aim}, cijfer {score}",
    aims={True: "ideaal", False: "norm"},
    unknown="Geen prioriteit: {why}",
    unknowns={
        "importance": "het belang is niet bekend",
        "score": "er zijn te weinig antwoorden voor een cijfer",
        "aim": "er is geen norm of ideaal",
    },
    uncovered="Hoogste prioriteit zonder verbetering:",
    expected="verwacht: {what} {size} {way}",
    ways={"up": "hoger", "down": "lager"},
    ways_of_time={"up": "langer", "down": "korter"},
    point="punt",
    points="punten",
    no_owner="nog geen eigenaar",
    not_planned="nog niet gepland",
    planned="gepland: week van {day}",
    overdue="gepland was de week van {day}, en het is niet gedaan",
    done_on="gedaan op {day}",
    settles="klanten merken het {weeks} weken later",
    week_of="week van {day}",
    today="vandaag",
    roadmap="Roadmap",
    roadmap_caption="Een half jaar terug en vooruit, per week; de nummers zijn die van de lijsten eronder.",
    roadmap_empty="Er is nog niets gepland of gedaan.",
    planned_key="gepland",
    done_key="gedaan",
    overdue_key="over tijd",
    settles_key="klanten gaan het merken",
    elsewhere="Buiten dit half jaar: {days}.",
    add="Nieuwe verbetering",
    change="Plan of wijzig",
    do_done="Gedaan",
    withdraw="Trek in",
    withdraw_why="Wat is ingetrokken blijft bewaard en verandert niet meer.",
    save="Bewaar",
    what="Wat verandert er",
    where="Contactmoment waar klanten het merken",
    owner="Eigenaar",
    effect="Verwacht effect op",
    way="Welke kant op",
    size="Hoeveel (in punten, een doorlooptijd in dagen)",
    planned_week="Gepland in de week van",
    settles_weeks="Weken tot klanten het merken",
    done_day="Gedaan op",
    nobody_yet="nog niemand",
    history="Wie wat wanneer veranderde",
    wrote="Opgeschreven door {by} op {moment}.",
    changed="Veranderd door {by} op {moment}:",
    withdrew="Ingetrokken door {by} op {moment}.",
    fields={
        "touchpoint": "contactmoment",
        "what": "wat",
        "owner": "eigenaar",
        "effect": "verwacht effect",
        "planned_week": "week",
        "done_on": "gedaan op",
        "settles_weeks": "weken tot klanten het merken",
    },
    nothing="niets",
    became="{field} was {before} en werd {after}",
    mark="Verbetering {number}, {touchpoint}: {what} ({state})",
    marks="Verbeteringen in dit beeld",
    made="verbetering gedaan: {what}",
)

ENGLISH = ImprovementWords(
    title="Improvements",
    question="What do we improve first?",
    rule="Priority is importance × gap × passages: how much a touchpoint matters, how far its score lies below the aim "
    "and how often customers came by, in the 90 days until now. The aim is the norm or the ideal, whichever is higher.",
    to_do="To do, the highest priority first",
    none="There is nothing on the list yet.",
    done="Done",
    withdrawn="Withdrawn",
    priority="Priority",
    sum="importance {importance} × gap {gap} × {volume} passages",
    gap="{aim_name} {aim} − score {score} = {gap}",
    reached="aim reached: {aim_name} {aim}, score {score}",
    aims={True: "ideal", False: "norm"},
    unknown="No priority: {why}",
    unknowns={
        "importance": "its importance is not known",
        "score": "there are too few answers for a score",
        "aim": "there is no norm or ideal",
    },
    uncovered="Highest priority without an improvement:",
    expected="expected: {what} {size} {way}",
    ways={"up": "higher", "down": "lower"},
    ways_of_time={"up": "longer", "down": "shorter"},
    point="point",
    points="points",
    no_owner="no owner yet",
    not_planned="not planned yet",
    planned="planned: week of {day}",
    overdue="was planned for the week of {day}, and is not done",
    done_on="done on {day}",
    settles="customers meet it {weeks} weeks later",
    week_of="week of {day}",
    today="today",
    roadmap="Roadmap",
    roadmap_caption="Half a year back and ahead, by week; the numbers are those of the lists below.",
    roadmap_empty="Nothing has been planned or done yet.",
    planned_key="planned",
    done_key="done",
    overdue_key="overdue",
    settles_key="customers begin to meet it",
    elsewhere="Beyond this half year: {days}.",
    add="New improvement",
    change="Plan or change",
    do_done="Done",
    withdraw="Withdraw",
    withdraw_why="What is withdrawn is kept, and changes no more.",
    save="Save",
    what="What changes",
    where="Touchpoint where customers notice it",
    owner="Owner",
    effect="Expected effect on",
    way="Which way",
    size="How much (in points, a throughput time in days)",
    planned_week="Planned in the week of",
    settles_weeks="Weeks until customers meet it",
    done_day="Done on",
    nobody_yet="nobody yet",
    history="Who changed what, and when",
    wrote="Written by {by} on {moment}.",
    changed="Changed by {by} on {moment}:",
    withdrew="Withdrawn by {by} on {moment}.",
    fields={
        "touchpoint": "touchpoint",
        "what": "what",
        "owner": "owner",
        "effect": "expected effect",
        "planned_week": "week",
        "done_on": "done on",
        "settles_weeks": "weeks until customers meet it",
    },
    nothing="nothing",
    became="{field} was {before} and became {after}",
    mark="Improvement {number}, {touchpoint}: {what} ({state})",
    marks="Improvements in this picture",
    made="improvement made: {what}",
)
