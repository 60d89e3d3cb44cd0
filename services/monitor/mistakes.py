"""What a request that fails is answered: problem+json to machines, a friendly page to people."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.monitor.access.headers import HEADERS
from services.monitor.access.sign_in import sign_in_path
from services.monitor.http.problems import RETRY_SECONDS, ProblemError, problem_response, unavailable
from services.monitor.kpis.alertmanager import AlertmanagerError
from services.monitor.pages.html import Missing, Pages, customer, reader
from services.monitor.survey.survey_desk import Ended, Ending
from services.store.reading import Unreadable

_ENDED = {
    Ending.DONE: 200,
    Ending.TWICE: 409,
    Ending.FORGED: 404,
    Ending.EXPIRED: 410,
    Ending.GONE: 410,
    Ending.NO_SCORE: 422,
    Ending.NOT_NOW: 503,
}
_CUSTOMERS_PATH = "/survey/"
_MACHINE_PATHS = ("/api", "/metrics", "/healthz", "/readyz", "/openapi.json", "/static")


class Mistakes:
    """Answers every error of an app."""

    def __init__(self, pages: Pages, *, can_sign_in: bool = False) -> None:
        self._pages = pages
        self._can_sign_in = can_sign_in

    def answer_for(self, app: FastAPI) -> None:
        """Take over the app's error handling."""
        handlers: dict[type[Exception], Any] = {
            ProblemError: self._problem,
            Missing: self._missing,
            Unreadable: self._unreadable,
            Ended: self._ended,
            AlertmanagerError: self._alertmanager,
            RequestValidationError: self._invalid,
            HTTPException: self._http,
            Exception: self._unexpected,
        }
        for kind, handler in handlers.items():
            app.add_exception_handler(kind, handler)

    def stranger(self, request: Request) -> Response:
        """Answer who may not look: a page for people leads to where they sign in, if there is a token to do so with."""
        if _is_from_a_machine(request):
            detail = "who reads this shows the monitor's token as Authorization: Bearer TOKEN"
            return problem_response(ProblemError(401, detail, headers={"WWW-Authenticate": "Bearer"}))
        if self._can_sign_in:
            return RedirectResponse(sign_in_path(request), status_code=303)
        words = reader(request).words
        return self._page(request, 403, words.not_let_in, Missing(words.not_let_in_why))

    async def _problem(self, _: Request, error: ProblemError) -> Response:
        return problem_response(error)

    async def _alertmanager(self, _: Request, error: AlertmanagerError) -> Response:
        return problem_response(ProblemError(502, str(error)))

    async def _missing(self, request: Request, error: Missing) -> Response:
        return self._page(request, 404, reader(request).words.not_found, error)

    async def _unreadable(self, request: Request, error: Unreadable) -> Response:
        if _is_from_a_machine(request):
            return problem_response(unavailable(str(error)))
        if request.url.path.startswith(_CUSTOMERS_PATH):
            return await self._ended(request, Ended(Ending.NOT_NOW, request.url.path))
        words = reader(request).words
        response = self._page(request, 503, words.unreadable, Missing(words.unreadable_why))
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    async def _ended(self, request: Request, ended: Ended) -> Response:
        asking = customer(request)
        sentence, why = asking.words.survey_endings[ended.ending]
        response = self._pages.respond(
            "survey_end.html",
            asking,
            sentence=sentence,
            why=why,
            onward=ended.back and asking.link(ended.back),
            done=ended.ending is Ending.TWICE,
        )
        response.status_code = _ENDED[ended.ending]
        return response

    async def _invalid(self, request: Request, error: RequestValidationError) -> Response:
        found = [
            {"field": ".".join(str(part) for part in each["loc"][1:]), "detail": each["msg"]} for each in error.errors()
        ]
        detail = "; ".join(f"{each['field']}: {each['detail']}" for each in found)
        if _is_from_a_machine(request):
            return problem_response(ProblemError(422, detail, errors=found))
        return self._page(request, 422, reader(request).words.refused, Missing(detail))

    async def _http(self, request: Request, error: HTTPException) -> Response:
        if _is_from_a_machine(request):
            detail = f"{request.method} {request.url.path}: {error.detail}"
            return problem_response(ProblemError(error.status_code, detail, headers=error.headers))
        words = reader(request).words
        sentence = words.no_such_page if error.status_code == 404 else error.detail
        return self._page(request, error.status_code, words.not_found, Missing(sentence))

    async def _unexpected(self, request: Request, _: Exception) -> Response:
        """Answer for a fault of ours; the server logs it. This response alone does not pass the middleware."""
        if _is_from_a_machine(request):
            response: Response = problem_response(ProblemError(500, "a fault of the monitor; it has been recorded"))
        else:
            words = reader(request).words
            response = self._page(request, 500, words.failed, Missing(words.failed_why))
        response.headers.update(HEADERS)
        return response

    def _page(self, request: Request, status: int, title: str, missing: Missing) -> Response:
        asking = reader(request)
        back = missing.back or (asking.words.back_to_start, asking.link("/"))
        response = self._pages.respond(
            "mistake.html", asking, title=title, sentence=missing.sentence, why=missing.why, back=back
        )
        response.status_code = status
        return response


def _is_from_a_machine(request: Request) -> bool:
    return request.url.path.startswith(_MACHINE_PATHS)
