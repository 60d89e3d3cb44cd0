"""Looking into a log: what its columns hold, what they seem to be, and a mapping proposed from that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.import_mapping import Delimiter
from schemas.journey import Journey
from services.importer.column_profile import LogProfile, profile
from services.importer.column_roles import Roles, Unclear, guess_roles
from services.importer.column_words import slug
from services.importer.csv_rows import CsvRows, NoHeader, Row
from services.importer.log_file import LogUnreadable, opened
from services.importer.log_rows import rows_of
from services.importer.mapping_proposal import propose
from services.importer.plan import ImportRefused

_DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Inspection:
    """What was found in a log; without roles and mapping, `unclear` says what it does not show."""

    log: LogProfile
    roles: Roles | None
    mapping: str
    unclear: str = ""


def inspect_log(path: Path, position: Callable[[int], None], journey: Journey | None = None) -> Inspection:
    """Read a log through and say what it holds; `position` hears how many of its bytes have been read.

    With a journey, what has the name of one of its touchpoints, in either language, or its id, is taken for that one.
    Holds some rows and values, however long the log. Raises ImportRefused if it cannot be read.
    """
    try:
        delimiter, header = _form(path)
        found = profile(_rows(path, delimiter, position), header)
    except LogUnreadable as error:
        raise ImportRefused(str(error)) from error
    except NoHeader as error:
        raise ImportRefused(f"{path}: {error}") from error
    try:
        roles = guess_roles(found)
    except Unclear as unclear:
        return Inspection(found, None, "", str(unclear))
    known = None if journey is None else _known_touchpoints(journey)
    return Inspection(found, roles, propose(found, roles, source_of(path), delimiter, known))


def _known_touchpoints(journey: Journey) -> Mapping[str, str]:
    """Return a journey's touchpoints by ids made of their names, and by their own, which count for more."""
    texts = [(text, each.id) for each in journey.touchpoints for text in (each.name.en, each.name.nl, each.id)]
    by_name = {slug(text): touchpoint for text, touchpoint in texts}
    return by_name | {each.id: each.id for each in journey.touchpoints}


def source_of(path: Path) -> str:
    """Return a name for what a log comes from: that of its file, without what tells its form."""
    stem = path.name.lower().removesuffix(".gz").rpartition(".")[0] or path.name
    return slug(stem)


def _form(path: Path) -> tuple[Delimiter, tuple[str, ...]]:
    """Return the delimiter that stands most often in the first line, and the header; of XES none is known yet."""
    with opened(path) as log:
        if log.is_xes:
            return ",", ()
        first = next(log.lines(), "")
    delimiter = max(_DELIMITERS, key=first.count)
    with opened(path) as log:
        return delimiter, CsvRows(log.lines(), delimiter).header


def _rows(path: Path, delimiter: Delimiter, position: Callable[[int], None]) -> Iterator[Row]:
    with opened(path) as log:
        for row in rows_of(log, delimiter):
            yield row
            position(log.position)
