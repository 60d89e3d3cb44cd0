"""Behind the survey page: whom a link is of, which question comes next, and taking each answer once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.journey import Journey
from schemas.question import WORDS, Question
from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS, case_key
from schemas.values import digest
from services.monitor.figures.snapshot import Clock
from services.monitor.ingest.outlet import Outlet
from services.store.reading import Reading
from services.store.surveys import Survey, Surveys
from services.survey_links import ExpiredLink, ForgedLink, SurveyLinks

SOURCE = "klantreis"
"""The source of the answers that are given on the survey page."""

REMARK = "remark"
"""The question in words that closes a survey."""


class Ending(StrEnum):
    """Why there is no question to answer."""

    DONE = "done"
    TWICE = "twice"
    FORGED = "forged"
    EXPIRED = "expired"
    GONE = "gone"
    NO_SCORE = "no_score"
    NOT_NOW = "not_now"


class Ended(Exception):  # noqa: N818 - an answer, not a mistake
    """There is no question to answer here; `back` says where to go on, if anywhere."""

    def __init__(self, ending: Ending, back: str | None = None) -> None:
        super().__init__(ending.name)
        self.ending = ending
        self.back = back


@dataclass(frozen=True)
class Opened:
    """An invitation whose link is good, and the version of its journey that holds now."""

    survey: Survey
    drawn: Journey

    @property
    def steps(self) -> Sequence[Question]:
        """The questions that are asked; one that the journey has dropped since is left out."""
        known = self.drawn.question_by_id
        return [known[question] for question in self.survey.questions if question in known]

    @property
    def next(self) -> Question | None:
        """The first question that has not been answered."""
        return next((each for each in self.steps if each.id not in self.survey.answered), None)

    def question(self, question: str) -> Question | None:
        """Return a question that may be answered here: one of those asked, or the closing remark."""
        remark = self.drawn.question_by_id[REMARK]
        offered = [*self.steps, *([remark] if remark.measure == WORDS else [])]
        return next((each for each in offered if each.id == question), None)

    def after(self, question: Question) -> str | None:
        """Return what comes after a question: the next one asked, after the last the closing remark, then nothing."""
        ids = [each.id for each in self.steps if each.id != REMARK] + [REMARK]
        place = ids.index(question.id) + 1
        return ids[place] if place < len(ids) else None


@dataclass(frozen=True)
class SurveyDesk:
    """Opens links and takes answers."""

    surveys: Surveys
    reading: Reading
    outlet: Outlet
    links: SurveyLinks
    clock: Clock

    async def open(self, token: str) -> Opened:
        """Return what a link is of; raise Ended if it is not good, Unreadable if the database is away."""
        try:
            invitation_id = self.links.invitation_id(token, self.clock())
        except ForgedLink:
            raise Ended(Ending.FORGED) from None
        except ExpiredLink:
            raise Ended(Ending.EXPIRED) from None
        survey = await self.surveys.survey(invitation_id)
        if survey is None:
            raise Ended(Ending.GONE)
        opened = Opened(survey, (await self.reading.catalogue()).at(survey.journey, self.clock()).journey)
        if survey.touchpoint not in opened.drawn.touchpoint_ids or not opened.steps:
            raise Ended(Ending.GONE)
        return opened

    async def take(self, opened: Opened, question: Question, score: int | None, text: str | None, *, back: str) -> None:
        """Send an answer into the log; one that says nothing is none.

        Raises Ended, which leads on to `back`, if it is not the first to its question or the broker does not take it.
        """
        if score is None and text is None:
            return
        survey, now = opened.survey, self.clock()
        answer = SurveyAnswer(
            source=SOURCE,
            answer_id=digest("answer", survey.invitation_id, question.id).hex(),
            invitation_id=survey.invitation_id,
            journey=survey.journey,
            case_id=survey.case_id,
            touchpoint=survey.touchpoint,
            question=question.id,
            score=score,
            text=text,
            answered_at=now,
        )
        record = case_key(*answer.case_key), answer.model_dump_json(exclude_none=True).encode()
        async with self.surveys.responding(survey.invitation_id, question.id, now) as first:
            if not first:
                raise Ended(Ending.TWICE, back)
            (fault,) = await asyncio.to_thread(self.outlet.deliver, SURVEY_ANSWERS, [record])
            if fault is not None:
                raise Ended(Ending.NOT_NOW)
