"""Reading what customers said by who handled it: of scores that are shown, in lots, and of no others."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from schemas.journey import JourneyVersion
from services.store.connection import tuples
from services.store.queries import load
from services.store.reading import Moment
from streams.periods import Period
from streams.scores import Counts

_QUERIES = load("employees")


async def scores_by_employee(
    moment: Moment, versions: Sequence[JourneyVersion], measure: str, department: str, period: Period
) -> Mapping[tuple[str, str], Counts]:
    """Return the scores of a department that were shown in a period, by touchpoint and employee ('' for none).

    They are those of whole lots (streams.releasing), as far as the events of their cases are kept: so they come to what
    is shown of the department itself, and nothing else can be told from the two.
    """
    of = {"journey": versions[-1].journey.id, "department": department}
    lots = {**of, "measure": measure, "start": period.start, "end": period.end}
    left = Counter({tuple(place): n for *place, n in await tuples(moment.connection, _QUERIES["shown"], lots)})
    if not left:
        return {}
    moments = [at for _, _, _, at, _ in left]
    answers = {**of, "first": min(moments), "last": max(moments)}
    questions = {version.version: version.journey.question_by_id for version in versions}
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for version, name, score, at, touchpoint, *whose, employee in await tuples(
        moment.connection, _QUERIES["answers"], answers
    ):
        question = questions[version][name]
        place = (touchpoint, *whose, at, question.values.get(score))
        if question.measure == measure and left[place]:
            left[place] -= 1
            found[touchpoint, employee][place[-1]] += 1
    return found
