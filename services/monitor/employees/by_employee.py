"""Reading scores by employee of one department, where the works council has agreed to that."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.journey import JourneyVersion
from services.monitor.employees.consent import expect_consent
from services.monitor.employees.employee_scores import EmployeeRow, employee_table
from services.monitor.paths.path_period import Least
from services.store.employee_reading import scores_by_employee
from services.store.reading import Reading
from streams.periods import Period


@dataclass(frozen=True)
class ByEmployee:
    """Who may be told of; `consent` says where the works council's consent is found, empty: nobody."""

    reading: Reading
    least: Least
    consent: str

    async def table(
        self, versions: Sequence[JourneyVersion], measure: str, department: str, over: Period
    ) -> Sequence[EmployeeRow]:
        """Return the scores of a department in a month, without small groups. Raises ProblemError, Unreadable."""
        expect_consent(self.consent)
        async with self.reading.moment() as moment:
            said = await scores_by_employee(moment, versions, measure, department, over)
        return employee_table(said, versions[-1].journey, measure, self.least.group, self.least.enough)
