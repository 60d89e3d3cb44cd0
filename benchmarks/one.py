"""One run of one case, in a process of its own: `python -m benchmarks.one CASE ...` prints its figures as JSON."""

import json
import sys
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.run import Run


def main() -> None:
    """Run it. What it was told comes from benchmarks.__main__."""
    parser = ArgumentParser()
    parser.add_argument("case", choices=list(CASES))
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--rate", type=float)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix=f"{told.case}-", dir=told.scratch, ignore_cleanup_errors=True) as folder:
        run = Run(told.records, datetime.now(UTC), Path(folder), told.scratch, told.rate)
        figures = CASES[told.case].measure(run)
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
