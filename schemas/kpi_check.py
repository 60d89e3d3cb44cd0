"""The word that a KPI is due to be judged, as it travels on `kpi-checks`."""

from pydantic import BaseModel, ConfigDict

from schemas.values import Slug


class KpiCheck(BaseModel):
    """Which KPI is due. It says nothing of why: whoever judges looks at everything that is stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    journey: Slug
    kpi: Slug
