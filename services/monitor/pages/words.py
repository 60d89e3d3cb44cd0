"""Every text of the pages, in Dutch and in English, in one place. Journey files bring their own names."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.monitor.improvements.improvement_words import DUTCH, ENGLISH, ImprovementWords


class Language(StrEnum):
    """The languages of the pages; Dutch comes first."""

    NL = "nl"
    EN = "en"


@dataclass(frozen=True)
class Words:
    """The texts of one language. Braces are filled in by the pages."""

    language: Language
    other_language: Language
    other_language_name: str

    # how numbers, durations and dates are written
    decimal: str
    thousands: str
    before_percent: str
    second_short: str
    minute_short: str
    hour_short: str
    day_short: str
    minute: str
    minutes: str
    hour: str
    hours: str
    day: str
    days: str
    week: str
    weeks: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    months_short: tuple[str, ...]

    # names of things
    product: str
    wallboard: str
    journeys: str
    cases: str
    case: str
    api: str
    throughput: str
    gap_before: str
    whole_case: str
    moment_of_truth: str

    # around every page
    skip_to_main: str
    pages: str
    score_line: str
    theme: str
    themes: Mapping[str, str]

    # how a duration stands
    over: str
    partly: str
    within: str
    few: str
    no_limit: str
    over_short: str
    partly_short: str
    within_short: str
    few_short: str
    limit_of: str
    share_within: str
    kept_of_due: str
    kept_short: str
    none_ended: str
    without_limit: str
    longer_than: str
    median: str
    n: str
    few_left: str
    too_few: str

    # wallboard
    headline_over: str
    headline_partly: str
    headline_fine: str
    headline_unknown: str
    headline_no_limits: str
    not_shown: str
    fresh: str
    just_now: str
    opened_today: str
    closed_today: str
    open_cases: str
    overdue: str
    none_overdue: str
    waiting_longest: str
    waiting_at: str
    nobody_waits: str
    lag: str
    lag_none: str
    lag_records: str
    lag_one_record: str
    row_today: str
    row_28d: str
    row_gap_median: str
    row_limit: str
    row_score: str
    row_answers: str
    score_of: str
    score_of_effort: str
    rolling_28d: str
    still: str
    still_nothing_read: str
    still_since: str
    still_no_worker: str
    still_worker_since: str
    lost: str
    lost_since: str
    line_title: str

    # overview
    overview_question: str
    no_journeys: str
    no_journeys_how: str
    visits_28d: str

    # the journey
    journey: str
    journey_question: str
    period: str
    last_days: str
    persona: str
    channel: str
    version: str
    all_of_them: str
    show: str
    score_row: str
    feeling_row: str
    feeling: str
    volume_row: str
    line_caption: str
    matrix_title: str
    matrix_caption: str
    quadrants: Mapping[str, str]
    importance: str
    touchpoint: str
    weighted: str
    complaints: str
    cost: str
    advice: str
    too_few_answers: str
    how_sure: str
    how_sure_why: tuple[str, ...]
    all_figures: str

    # real paths
    paths: str
    paths_question: str
    path_title: str
    path_caption: str
    path_left_out: str
    path_unknown: str
    path_none: str
    rare_paths: str
    rare_paths_from: str
    step_told: str
    step_before: str
    step_after: str
    step_times: str
    step_share: str
    step_gap: str
    stop_told: str
    first_of_case: str
    all_steps: str
    variants: str
    variants_told: str
    variant_path: str
    variant_cases: str
    variant_time: str
    variant_departures: str
    follows_map: str
    conformance: str
    conformance_told: str
    conformance_unjudged: str
    conformance_none: str
    conformance_how: str
    departing_longer: str
    departing_shorter: str
    departing_higher: str
    departing_lower: str
    departing_time_unsure: str
    departing_score_unsure: str
    departing_where: str
    departing_cases: str
    departing_time: str
    departing: Mapping[str, str]

    # where the time goes
    time_title: str
    time_question: str
    time_whole: str
    time_caption: str
    time_part: str
    time_share: str
    time_calendar: str
    time_worked: str
    time_all: str
    time_none: str
    time_parts: Mapping[str, str]
    who_waits: Mapping[str, str]
    who_waits_short: Mapping[str, str]
    white_told: str
    white_between: str
    most_lost: str
    bottlenecks: str
    bottlenecks_how: str
    time_who: str
    time_times: str
    mean_delay: str
    mean_delay_worked: str
    mean_touch: str
    lost_together: str
    few_steps: str
    late_costs: str
    late_told: str
    late_lower: str
    late_higher: str
    late_unsure: str
    time_what: str
    time_definitions: tuple[str, ...]

    # workload
    workload: str
    workload_question: str
    workload_told: str
    workload_grows: str
    workload_shrinks: str
    workload_stays: str
    workload_weeks: str
    workload_by: Mapping[str, str]
    workload_handler: str
    workload_nobody: str
    handler_kinds: Mapping[str, str]
    handler_unknown: str
    handler_ourselves: str
    handlers_few: str
    employee_consent: str
    week_told: str
    week_running: str
    arrivals: str
    completions: str
    open_now: str
    arrivals_last: str
    completions_last: str
    arrivals_all: str
    completions_all: str
    handled_visits: str
    handled_late: str
    touchpoint_costs: str
    visits_had: str
    visits_expected: str
    visits_per_fte: str
    cost_each: str
    cost_all: str
    costs_how: str
    variant_cost: str

    # cases
    open_cases_title: str
    open_cases_question: str
    closed_cases_title: str
    no_open_cases: str
    no_closed_cases: str
    waiting: str
    last_touchpoint: str
    department: str
    opened: str
    closed: str
    lasted: str
    next_page: str
    first_page: str
    flagged_title: str
    flagged_none: str
    flagged_more: str
    flagged_for: str
    too_late_by: str
    flag: Mapping[str, str]
    flag_short: Mapping[str, str]

    # one case
    case_question: str
    case_open: str
    case_closed: str
    case_withdrawn: str
    begun_at: str
    by_channel: str
    waited_for_customer: str
    waited_for: str
    waits_for_customer: str
    waits_for: str
    organisation: str
    nothing_between: str
    waiting_now: str
    span_running: str
    span_not_reached: str
    limit_over: str
    limit_within: str
    limit_left: str
    limit_passed: str
    limit_paused: str
    due: str
    taken_back: str
    one_taken_back: str
    times_in: str
    facts: str

    # survey
    survey: str
    survey_about: str
    survey_step: str
    survey_no_effect: str
    survey_ends: Mapping[str, tuple[str, str]]
    survey_feelings: tuple[str, ...]
    survey_yes_or_no: tuple[str, str]
    survey_out_of: str
    survey_skip: str
    survey_optional: str
    survey_ready: str
    survey_endings: Mapping[str, tuple[str, str]]
    survey_on: str
    survey_again: str

    # KPIs and alerts
    alerts: str
    alerts_question: str
    no_alarms: str
    told_since: str
    waits_for_service_hours: str
    waits_for_counting: str
    waits_for_counting_short: str
    runbook: str
    acknowledge: str
    acknowledged: str
    alert_is_over: str
    no_such_kpi: str
    mute: str
    mute_for: str
    unmute: str
    muted_until: str
    cannot_mute: str
    your_name: str
    note: str
    all_kpis: str
    state: str
    rests_on: str
    evidence_level: str
    evidence_why: str
    no_kpis: str
    changes_title: str
    when: str
    what: str
    alarm_raised: str
    alarm_cleared: str
    change_withdrawn: str
    change_corrected: str
    change_untold: str
    no_changes: str
    row_norm: str
    headline_below: str
    headline_stopped: str
    severities: Mapping[str, str]
    kpi_short: Mapping[str, str]
    since_day: str
    taken_up_by: str
    waits_for_service_hours_short: str

    # the trend review
    review: str
    review_question: str
    review_none: str
    review_none_why: str
    review_month: str
    review_running: str
    review_news: str
    review_no_news: str
    review_chance: str
    change_stands: str
    change_is_over: str
    higher: str
    lower: str
    week_of: str
    measures: Mapping[str, str]
    percent_points: str
    months_title: str
    months_caption: str
    unfinished: str
    norm: str
    chart_title: str
    chart_caption: str
    chart_baseline: str
    chart_missing: str
    chart_false: str
    chart_signal: str
    by_week: str
    by_month: str
    measured: str
    reset_title: str
    reset_why: str
    reset_since: str
    reset_do: str
    reset_told: str
    reset_undo: str
    reset_undone: str
    reset_is_undone: str
    improvements: ImprovementWords
    worst_first: str
    against_before: str
    against_year_ago: str
    answered_share: str
    last_change: str
    employee: str
    nobody_named: str
    withheld: str
    employees_title: str
    employees_caption: str
    outcome: str
    other_outcome: str
    outcomes_title: str
    outcomes_caption: str
    durations_title: str
    p90: str
    kept_share: str
    definitions: str
    definitions_text: tuple[str, ...]

    # demo
    demo: str
    demo_be_customer: str
    demo_answer: str

    # mistakes
    not_found: str
    no_such_page: str
    no_such_journey: str
    no_such_case: str
    no_such_case_why: str
    back_to_cases: str
    back_to_start: str
    unreadable: str
    unreadable_why: str
    refused: str
    failed: str
    failed_why: str

    # signing in
    sign_in: str
    sign_in_why: str
    credential: str
    wrong_credential: str
    signed_in: str
    onward: str
    sign_out: str
    not_let_in: str
    not_let_in_why: str
    as_whom: str


NL = Words(
    language=Language.NL,
    other_language=Language.EN,
    other_language_name="English",
    decimal=",",
    thousands=".",
    before_percent="\u202f",
    second_short="s",
    minute_short="min",
    hour_short="u",
    day_short="d",
    minute="minuut",
    minutes="minuten",
    hour="uur",
    hours="uur",
    day="dag",
    days="dagen",
    week="week",
    weeks="weken",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    months=(
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    months_short=("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    product="Klantreis",
    wallboard="Wallboard",
    journeys="Klantreizen",
    cases="Zaken",
    case="Zaak",
    api="API",
    throughput="doorlooptijd",
    gap_before="tussentijd ervoor",
    whole_case="Hele zaak",
    moment_of_truth="kritisch contactmoment",
    skip_to_main="Naar de inhoud",
    pages="Pagina’s",
    score_line="Waarderingslijn",
    theme="Weergave",
    themes={"light": "Licht", "dark": "Donker", "auto": "Vanzelf"},
    over="TE LAAT",
    partly="DEELS TE LAAT",
    within="OP TIJD",
    few="TE WEINIG",
    no_limit="GEEN TERMIJN",
    over_short="te laat",
    partly_short="deels",
    within_short="op tijd",
    few_short="te weinig",
    limit_of="termijn {limit}",
    share_within="{share} binnen {limit}",
    kept_short="{share} op tijd ({low}–{high})",
    kept_of_due="{share} binnen de termijn ({low}–{high}; n {n}, van wie die afliep)",
    none_ended="nog niets afgerond",
    without_limit="geen termijn afgesproken",
    longer_than="1 op 10 langer dan {p90}",
    median="mediaan",
    n="n {n}",
    few_left="nog {missing}",
    too_few="tot een oordeel",
    headline_over="{n} te laat",
    headline_partly="{n} deels te laat",
    headline_fine="Alles op tijd",
    headline_unknown="Nog te weinig om over te oordelen",
    headline_no_limits="Geen termijnen afgesproken",
    not_shown="en {n} andere, niet te laat",
    fresh="vers: {age} geleden",
    just_now="vers: zojuist",
    opened_today="Nieuw vandaag",
    closed_today="Afgerond vandaag",
    open_cases="Open",
    overdue="{n} over de termijn van {limit}",
    none_overdue="geen over de termijn van {limit}",
    waiting_longest="Langst wachtend",
    waiting_at="na {touchpoint}",
    nobody_waits="niemand wacht",
    lag="Achterstand",
    lag_none="alles is geteld",
    lag_records="{n} berichten",
    lag_one_record="1 bericht",
    row_today="vandaag",
    row_28d="28 dagen",
    row_gap_median="tussentijd",
    row_limit="termijn",
    row_score="cijfer",
    row_answers="antwoorden",
    score_of="{score} uit 10, tussen {low} en {high}, {n} antwoorden",
    score_of_effort="gemak, omgerekend: {score} uit 10, tussen {low} en {high}, {n} antwoorden",
    rolling_28d="cijfers en tijden: laatste 28 dagen",
    still="METING STIL",
    still_nothing_read="Er zijn nog geen cijfers gelezen: de database antwoordt niet.",
    still_since="De database antwoordt niet. Dit zijn de cijfers van {time}.",
    still_no_worker="Er telt nog niemand: er is geen verwerker gezien. Nieuwe contactmomenten staan er niet in.",
    still_worker_since="Er wordt niet geteld sinds {time}. Nieuwe contactmomenten staan er niet in.",
    lost="VERBINDING WEG",
    lost_since="Dit scherm krijgt geen cijfers meer. Dit zijn die van {time}.",
    line_title="De klantreis van begin tot eind",
    overview_question="Welke klantreis wilt u zien?",
    no_journeys="Er is nog geen klantreis.",
    no_journeys_how="Geef een reisbestand op met: klantreis journey apply BESTAND",
    visits_28d="contactmomenten in 28 dagen",
    journey="Klantreis",
    journey_question="Waar hebben klanten het moeilijk?",
    period="Periode",
    last_days="laatste {days} dagen",
    persona="Persona",
    channel="Kanaal",
    version="Versie",
    all_of_them="alle",
    show="Toon",
    score_row="cijfer",
    feeling_row="gevoel, -2 tot +2",
    feeling="gevoel",
    volume_row="passages",
    line_caption="Een grotere stip is een belangrijker contactmoment, een met ★ een kritisch. De streepjes geven "
    "het 95%-interval, de stippellijn het streefcijfer. Het gevoel is apart gevraagd.",
    matrix_title="Wat eerst?",
    matrix_caption="Een grotere stip is een drukker contactmoment. De kwadranten raken elkaar bij een 7.",
    quadrants={
        "improve": "verbeteren",
        "keep": "behouden",
        "no_need_to_invest": "niet investeren",
        "watch": "in de gaten houden",
    },
    importance="belang",
    touchpoint="Contactmoment",
    weighted="gewogen",
    complaints="klachten",
    cost="kosten",
    advice="advies",
    too_few_answers="nog {missing} antwoorden",
    how_sure="Hoe zeker is dit?",
    how_sure_why=(
        "De cijfers zijn van {since} tot nu. Onder {enough} antwoorden staat er geen cijfer.",
        "Het echte gemiddelde van wie antwoordt, ligt naar verwachting 95 van de 100 keer binnen het interval.",
        "Niet iedereen antwoordt. Gewogen is het cijfer zoals het zou zijn als iedereen antwoordde die langskwam, voor "
        "zover dat samenhangt met contactmoment, kanaal, afdeling, persona en of het op tijd was. Het staat er vanaf "
        "250 antwoorden, over 28 dagen of langer.",
        "Wie juist wel of niet antwoordt om het cijfer zelf, maakt ook het gewogen cijfer scheef. Dat is aan de "
        "antwoorden niet te zien.",
        "Nieuwe antwoorden komen er in groepjes bij, zodat niemand uit een verschil kan aflezen wat een klant gaf.",
    ),
    all_figures="Alle cijfers",
    paths="Werkelijke paden",
    paths_question="Welke weg gaan klanten echt?",
    path_title="Wat volgde op wat",
    path_caption="Een grotere stip is een drukker contactmoment, een met ★ een kritisch. Bogen boven de lijn "
    "lopen vooruit in de klantreis, bogen eronder terug. Hoe dikker, hoe vaker; bij de drukste staat hoe vaak, en de "
    "mediaan van de tussentijd. Achter elke naam staan de passages, de mediaan van de tussentijd ervoor en het cijfer.",
    path_left_out="{number} stappen van een kleine groep zijn weggelaten.",
    path_unknown="Van {number} tussentijden is niet bijgehouden waar ze begonnen; klantreis rebuild zoekt dat uit.",
    path_none="In deze tijd ging niemand van het ene contactmoment naar het andere.",
    rare_paths="Zeldzame paden",
    rare_paths_from="vanaf % keer",
    step_told="{after} → {touchpoint}: {n} keer, {share} van wie verder ging",
    step_before="Van",
    step_after="Naar",
    step_times="keer",
    step_share="van wie verder ging",
    step_gap="tussentijd (mediaan)",
    stop_told="{visits} passages, tussentijd ervoor {gap}",
    first_of_case="{first} keer het begin",
    all_steps="Alle stappen",
    variants="Varianten",
    variants_told="{cases} zaken zijn in deze tijd gesloten, langs {variants} verschillende paden. De meest begane:",
    variant_path="Pad",
    variant_cases="zaken",
    variant_time="gemiddelde doorlooptijd",
    variant_departures="Afwijkingen van de kaart",
    follows_map="volgt de kaart",
    conformance="Volgen ze de getekende kaart?",
    conformance_told="{share} van de gesloten zaken volgt de kaart ({low}–{high}); {following} van {judged}.",
    conformance_unjudged="Van {number} zaken is het pad niet bekend, of te zeldzaam om na te gaan.",
    conformance_none="In deze tijd is geen zaak gesloten waarvan het pad bekend is.",
    conformance_how="Elke zaak is gehouden tegen de versie van de klantreis die gold toen zij begon. Verschillen zijn "
    "die met zaken die de kaart volgen, met hun 95%-interval; zij zeggen niet wat de oorzaak is.",
    departing_longer="Wie afwijkt, is {time} langer bezig ({low} tot {high}).",
    departing_shorter="Wie afwijkt, is {time} korter bezig ({low} tot {high}).",
    departing_higher="Wie afwijkt, geeft {points} punt meer ({low} tot {high}).",
    departing_lower="Wie afwijkt, geeft {points} punt minder ({low} tot {high}).",
    departing_time_unsure="Of wie afwijkt langer bezig is, is niet te zeggen ({low} tot {high}).",
    departing_score_unsure="Of wie afwijkt een ander cijfer geeft, is niet te zeggen ({low} tot {high} punt).",
    departing_where="Waar",
    departing_cases="zaken",
    departing_time="langer dan volgens de kaart",
    departing={
        "skipped": "overgeslagen",
        "repeated": "herhaald",
        "out_of_order": "niet op zijn plaats",
        "unexpected": "onverwacht",
        "missing": "uitgebleven",
    },
    time_title="Waar de tijd blijft",
    time_question="Waar blijft de tijd?",
    time_whole="Alle tijd, verdeeld",
    time_caption="Alle tijd van de stappen die sinds {since} eindigden, van het ene contactmoment naar het volgende.",
    time_part="Deel",
    time_share="van het geheel",
    time_calendar="op de kalender",
    time_worked="in werktijd",
    time_all="Alles samen",
    time_none="In deze tijd ging niemand van het ene contactmoment naar het andere.",
    time_parts={"touch": "Bewerkingstijd", "waiting": "Wachttijd", "between": "Tussentijd", "paused": "Gepauzeerd"},
    who_waits={
        "customer": "de organisatie wacht op de klant",
        "organisation": "de klant wacht op de organisatie",
        "third_party": "de klant wacht op een derde",
    },
    who_waits_short={"customer": "de organisatie", "organisation": "de klant", "third_party": "de klant, op een derde"},
    white_told="{share} van alle tijd is wit: er werd niet aan gewerkt.",
    white_between="Ten minste {least} en ten hoogste {most} van alle tijd is wit: er werd niet aan gewerkt. Van wat "
    "daar "
    "tussen ligt, is niet bekend wanneer het werk begon.",
    most_lost="De meeste tijd gaat verloren van ‘{after}’ naar ‘{touchpoint}’: {n} keer gemiddeld {mean}, samen "
    "{share} van "
    "alle verloren tijd.",
    bottlenecks="Knelpunten",
    bottlenecks_how="Gerangschikt naar wat ze kosten: gemiddelde vertraging maal aantal keer. Vertraging is de tijd "
    "waarin "
    "voor zover bekend niemand werkte en geen termijn stilstond.",
    time_who="Wie wacht",
    time_times="keer",
    mean_delay="vertraging (gemiddeld)",
    mean_delay_worked="in werktijd",
    mean_touch="bewerking (gemiddeld)",
    lost_together="samen verloren",
    few_steps="Nog {number} stappen die minder kosten, of minder dan {enough} passages hebben, tellen alleen in het "
    "geheel mee.",
    late_costs="Wat te laat komen kost",
    late_told="{touchpoint}: wie te laat werd bediend geeft een {late} (n = {late_n}), wie op tijd werd bediend een "
    "{in_time} "
    "(n = {in_time_n}).",
    late_lower="Dat is {points} punt minder ({low} tot {high}).",
    late_higher="Dat is {points} punt meer ({low} tot {high}).",
    late_unsure="Of dat verschilt, is niet te zeggen.",
    time_what="Wat dit is",
    time_definitions=(
        "Een stap loopt van het einde van het ene contactmoment tot het einde van het volgende. Bewerkingstijd: iemand "
        "werkt aan dat contactmoment of aan een later; wat overlapt, telt een keer. Wachttijd: niemand werkt, en het "
        "is "
        "bekend wanneer het werk begon. Tussentijd: dat is niet bekend. Gepauzeerd: niemand werkt en een termijn "
        "staat stil.",
        "Een stap telt mee op de dag waarop hij eindigt. De delen zijn samen precies het geheel, op de kalender en in "
        "werktijd.",
    ),
    workload="Werklast",
    workload_question="Wie heeft hoeveel onder handen?",
    workload_told="{open} zaken zijn nu open. In de laatste {weeks} hele weken kwamen er {arrivals} bij en gingen er "
    "{completions} af.",
    workload_grows="De voorraad groeide met {more}.",
    workload_shrinks="De voorraad kromp met {less}.",
    workload_stays="De voorraad bleef gelijk.",
    workload_weeks="Wat kwam en wat ging",
    workload_by={
        "department": "Per afdeling",
        "team": "Per team",
        "party": "Per externe partij",
        "employee": "Per medewerker",
    },
    workload_handler="Verdeeld naar",
    workload_nobody="In deze tijd is niemand genoemd.",
    handler_kinds={
        "department": "afdeling",
        "team": "team",
        "party": "externe partij",
        "employee": "medewerker",
    },
    handler_unknown="niet vermeld",
    handler_ourselves="de organisatie zelf",
    handlers_few="{number} met minder dan {least} passages, of waaruit zo iemand te herleiden is, staan er niet bij.",
    employee_consent="Instemming van de ondernemingsraad: {consent}",
    week_told="{arrivals} erbij, {completions} eraf",
    week_running="De laatste week loopt nog.",
    arrivals="erbij",
    completions="eraf",
    open_now="nu open",
    arrivals_last="erbij, vorige week",
    completions_last="eraf, vorige week",
    arrivals_all="erbij, {weeks} weken",
    completions_all="eraf",
    handled_visits="passages",
    handled_late="te laat",
    touchpoint_costs="Wat contactmomenten vragen en kosten",
    visits_had="passages",
    visits_expected="verwacht",
    visits_per_fte="per fte per week",
    cost_each="kosten per keer",
    cost_all="kosten samen",
    costs_how="Over de laatste 13 hele weken en de lopende. Wat een gebeurtenis zelf als kosten meldt, gaat voor; "
    "anders "
    "gelden die van het klantreisbestand. Een zaak is bij de afdeling van haar laatste contactmoment.",
    variant_cost="gemiddelde kosten",
    open_cases_title="Open zaken",
    open_cases_question="Wie wacht het langst?",
    closed_cases_title="Laatst afgerond",
    no_open_cases="Geen enkele zaak staat open.",
    no_closed_cases="Er is nog geen zaak afgerond.",
    waiting="Wacht",
    last_touchpoint="Laatste contactmoment",
    department="Afdeling",
    opened="Begonnen",
    closed="Afgerond",
    lasted="Duurde",
    next_page="Volgende zaken",
    first_page="Terug naar het begin",
    flagged_title="Waar iets had moeten gebeuren",
    flagged_none="Geen enkele zaak wacht langer dan is afgesproken.",
    flagged_more="en nog {n}; alle staan in de API",
    flagged_for="Gemarkeerd om",
    too_late_by="Te laat",
    flag={
        "waiting": "Wacht te lang na {after}: binnen {limit} had er iets moeten volgen.",
        "missing": "Mist {touchpoint}: die had binnen {limit} na {after} moeten volgen.",
    },
    flag_short={"waiting": "wacht te lang", "missing": "mist {touchpoint}"},
    case_question="Wat is er met deze zaak gebeurd?",
    case_open="Open",
    case_closed="Afgerond",
    case_withdrawn="Alle contactmomenten van deze zaak zijn teruggenomen.",
    begun_at="begonnen {time}",
    by_channel="via {channel}",
    waited_for_customer="de organisatie wachtte op de klant",
    waited_for="de klant wachtte op {party}",
    waits_for_customer="de organisatie wacht op de klant",
    waits_for="de klant wacht op {party}",
    organisation="de organisatie",
    nothing_between="aansluitend",
    waiting_now="wacht nu",
    span_running="loopt nog",
    span_not_reached="niet bereikt",
    limit_over="te laat, termijn {limit}",
    limit_within="op tijd, termijn {limit}",
    limit_left="nog {left} van {limit}",
    limit_passed="{passed} over de termijn van {limit}",
    limit_paused="de termijn van {limit} staat stil",
    due="uiterlijk {moment}",
    taken_back="{n} contactmomenten zijn teruggenomen en staan hier niet.",
    one_taken_back="1 contactmoment is teruggenomen en staat hier niet.",
    times_in="Tijden in {zone}",
    facts="Doorlooptijden",
    survey="Uw mening",
    survey_about="Over: {touchpoint}, {day}",
    survey_step="Vraag {step} van {steps}",
    survey_no_effect="Uw antwoord heeft geen invloed op uw zaak en staat los van uw naam.",
    survey_ends={
        "satisfaction": ("heel ontevreden", "heel tevreden"),
        "overall": ("heel ontevreden", "heel tevreden"),
        "effort": ("heel moeilijk", "heel makkelijk"),
        "importance": ("helemaal niet belangrijk", "heel belangrijk"),
        "nps": ("zeker niet", "zeker wel"),
    },
    survey_feelings=("Heel vervelend", "Vervelend", "Gewoon", "Prettig", "Heel prettig"),
    survey_yes_or_no=("Nee", "Ja"),
    survey_out_of="{score}, van {lowest} tot {highest}",
    survey_skip="Deze vraag overslaan",
    survey_optional="U hoeft niets in te vullen.",
    survey_ready="Klaar",
    survey_endings={
        "done": (
            "Dank u wel",
            "Uw antwoorden zijn ontvangen. U kunt deze pagina sluiten.",
        ),
        "twice": (
            "Deze vraag hebt u al beantwoord",
            "Uw eerste antwoord telt.",
        ),
        "forged": (
            "Deze link klopt niet",
            "Misschien is hij niet helemaal overgenomen. Open de link in het bericht dat u kreeg.",
        ),
        "expired": (
            "Deze link is verlopen",
            "Antwoorden kan tot een paar weken na ons contact. Dank dat u het wilde doen.",
        ),
        "gone": (
            "Deze vragen zijn er niet meer",
            "Uw zaak is lang geleden afgesloten of de vragen zijn veranderd. Dank dat u wilde antwoorden.",
        ),
        "no_score": (
            "Dat antwoord staat er niet bij",
            "Kies een van de antwoorden op de pagina.",
        ),
        "not_now": (
            "Het lukt nu even niet",
            "Uw antwoord is niet ontvangen. Probeer het over een paar minuten nog eens, met dezelfde link.",
        ),
    },
    survey_on="Verder",
    survey_again="Terug naar de vraag",
    alerts="KPI's",
    alerts_question="Welke KPI's vragen aandacht?",
    no_alarms="Geen enkele KPI staat onder zijn norm.",
    told_since="Gemeld op {moment}.",
    waits_for_service_hours="Wordt gemeld zodra de diensturen beginnen.",
    waits_for_counting="Wordt gemeld zodra alles is geteld.",
    waits_for_counting_short="er wordt nog geteld",
    runbook="Wat te doen",
    acknowledge="Opgepakt",
    acknowledged="Opgepakt door {by} op {moment}.",
    no_such_kpi="Er is geen KPI {kpi}.",
    alert_is_over="Deze melding staat niet meer open.",
    mute="Demp",
    mute_for="Voor",
    unmute="Weer laten melden",
    muted_until="Gedempt door {by} tot {moment}.",
    cannot_mute="Dempen kan nu niet:",
    your_name="Uw naam",
    note="Toelichting",
    all_kpis="Alle KPI's",
    state="Stand",
    rests_on="Waarop dat rust",
    evidence_level="Bewijs voor een omslag",
    evidence_why="De stand verandert als het bewijs vol is: zo veel antwoorden zijn zo ver van de norm dat toeval het "
    "niet verklaart. Een dalend gemiddelde alleen is geen alarm.",
    no_kpis="Er is nog geen KPI beoordeeld. `kpis:` in een reisbestand legt ze vast.",
    changes_title="Laatste omslagen",
    when="Wanneer",
    what="Wat",
    alarm_raised="onder norm gekomen",
    alarm_cleared="weer op norm",
    change_withdrawn="ingetrokken: latere antwoorden spreken het tegen",
    change_corrected="gecorrigeerd na latere antwoorden",
    change_untold="niet gemeld: achteraf vastgesteld",
    no_changes="Er is nog niets veranderd.",
    row_norm="norm",
    headline_below="{n} onder norm",
    headline_stopped="{n} meting stil",
    kpi_short={
        "on_norm": "op norm",
        "watch": "let op",
        "below_norm": "ONDER",
        "too_few": "te weinig",
        "stopped": "stil",
    },
    since_day="sinds {day}",
    taken_up_by="opgepakt door {by}",
    waits_for_service_hours_short="gemeld in diensttijd",
    severities={"critical": "dringend", "warning": "waarschuwing", "info": "ter informatie"},
    review="Bespreking",
    review_question="Wat is er veranderd, en is dat echt?",
    review_none="Er is nog geen hele maand om te bespreken.",
    review_none_why="Een maand telt mee als hij voorbij is en de metingen voor de eerste dag ervan begonnen.",
    review_month="Besproken maand: {month}",
    review_running="{month} loopt nog en telt niet mee.",
    review_news="Wat er veranderde",
    review_no_news="In de laatste twaalf maanden is er niets veranderd dat toeval niet verklaart.",
    review_chance="Hiervoor zijn {charts} regelkaarten van 26 maanden bekeken. Ze gaven samen {signals} signalen; "
    "zou er niets veranderd zijn, dan naar verwachting {false_signals}. Van elke soort staat hier de zwaarste.",
    change_stands="{what}: {level} sinds {first}, gewoonlijk {usual}. Dat is {size} {direction} ({low} tot {high}).",
    change_is_over="{what}: {level} van {first} tot en met {last}, gewoonlijk {usual}. Dat was {size} {direction} "
    "({low} tot {high}), en is voorbij.",
    higher="hoger",
    lower="lager",
    week_of="de week van {day}",
    measures={
        "satisfaction": "Cijfer",
        "overall": "Cijfer voor het geheel",
        "effort": "Gemak",
        "emotion": "Gevoel",
        "importance": "Belang",
        "expectation_met": "Ging zoals verwacht",
        "outcome_reached": "Bereikte wat gewenst was",
        "missed_message": "Miste een bericht",
        "nps": "NPS",
        "volume": "Passages",
        "complaints": "Klachten",
        "gap": "Tussentijd ervoor, mediaan",
        "throughput": "Doorlooptijd, mediaan",
        "within": "Binnen de termijn",
    },
    percent_points="%-punt",
    months_title="Per maand",
    months_caption="De streepjes geven het 95%-interval. De gearceerde maand loopt nog.",
    unfinished="loopt nog",
    norm="norm {norm}",
    chart_title="Regelkaart",
    chart_caption="Wat tussen de grenzen blijft en niet lang aan één kant van het midden ligt, verklaart toeval. Een "
    "signaal is een waarde buiten de grenzen, of acht op rij aan één kant.",
    chart_baseline="Midden {mean}, grenzen {low} en {high}, uit de eerste 24 waarden sinds {since}.",
    chart_missing="Sinds {since} ontbreken nog {missing} van de 24 waarden waaruit de grenzen volgen.",
    chart_false="Zou er niets veranderd zijn, dan gaf deze kaart naar verwachting toch {signals} signalen.",
    chart_signal="signaal",
    by_week="per week",
    by_month="per maand",
    measured="Wat",
    reset_title="Nieuw uitgangspunt",
    reset_why="Is er bewust iets veranderd, laat de grenzen dan vanaf die dag opnieuw volgen.",
    reset_since="Vanaf",
    reset_do="Begin opnieuw",
    reset_told="Opnieuw vanaf {since}, door {by} op {moment}:",
    reset_undo="Maak ongedaan",
    reset_undone="Ongedaan gemaakt door {by} op {moment}.",
    reset_is_undone="Dit uitgangspunt geldt al niet meer.",
    improvements=DUTCH,
    worst_first="Contactmomenten, slechtste verandering eerst",
    against_before="t.o.v. {month}",
    against_year_ago="t.o.v. {month}",
    answered_share="antwoordde",
    last_change="Laatste signaal",
    employee="Medewerker",
    nobody_named="niemand genoemd",
    withheld="weggelaten",
    employees_title="Naar medewerker, {department}",
    employees_caption="Wat klanten in {month} zeiden ({measure}), met toestemming van de ondernemingsraad: {consent}. "
    "Groepen van minder dan {least} zijn weggelaten, en andere waar die uit zouden volgen; onder {enough} is er geen "
    "cijfer. Wie vaker moet weigeren of de moeilijke zaken krijgt, krijgt lagere cijfers: dit is geen beoordeling.",
    outcome="Uitkomst",
    other_outcome="Anders",
    outcomes_title="Naar uitkomst",
    outcomes_caption="Zo was de zaak afgelopen toen de klant dit meemaakte. Een weigering scoort laag, hoe goed de "
    "dienst ook was: vergelijk dezelfde uitkomst met een andere maand. Daalt alleen het cijfer van allen samen, dan "
    "zijn er meer weigeringen.",
    durations_title="Doorlooptijden",
    p90="p90",
    kept_share="Binnen de termijn",
    definitions="Wat de cijfers betekenen",
    definitions_text=(
        "Vet is een verschil waarvan het 95%-interval, dat ernaast staat, geen nul bevat. Onder {enough} antwoorden, "
        "of 5 doorlooptijden, staat er geen cijfer.",
        "De grenzen van een regelkaart liggen 2,66 keer de gemiddelde stap tussen twee opeenvolgende waarden van "
        "het midden (XmR, Wheeler). Weken beginnen op maandag.",
        "De omvang van een verandering is het verschil met het midden van de kaart. Wie de grootste uitkiest, ziet "
        "haar iets te groot.",
        "Mediaan en p90 zijn van wat in de maand afliep. Binnen de termijn is het deel van de termijnen die in de "
        "maand afliepen, ook van wie nog bezig was.",
        "Antwoordde is het deel van de passages waarvan een antwoord is vrijgegeven, in de maand van het antwoord.",
    ),
    demo="Demo",
    demo_be_customer="Wees zelf klant",
    demo_answer="beantwoord: {touchpoint}",
    not_found="Niet gevonden",
    no_such_page="Deze pagina bestaat niet.",
    no_such_journey="Er is geen klantreis met de naam {journey}.",
    no_such_case="Zaak {case} is niet bekend in deze klantreis.",
    no_such_case_why="Let op hoofdletters, en bedenk dat een zaak pas bestaat als haar eerste contactmoment is geteld.",
    back_to_cases="Naar de open zaken",
    back_to_start="Naar het begin",
    unreadable="Even geen cijfers",
    unreadable_why="De database antwoordt niet. Probeer het zo dadelijk weer.",
    refused="Dit verzoek is niet te begrijpen",
    failed="Er ging iets mis",
    failed_why="De fout is vastgelegd. Probeer het zo dadelijk weer.",
    sign_in="Aanmelden",
    sign_in_why="Deze pagina's zijn er voor wie het token van deze monitor heeft. Uw beheerder kan het u geven.",
    credential="Token",
    wrong_credential="Dit is niet het token van deze monitor.",
    signed_in="U bent aangemeld.",
    onward="Verder",
    sign_out="Afmelden",
    not_let_in="Geen toegang",
    not_let_in_why="Deze pagina is er voor wie zich bij uw organisatie heeft aangemeld. Kom binnen langs haar adres.",
    as_whom="Als {name}",
)

EN = Words(
    language=Language.EN,
    other_language=Language.NL,
    other_language_name="Nederlands",
    decimal=".",
    thousands=",",
    before_percent="",
    second_short="s",
    minute_short="min",
    hour_short="h",
    day_short="d",
    minute="minute",
    minutes="minutes",
    hour="hour",
    hours="hours",
    day="day",
    days="days",
    week="week",
    weeks="weeks",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    months_short=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    product="Klantreis",
    wallboard="Wallboard",
    journeys="Journeys",
    cases="Cases",
    case="Case",
    api="API",
    throughput="throughput",
    gap_before="gap before it",
    whole_case="Whole case",
    moment_of_truth="moment of truth",
    skip_to_main="Skip to the content",
    pages="Pages",
    score_line="Score curve",
    theme="Appearance",
    themes={"light": "Light", "dark": "Dark", "auto": "Automatic"},
    over="TOO LATE",
    partly="PARTLY LATE",
    within="ON TIME",
    few="TOO FEW",
    no_limit="NO LIMIT",
    over_short="too late",
    partly_short="partly",
    within_short="on time",
    few_short="too few",
    limit_of="limit {limit}",
    share_within="{share} within {limit}",
    kept_short="{share} in time ({low}–{high})",
    kept_of_due="{share} within the limit ({low}–{high}; n {n}, of those due)",
    none_ended="none has ended",
    without_limit="no limit agreed",
    longer_than="1 in 10 longer than {p90}",
    median="median",
    n="n {n}",
    few_left="{missing} more",
    too_few="until it is judged",
    headline_over="{n} too late",
    headline_partly="{n} partly late",
    headline_fine="All on time",
    headline_unknown="Too little yet to judge",
    headline_no_limits="No limits agreed",
    not_shown="and {n} more, not late",
    fresh="fresh: {age} ago",
    just_now="fresh: just now",
    opened_today="New today",
    closed_today="Finished today",
    open_cases="Open",
    overdue="{n} past the limit of {limit}",
    none_overdue="none past the limit of {limit}",
    waiting_longest="Waiting longest",
    waiting_at="after {touchpoint}",
    nobody_waits="nobody waits",
    lag="Lag",
    lag_none="all is counted",
    lag_records="{n} records",
    lag_one_record="1 record",
    row_today="today",
    row_28d="28 days",
    row_gap_median="gap",
    row_limit="limit",
    row_score="score",
    row_answers="answers",
    score_of="{score} out of 10, between {low} and {high}, {n} answers",
    score_of_effort="ease, converted: {score} out of 10, between {low} and {high}, {n} answers",
    rolling_28d="scores and times: last 28 days",
    still="NOT MEASURING",
    still_nothing_read="No figures have been read yet: the database does not answer.",
    still_since="The database does not answer. These are the figures of {time}.",
    still_no_worker="Nobody counts yet: no worker has been seen. New touchpoints are not in these figures.",
    still_worker_since="Nothing has been counted since {time}. New touchpoints are not in these figures.",
    lost="CONNECTION LOST",
    lost_since="This screen gets no figures any more. These are those of {time}.",
    line_title="The journey from beginning to end",
    overview_question="Which journey do you want to see?",
    no_journeys="There is no journey yet.",
    no_journeys_how="Give a journey file with: klantreis journey apply FILE",
    visits_28d="touchpoints in 28 days",
    journey="Journey",
    journey_question="Where do customers suffer?",
    period="Period",
    last_days="last {days} days",
    persona="Persona",
    channel="Channel",
    version="Version",
    all_of_them="all",
    show="Show",
    score_row="score",
    feeling_row="feeling, -2 to +2",
    feeling="feeling",
    volume_row="passages",
    line_caption="A larger dot is a more important touchpoint, one with ★ a moment of truth. The whiskers give "
    "the 95% interval, the dashed line the ideal. Feelings are asked for, not inferred.",
    matrix_title="What first?",
    matrix_caption="A larger dot is a busier touchpoint. The quadrants meet at 7.",
    quadrants={
        "improve": "improve",
        "keep": "keep up",
        "no_need_to_invest": "no need to invest",
        "watch": "keep an eye on",
    },
    importance="importance",
    touchpoint="Touchpoint",
    weighted="weighted",
    complaints="complaints",
    cost="cost",
    advice="advice",
    too_few_answers="{missing} answers to go",
    how_sure="How sure is this?",
    how_sure_why=(
        "The figures run from {since} until now. Under {enough} answers there is none.",
        "The true mean of those who answer is expected to lie within the interval 95 times out of 100.",
        "Not everybody answers. The weighted score is what it would be had all who passed answered, as far as that "
        "goes with touchpoint, channel, department, persona and whether it was in time. It is there from 250 answers "
        "on, over 28 days or longer.",
        "Those who answer, or do not, because of the score itself make the weighted score lopsided, too. That is not "
        "to be seen from the answers.",
        "New answers come in small groups, so that nobody can read off a difference what one customer gave.",
    ),
    all_figures="All figures",
    paths="Real paths",
    paths_question="Which way do customers really go?",
    path_title="What followed what",
    path_caption="A larger dot is a busier touchpoint, one with ★ a moment of truth. Arcs above the line run "
    "forward in the journey, arcs below it back. The thicker, the more often; the busiest say how often, and the "
    "median of the gap. Behind each name are its passages, the median of the gap before it, and its score.",
    path_left_out="{number} steps of a small group are left out.",
    path_unknown="Of {number} gaps it was not noted where they began; klantreis rebuild finds that.",
    path_none="In this time nobody went from one touchpoint to another.",
    rare_paths="Rare paths",
    rare_paths_from="from % times on",
    step_told="{after} → {touchpoint}: {n} times, {share} of those who went on",
    step_before="From",
    step_after="To",
    step_times="times",
    step_share="of those who went on",
    step_gap="gap (median)",
    stop_told="{visits} passages, gap before it {gap}",
    first_of_case="{first} times the first",
    all_steps="All steps",
    variants="Variants",
    variants_told="{cases} cases were closed in this time, along {variants} different paths. Those most gone:",
    variant_path="Path",
    variant_cases="cases",
    variant_time="mean throughput time",
    variant_departures="Departures from the map",
    follows_map="follows the map",
    conformance="Do they follow the drawn map?",
    conformance_told="{share} of the closed cases follow the map ({low}–{high}); {following} of {judged}.",
    conformance_unjudged="Of {number} cases the path is not known, or too rare to be looked up.",
    conformance_none="In this time no case was closed whose path is known.",
    conformance_how="Each case is held against the version of the journey that was valid when it began. Differences "
    "are from cases that follow the map, with their 95% interval; they do not say what the cause is.",
    departing_longer="Whoever departs takes {time} longer ({low} to {high}).",
    departing_shorter="Whoever departs takes {time} less ({low} to {high}).",
    departing_higher="Whoever departs scores {points} points higher ({low} to {high}).",
    departing_lower="Whoever departs scores {points} points lower ({low} to {high}).",
    departing_time_unsure="Whether departing takes longer cannot be told ({low} to {high}).",
    departing_score_unsure="Whether departing scores otherwise cannot be told ({low} to {high} points).",
    departing_where="Where",
    departing_cases="cases",
    departing_time="longer than along the map",
    departing={
        "skipped": "skipped",
        "repeated": "repeated",
        "out_of_order": "out of order",
        "unexpected": "unexpected",
        "missing": "missing",
    },
    time_title="Where the time goes",
    time_question="Where does the time go?",
    time_whole="All time, divided",
    time_caption="All time of the steps that ended since {since}, from one touchpoint to the next.",
    time_part="Part",
    time_share="of the whole",
    time_calendar="by the calendar",
    time_worked="in hours of work",
    time_all="All together",
    time_none="In this time nobody went from one touchpoint to another.",
    time_parts={"touch": "Touch time", "waiting": "Waiting", "between": "Gap", "paused": "Paused"},
    who_waits={
        "customer": "the organisation waits for the customer",
        "organisation": "the customer waits for the organisation",
        "third_party": "the customer waits for a third party",
    },
    who_waits_short={
        "customer": "the organisation",
        "organisation": "the customer",
        "third_party": "the customer, for a third party",
    },
    white_told="{share} of all time is white space: nobody worked on it.",
    white_between="At least {least} and at most {most} of all time is white space: nobody worked on it. Of what lies "
    "between, "
    "it is not known when work began.",
    most_lost="Most time is lost from ‘{after}’ to ‘{touchpoint}’: {n} times {mean} on average, {share} of all time "
    "lost.",
    bottlenecks="Bottlenecks",
    bottlenecks_how="Ranked by what they cost: mean delay times how often. Delay is the time in which nobody is known "
    "to have "
    "worked, and no term stood still.",
    time_who="Who waits",
    time_times="times",
    mean_delay="delay (mean)",
    mean_delay_worked="in hours of work",
    mean_touch="touch (mean)",
    lost_together="lost together",
    few_steps="{number} other steps that cost less, or have fewer than {enough} passages, count in the whole only.",
    late_costs="What coming late costs",
    late_told="{touchpoint}: those who were served late give {late} (n = {late_n}), those in time {in_time} (n = "
    "{in_time_n}).",
    late_lower="That is {points} points less ({low} to {high}).",
    late_higher="That is {points} points more ({low} to {high}).",
    late_unsure="Whether that differs cannot be said.",
    time_what="What this is",
    time_definitions=(
        "A step runs from the end of one touchpoint to the end of the next. Touch time: somebody is at work on that "
        "touchpoint or a later one; what overlaps counts once. Waiting: nobody is, and it is known when work began. "
        "Gap: "
        "that is not known. Paused: nobody is, and a term stands still.",
        "A step counts on the day on which it ends. The parts are exactly the whole, by the calendar and in hours of "
        "work.",
    ),
    workload="Workload",
    workload_question="Who has how much in hand?",
    workload_told="{open} cases are open now. In the last {weeks} whole weeks {arrivals} came and {completions} went.",
    workload_grows="What is in hand grew by {more}.",
    workload_shrinks="What is in hand shrank by {less}.",
    workload_stays="What is in hand stayed the same.",
    workload_weeks="What came and what went",
    workload_by={
        "department": "By department",
        "team": "By team",
        "party": "By external party",
        "employee": "By employee",
    },
    workload_handler="Divided by",
    workload_nobody="In this time nobody is named.",
    handler_kinds={
        "department": "department",
        "team": "team",
        "party": "external party",
        "employee": "employee",
    },
    handler_unknown="not given",
    handler_ourselves="the organisation itself",
    handlers_few="{number} with fewer than {least} passages, or by whom such a one could be told, are left out.",
    employee_consent="Consent of the works council: {consent}",
    week_told="{arrivals} came, {completions} went",
    week_running="The last week is under way.",
    arrivals="came",
    completions="went",
    open_now="open now",
    arrivals_last="came last week",
    completions_last="went last week",
    arrivals_all="came in {weeks} weeks",
    completions_all="went",
    handled_visits="passages",
    handled_late="too late",
    touchpoint_costs="What touchpoints ask and cost",
    visits_had="passages",
    visits_expected="expected",
    visits_per_fte="per FTE per week",
    cost_each="cost of each",
    cost_all="cost together",
    costs_how="Over the last 13 whole weeks and the one under way. What an event itself says that it cost goes first; "
    "else "
    "the journey file's cost holds. A case is with the department of its last touchpoint.",
    variant_cost="mean cost",
    open_cases_title="Open cases",
    open_cases_question="Who waits longest?",
    closed_cases_title="Last finished",
    no_open_cases="No case is open.",
    no_closed_cases="No case has been finished yet.",
    waiting="Waits",
    last_touchpoint="Last touchpoint",
    department="Department",
    opened="Begun",
    closed="Finished",
    lasted="Lasted",
    next_page="Next cases",
    first_page="Back to the beginning",
    flagged_title="Where something should have happened",
    flagged_none="No case waits for longer than was agreed.",
    flagged_more="and {n} more; the API lists them all",
    flagged_for="Flagged for",
    too_late_by="Overdue",
    flag={
        "waiting": "Waits too long after {after}: something had to follow within {limit}.",
        "missing": "Lacks {touchpoint}, which had to follow within {limit} of {after}.",
    },
    flag_short={"waiting": "waits too long", "missing": "lacks {touchpoint}"},
    case_question="What happened to this case?",
    case_open="Open",
    case_closed="Finished",
    case_withdrawn="All touchpoints of this case have been taken back.",
    begun_at="begun {time}",
    by_channel="by {channel}",
    waited_for_customer="the organisation waited for the customer",
    waited_for="the customer waited for {party}",
    waits_for_customer="the organisation waits for the customer",
    waits_for="the customer waits for {party}",
    organisation="the organisation",
    nothing_between="at once",
    waiting_now="waiting now",
    span_running="still running",
    span_not_reached="not reached",
    limit_over="too late, limit {limit}",
    limit_within="on time, limit {limit}",
    limit_left="{left} left of {limit}",
    limit_passed="{passed} past the limit of {limit}",
    limit_paused="the limit of {limit} stands still",
    due="by {moment}",
    taken_back="{n} touchpoints have been taken back and are not shown.",
    one_taken_back="1 touchpoint has been taken back and is not shown.",
    times_in="Times in {zone}",
    facts="Throughput times",
    survey="Your opinion",
    survey_about="About: {touchpoint}, {day}",
    survey_step="Question {step} of {steps}",
    survey_no_effect="Your answer does not affect your case and is kept apart from your name.",
    survey_ends={
        "satisfaction": ("very dissatisfied", "very satisfied"),
        "overall": ("very dissatisfied", "very satisfied"),
        "effort": ("very hard", "very easy"),
        "importance": ("not important at all", "very important"),
        "nps": ("certainly not", "certainly"),
    },
    survey_feelings=("Very bad", "Bad", "Neutral", "Good", "Very good"),
    survey_yes_or_no=("No", "Yes"),
    survey_out_of="{score}, from {lowest} to {highest}",
    survey_skip="Skip this question",
    survey_optional="You need not fill in anything.",
    survey_ready="Ready",
    survey_endings={
        "done": (
            "Thank you",
            "Your answers have been received. You can close this page.",
        ),
        "twice": (
            "You have already answered this question",
            "Your first answer counts.",
        ),
        "forged": (
            "This link is not right",
            "Perhaps a part of it is missing. Please open the link in the message that you were sent.",
        ),
        "expired": (
            "This link has expired",
            "Answering is possible until a few weeks after our contact. Thank you for wanting to.",
        ),
        "gone": (
            "These questions are no longer there",
            "Your case was closed long ago, or the questions have changed. Thank you for wanting to answer.",
        ),
        "no_score": (
            "That answer is not among them",
            "Please choose one of the answers on the page.",
        ),
        "not_now": (
            "This does not work just now",
            "Your answer was not received. Please try again in a few minutes, by the same link.",
        ),
    },
    survey_on="Go on",
    survey_again="Back to the question",
    alerts="KPIs",
    alerts_question="Which KPIs need attention?",
    no_alarms="No KPI is below its norm.",
    told_since="Told on {moment}.",
    waits_for_service_hours="Will be told when service hours begin.",
    waits_for_counting="Will be told once everything is counted.",
    waits_for_counting_short="still counting",
    runbook="What to do",
    acknowledge="Taken up",
    acknowledged="Taken up by {by} on {moment}.",
    no_such_kpi="There is no KPI {kpi}.",
    alert_is_over="This alert does not stand any more.",
    mute="Mute",
    mute_for="For",
    unmute="Unmute",
    muted_until="Muted by {by} until {moment}.",
    cannot_mute="Muting is not possible now:",
    your_name="Your name",
    note="Note",
    all_kpis="All KPIs",
    state="State",
    rests_on="What that rests on",
    evidence_level="Evidence for a change",
    evidence_why="The state changes when the evidence is full: so many answers are so far from the norm that chance "
    "does not explain it. A dipping mean alone is no alarm.",
    no_kpis="No KPI has been judged yet. `kpis:` in a journey file sets them.",
    changes_title="Last changes",
    when="When",
    what="What",
    alarm_raised="fell below norm",
    alarm_cleared="back on norm",
    change_withdrawn="withdrawn: answers that came late contradict it",
    change_corrected="corrected by answers that came late",
    change_untold="not told: found afterwards",
    no_changes="Nothing has changed yet.",
    row_norm="norm",
    headline_below="{n} below norm",
    headline_stopped="{n} measuring stopped",
    kpi_short={
        "on_norm": "on norm",
        "watch": "watch",
        "below_norm": "BELOW",
        "too_few": "too few",
        "stopped": "silent",
    },
    since_day="since {day}",
    taken_up_by="taken up by {by}",
    waits_for_service_hours_short="told in service hours",
    severities={"critical": "critical", "warning": "warning", "info": "for information"},
    review="Review",
    review_question="What changed, and is it real?",
    review_none="There is no whole month to review yet.",
    review_none_why="A month counts once it is over, if measuring had begun before its first day.",
    review_month="Month under review: {month}",
    review_running="{month} is still running and does not count.",
    review_news="What changed",
    review_no_news="In the last twelve months nothing has changed that chance does not explain.",
    review_chance="For this {charts} control charts of 26 months were looked at. Together they gave {signals} "
    "signals; had nothing changed, some {false_signals}. Of each kind the change that weighs most is told here.",
    change_stands="{what}: {level} since {first}, usually {usual}. That is {size} {direction} ({low} to {high}).",
    change_is_over="{what}: {level} from {first} up to {last}, usually {usual}. That was {size} {direction} "
    "({low} to {high}), and is over.",
    higher="higher",
    lower="lower",
    week_of="the week of {day}",
    measures={
        "satisfaction": "Score",
        "overall": "Score for it all",
        "effort": "Ease",
        "emotion": "Feeling",
        "importance": "Importance",
        "expectation_met": "Went as expected",
        "outcome_reached": "Achieved what was wanted",
        "missed_message": "Missed a message",
        "nps": "NPS",
        "volume": "Visits",
        "complaints": "Complaints",
        "gap": "Gap before, median",
        "throughput": "Throughput, median",
        "within": "Within the limit",
    },
    percent_points="% points",
    months_title="By month",
    months_caption="The strokes show the 95% interval. The hatched month is still running.",
    unfinished="still running",
    norm="norm {norm}",
    chart_title="Control chart",
    chart_caption="Chance explains what stays between the limits and does not lie on one side of the middle for long. "
    "A signal is a value beyond the limits, or eight in a row on one side.",
    chart_baseline="Middle {mean}, limits {low} and {high}, from the first 24 values since {since}.",
    chart_missing="Since {since} {missing} of the 24 values that make the limits are still lacking.",
    chart_false="Had nothing changed, this chart would still give some {signals} signals.",
    chart_signal="signal",
    by_week="by week",
    by_month="by month",
    measured="What",
    reset_title="New baseline",
    reset_why="If something was changed on purpose, let the limits follow anew from that day on.",
    reset_since="From",
    reset_do="Begin anew",
    reset_told="Anew from {since}, by {by} on {moment}:",
    reset_undo="Undo",
    reset_undone="Undone by {by} on {moment}.",
    reset_is_undone="This baseline holds no longer.",
    improvements=ENGLISH,
    worst_first="Touchpoints, worst change first",
    against_before="against {month}",
    against_year_ago="against {month}",
    answered_share="answered",
    last_change="Last signal",
    employee="Employee",
    nobody_named="nobody named",
    withheld="left out",
    employees_title="By employee, {department}",
    employees_caption="What customers said in {month} ({measure}), with the works council's consent: {consent}. "
    "Groups of fewer than {least} are left out, and others from which those would follow; under {enough} there is no "
    "figure. Whoever has to refuse more often, or gets the hard cases, gets lower scores: this is no appraisal.",
    outcome="Outcome",
    other_outcome="Other",
    outcomes_title="By outcome",
    outcomes_caption="How the case had come out when the customer met this. A refusal scores low, however good the "
    "service: hold the same outcome against another month. If only the score of all together falls, there are more "
    "refusals.",
    durations_title="Throughput times",
    p90="p90",
    kept_share="Within the limit",
    definitions="What the figures mean",
    definitions_text=(
        "A difference is bold if its 95% interval, which stands beside it, does not hold zero. Under {enough} answers, "
        "or 5 throughput times, there is no figure.",
        "The limits of a control chart lie 2.66 times the mean step between two values in a row from the middle (XmR, "
        "Wheeler). Weeks begin on Monday.",
        "The size of a change is its distance from the middle of the chart. Whoever picks the largest sees it a little "
        "too large.",
        "Median and p90 are of what ended in the month. Within the limit is the share of the limits that fell in the "
        "month, also of those still under way.",
        "Answered is the share of visits of which an answer is shown, in the month of the answer.",
    ),
    demo="Demo",
    demo_be_customer="Be a customer",
    demo_answer="answer: {touchpoint}",
    not_found="Not found",
    no_such_page="There is no such page.",
    no_such_journey="There is no journey named {journey}.",
    no_such_case="Case {case} is not known in this journey.",
    no_such_case_why="Mind capitals, and that a case exists once its first touchpoint has been counted.",
    back_to_cases="To the open cases",
    back_to_start="To the beginning",
    unreadable="No figures for a moment",
    unreadable_why="The database does not answer. Please try again shortly.",
    refused="This request cannot be understood",
    failed="Something went wrong",
    failed_why="The fault has been recorded. Please try again shortly.",
    sign_in="Sign in",
    sign_in_why="These pages are for those who have the token of this monitor. Your administrator can give it to you.",
    credential="Token",
    wrong_credential="This is not the token of this monitor.",
    signed_in="You are signed in.",
    onward="Go on",
    sign_out="Sign out",
    not_let_in="No access",
    not_let_in_why="This page is for those who have signed in with your organisation. Please come in by its address.",
    as_whom="As {name}",
)

WORDS = {Language.NL: NL, Language.EN: EN}
