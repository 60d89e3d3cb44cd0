"""The JSON API for what improvements did."""

from fastapi import APIRouter

from services.monitor.effects.effect_drawing import Stretch, stretches
from services.monitor.effects.effect_models import ComparedTouchpoint, EffectStretch, ImprovementEffect
from services.monitor.effects.effect_sentence import effect_sentences
from services.monitor.effects.improvement_effects import EffectReport, Other, read_effect
from services.monitor.figures.snapshot import Clock
from services.monitor.http.api_models import Estimate as EstimateModel
from services.monitor.http.problems import ProblemError, documented
from services.monitor.improvements.improvements_api import Number
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.pages.words import Language
from services.store.reading import Reading
from streams.scores import Estimate

_SECOND = 1000


def router(reading: Reading, clock: Clock, enough: int) -> APIRouter:
    """Return the part of the API that is about effects; under `enough` values on a side nothing is told."""
    routes = APIRouter(
        prefix="/api/journeys/{journey}/improvements", tags=["improvements"], responses=documented(401, 404, 422, 503)
    )

    @routes.get("/{number}/effect", summary="Whether an improvement worked")
    async def effect(journey: str, number: Number) -> ImprovementEffect:
        """Return its effect beside touchpoints without it, with an interval by placebos; nothing before it is due."""
        versions = await journey_versions(reading, journey)
        async with reading.moment() as moment:
            found = await read_effect(moment, versions, number, clock(), enough)
        if found is None:
            raise ProblemError(404, f"journey {journey!r} has no improvement {number}, or it was withdrawn")
        return _effect(found, enough, versions[-1].journey.zone.key)

    return routes


def _effect(found: EffectReport, enough: int, zone: str) -> ImprovementEffect:
    improvement, told = found.improvement, found.measured
    said = {language: effect_sentences(language, zone).verdict(found) for language in Language}
    standing = found.before.standing
    return ImprovementEffect(
        improvement=improvement.id,
        touchpoint=improvement.touchpoint,
        measure=improvement.effect.measure,
        span=improvement.effect.span,
        unit="points" if found.gauge.is_score else "ratio",
        effect=found.effect.value,
        summary_nl=said[Language.NL],
        summary_en=said[Language.EN],
        estimate=_estimate(found.estimate),
        expected_half_width=found.expected,
        told_on=found.told_on,
        weeks_before=len(found.before.weeks),
        weeks_left_out=found.before.left_out,
        alarm_stood_since=standing and standing.raised,
        n_before=told and told.n_before,
        n_after=told and told.n_after,
        touchpoints_compared=sum(each.compared for each in found.others),
        placebos=told and told.placebos,
        others=[_other(each) for each in found.others],
        stretches=[_stretch(each, 1 if found.gauge.is_score else _SECOND) for each in stretches(found, enough)],
    )


def _other(each: Other) -> ComparedTouchpoint:
    return ComparedTouchpoint(
        touchpoint=each.gauge.of,
        measure=each.gauge.measure,
        n_before=each.n_before,
        n_after=each.n_after,
        compared=each.compared,
        changed=each.disturbed,
    )


def _stretch(each: Stretch, unit: int) -> EffectStretch:
    own = each.own and Estimate(*(end / unit for end in each.own))
    return EffectStretch(
        first=each.first,
        last=each.last,
        counts=each.counts.value,
        n=each.n,
        own=_estimate(own),
        others=None if each.others is None else each.others / unit,
    )


def _estimate(found: Estimate | None) -> EstimateModel | None:
    return None if found is None else EstimateModel(**found._asdict())
