"""The survey page: one question a page, one tap an answer, no script. What ends it is told by Mistakes."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from schemas.question import WORDS, Question
from services.monitor.http.body import form_fields
from services.monitor.pages.html import Pages, Reader, customer
from services.monitor.survey.survey_desk import Ended, Ending, Opened, SurveyDesk

LONGEST_REMARK = 2_000
DONE = "done."
"""Stands in the place of a question when there are no more; no question can be called so."""

_MAX_BYTES = 64 * 1024


def router(desk: SurveyDesk, pages: Pages) -> APIRouter:
    """Return the routes of the survey page."""
    routes = APIRouter(prefix="/survey", include_in_schema=False)

    @routes.get("/{token}")
    async def survey(request: Request, token: str) -> Response:
        """Show the first question that has not been answered."""
        opened = await desk.open(token)
        if opened.next is None:
            raise Ended(Ending.DONE)
        return _shown(pages, customer(request), token, opened, opened.next)

    @routes.get("/{token}/{question}")
    async def question(request: Request, token: str, question: str) -> Response:
        """Show a question; one that was answered gives way to the next."""
        if question == DONE:
            raise Ended(Ending.DONE)
        opened = await desk.open(token)
        asked = opened.question(question)
        if asked is None or asked.id in opened.survey.answered:
            return _onward(request, _path(token))
        return _shown(pages, customer(request), token, opened, asked)

    @routes.post("/{token}/{question}")
    async def answer(request: Request, token: str, question: str) -> Response:
        """Take an answer, and go on to what comes next."""
        opened = await desk.open(token)
        asked = opened.question(question)
        if asked is None:
            return _onward(request, _path(token))
        score, text = _given(asked, await form_fields(request, _MAX_BYTES), _path(token, question))
        following = opened.after(asked)
        await desk.take(opened, asked, score, text, back=_path(token, following))
        return _onward(request, _path(token, following or DONE))

    return routes


def _shown(pages: Pages, asking: Reader, token: str, opened: Opened, question: Question) -> Response:
    drawn, survey = opened.drawn, opened.survey
    steps = [each.id for each in opened.steps]
    return pages.respond(
        "survey.html",
        asking,
        drawn.zone,
        touchpoint=drawn.touchpoint(survey.touchpoint),
        asked_at=survey.decided_at,
        question=question,
        step=steps.index(question.id) + 1 if question.id in steps else None,
        steps=len(steps),
        action=asking.link(_path(token, question.id)),
        skip=asking.link(_path(token, opened.after(question))),
        longest=LONGEST_REMARK,
    )


def _given(asked: Question, fields: Mapping[str, str], back: str) -> tuple[int | None, str | None]:
    """Return the score or the words that a form holds; raise Ended for a score that is not on the scale."""
    if asked.measure == WORDS:
        return None, fields.get("text", "").replace("\x00", "").strip()[:LONGEST_REMARK] or None
    score = {str(each): each for each in asked.values}.get(fields.get("score", ""))
    if score is None:
        raise Ended(Ending.NO_SCORE, back)
    return score, None


def _onward(request: Request, path: str) -> Response:
    return RedirectResponse(customer(request).link(path), status_code=303)


def _path(token: str, question: str | None = None) -> str:
    return f"/survey/{token}/{question}" if question else f"/survey/{token}"
