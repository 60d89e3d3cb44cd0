"""HTML pages: templates, the reader's language, links and assets."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from schemas.journey import Catalogue, JourneyVersion
from schemas.journey_part import Label
from services.monitor.access.visitors import ANYBODY, Visitor, visitor
from services.monitor.figures.histograms import ENOUGH
from services.monitor.pages.notation import Notation
from services.monitor.pages.theme import COOKIE, FIELD, KEPT_SECONDS, Theme, chosen, theme_of
from services.monitor.pages.words import WORDS, Language, Words

_UTC = ZoneInfo("UTC")


class Missing(Exception):  # noqa: N818 - an answer, not a mistake
    """A page that is not there: a sentence that says so, why that may be, and where to go instead."""

    def __init__(self, sentence: str, why: str = "", back: tuple[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.why = why
        self.back = back


@dataclass(frozen=True)
class Reader:
    """Who reads a page: the language asked for by `?lang=`, the page's own address, and as whom they were let in.

    Dutch need not be asked for, unless a browser might say otherwise: then `names_language` has every link do so.
    `asked` is what else the address asks for; `chosen` a theme that was just chosen, and is to be kept.
    """

    language: Language = Language.NL
    path: str = "/"
    names_language: bool = False
    visitor: Visitor = ANYBODY
    asked: tuple[tuple[str, str], ...] = ()
    theme: Theme = Theme.AUTO
    chosen: Theme | None = None

    @property
    def words(self) -> Words:
        """The texts of the reader's language."""
        return WORDS[self.language]

    def name(self, label: Label) -> str:
        """Return a journey file's text in the reader's language."""
        return label.nl if self.language is Language.NL else label.en

    def touchpoint_names(self, versions: Iterable[JourneyVersion]) -> Mapping[str, str]:
        """Return the name of every touchpoint that a journey has had, by id; the newest name counts."""
        return {
            touchpoint.id: self.name(touchpoint.name)
            for version in versions
            for touchpoint in version.journey.touchpoints
        }

    def versions(self, catalogue: Catalogue, journey: str) -> Sequence[JourneyVersion]:
        """Return the versions of a journey, oldest first; raise Missing if there is no such journey."""
        versions = catalogue.versions(journey)
        if not versions:
            raise self.no_such_journey(journey)
        return versions

    def no_such_journey(self, journey: str) -> Missing:
        """Return what says that there is no such journey."""
        return Missing(self.words.no_such_journey.format(journey=journey))

    def link(self, path: str, **query: str) -> str:
        """Return the address of another page in the same language."""
        return self._address(path, query.items())

    def themed(self, theme: str) -> str:
        """Return the address of this page, asked for in another theme."""
        return self._address(self.path, (*self.asked, (FIELD, theme)))

    @property
    def translation(self) -> str:
        """The address of this page in the other language."""
        return replace(self, language=self.words.other_language)._address(self.path, self.asked)

    def _address(self, path: str, asked: Iterable[tuple[str, str]]) -> str:
        named = self.names_language or self.language is not Language.NL
        query = urlencode([*asked, *((("lang", self.language.value),) if named else ())], safe="/", quote_via=quote)
        return f"{path}?{query}" if query else path


def reader(request: Request) -> Reader:
    """Return the reader of a request; an unknown language reads Dutch."""
    asked = request.query_params.get("lang", "")
    language = Language(asked) if asked in list(Language) else Language.NL
    return Reader(
        language,
        quote(request.url.path),
        visitor=visitor(request),
        asked=tuple((name, value) for name, value in request.query_params.items() if name not in ("lang", FIELD)),
        theme=theme_of(request),
        chosen=chosen(request),
    )


def customer(request: Request) -> Reader:
    """Return the reader of a page for customers: in the language asked for, else in the first their browser names."""
    asked = request.query_params.get("lang", "")
    named = [asked, *request.headers.get("accept-language", "").split(",")]
    known = (each.strip()[:2].lower() for each in named)
    language = next((Language(each) for each in known if each in list(Language)), Language.NL)
    return Reader(language, quote(request.url.path), names_language=True)


def case_path(journey: str, case_id: str) -> str:
    """Return the path of a case's page."""
    return f"/journeys/{journey}/cases/{quote(case_id, safe='')}"


@dataclass(frozen=True)
class Pages:
    """The templates, with escaping on. `build` changes when they or the assets do."""

    assets: Mapping[str, str] = field(default_factory=lambda: _digests(files("services.monitor") / "static"))
    build: str = field(default_factory=lambda: _digest_of_all("static", "templates"))
    environment: Environment = field(
        default_factory=lambda: Environment(
            loader=PackageLoader("services.monitor"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
    )

    def render(self, template: str, reader: Reader, zone: ZoneInfo = _UTC, **values: Any) -> str:
        """Fill in a template; `say` writes numbers and moments for the reader, in a time zone, `say_in` in another."""
        return self.environment.get_template(template).render(
            **values,
            reader=reader,
            words=reader.words,
            say=Notation(reader.words, zone),
            say_in=lambda place: Notation(reader.words, place),
            asset=self.asset,
            build=self.build,
            case_path=case_path,
            enough=ENOUGH,
        )

    def respond(self, template: str, reader: Reader, zone: ZoneInfo = _UTC, **values: Any) -> HTMLResponse:
        """Return a page that no cache keeps; a theme that was just chosen is kept by the browser."""
        answer = HTMLResponse(self.render(template, reader, zone, **values), headers={"Cache-Control": "no-store"})
        if reader.chosen is not None:
            answer.set_cookie(COOKIE, reader.chosen.value, max_age=KEPT_SECONDS, httponly=True, samesite="lax")
        return answer

    def asset(self, name: str) -> str:
        """Return the address of a static file, which changes with its content."""
        return f"/static/{name}?v={self.assets[name]}"


def _digests(folder: Traversable) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in folder.iterdir()}


def _digest_of_all(*folders: str) -> str:
    digests = [sorted(_digests(files("services.monitor") / folder).items()) for folder in folders]
    return hashlib.sha256(repr(digests).encode()).hexdigest()[:12]
