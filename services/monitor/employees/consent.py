"""Figures by employee are shown with the works council's consent only."""

from services.monitor.http.problems import ProblemError


def expect_consent(consent: str) -> None:
    """Raise ProblemError unless it is configured where the works council's consent is found."""
    if not consent:
        raise ProblemError(
            403,
            "figures by employee are shown with the works council's consent only, "
            "and KLANTREIS_EMPLOYEE_CONSENT does not say where that is found",
        )
