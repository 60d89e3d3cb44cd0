"""The page of an effect: whether an improvement worked, how sure that is, and what it rests on."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.monitor.effects.effect_drawing import effect_drawing, stretches
from services.monitor.effects.effect_sentence import effect_sentences
from services.monitor.effects.improvement_effects import read_effect
from services.monitor.figures.snapshot import Clock
from services.monitor.improvements.improvements_api import Number
from services.monitor.pages.html import Missing, Pages, reader
from services.store.reading import Reading


def router(reading: Reading, pages: Pages, clock: Clock, enough: int) -> APIRouter:
    """Return the route of the page; under `enough` values on a side nothing is told."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/journeys/{journey}/improvements/{number}/effect")
    async def page(request: Request, journey: str, number: Number) -> HTMLResponse:
        """Show what an improvement did, or what is to be expected."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        drawn = versions[-1].journey
        async with reading.moment() as moment:
            found = await read_effect(moment, versions, number, clock(), enough)
        if found is None:
            back = asking.link(f"/journeys/{journey}/improvements")
            raise Missing(f"{number}: {asking.words.not_found}", back=(back, asking.words.journey))
        shown = stretches(found, enough)
        sentences = effect_sentences(asking.language, drawn.time_zone)
        return pages.respond(
            "effect.html",
            asking,
            drawn.zone,
            drawn=drawn,
            report=found,
            verdict=sentences.verdict(found),
            reasons=list(sentences.reasons(found)),
            sentences=sentences,
            told=sentences.words,
            stretches=shown,
            picture=effect_drawing(found, shown),
            names={**asking.touchpoint_names(versions), **{span.id: asking.name(span.name) for span in drawn.spans}},
            least=enough,
        )

    return routes
