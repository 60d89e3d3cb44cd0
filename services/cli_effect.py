"""What `klantreis improvement effect` says: whether an improvement worked, and what that rests on."""

import asyncio
from datetime import datetime

import typer

from schemas.journey import JourneyVersion
from services.monitor.effects.effect_sentence import effect_sentences
from services.monitor.effects.improvement_effects import EffectReport, read_effect
from services.monitor.pages.words import Language
from services.store.reading import Reading


class UnknownImprovement(LookupError):  # noqa: N818 - an answer, not a mistake
    """No journey has an improvement of this number, or it was withdrawn."""


def say_effect(database_url: str, number: int, now: datetime, enough: int) -> None:
    """Say what an improvement did. Raises UnknownImprovement, and Unreadable."""
    version, found = asyncio.run(_read(database_url, number, now, enough))
    say = effect_sentences(Language.EN, version.journey.time_zone)
    typer.echo(f"{version.journey.id}/{number}: {found.improvement.what.en}")
    typer.echo(f"{found.improvement.touchpoint}, {found.gauge.measure}: {say.verdict(found)}")
    for reason in say.reasons(found):
        typer.echo(f"  {reason}")


async def _read(database_url: str, number: int, now: datetime, enough: int) -> tuple[JourneyVersion, EffectReport]:
    reading = Reading(database_url)
    await reading.open()
    try:
        catalogue = await reading.catalogue()
        for journey in catalogue.journeys():
            versions = catalogue.versions(journey)
            async with reading.moment() as moment:
                found = await read_effect(moment, versions, number, now, enough)
            if found is not None:
                return versions[-1], found
    finally:
        await reading.close()
    raise UnknownImprovement(f"there is no improvement {number}, or it was withdrawn")
