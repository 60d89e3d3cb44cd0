"""What a log holds and the roles of its columns -> a mapping file that works as it stands. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from schemas.import_mapping import ISO, Delimiter
from services.importer.column_profile import ColumnProfile, LogProfile
from services.importer.column_roles import Roles, Times
from services.importer.column_words import END, MOMENT, slugs, words
from services.importer.xes_rows import CLASSIFIER

PLACEHOLDERS = ("EMPTY", "NULL", "null", "None", "none", "nan", "NaN", "N/A", "n/a", "UNKNOWN", "MISSING", "(null)")
"""What logs write where there is nothing. NA is not among them: it may be Namibia."""

TIME_ZONE = "Europe/Amsterdam"

_FEW = 50
_ZONE_COMMENT = "some moments have no offset: say here where their clock hung"


def propose(log: LogProfile, roles: Roles, source: str, delimiter: Delimiter) -> str:
    """Return the text of a mapping file; touchpoints get ids made of what the log calls them."""
    mapping = CommentedMap(source=source, case=roles.case)
    _add_zone(mapping, log, roles)
    if delimiter != ",":
        mapping["delimiter"] = delimiter
    if roles.activity is None:
        mapping["touchpoints"] = _touchpoints(log, roles.times)
    else:
        _add_row_shape(mapping, log, roles, roles.activity)
    mapping.update(roles.descriptive)
    _add_attributes(mapping, log, roles)
    _add_empty_values(mapping, log)
    if roles.instance is not None and roles.lifecycle is None:
        mapping["event_id"] = _in_line([roles.case, roles.instance])
    return _written(mapping)


def _add_zone(mapping: CommentedMap, log: LogProfile, roles: Roles) -> None:
    used = [column for times in roles.times for column in times.columns().values()]
    if any(log.columns[column].without_offset for column in used):
        mapping["time_zone"] = TIME_ZONE
        mapping.yaml_add_eol_comment(_ZONE_COMMENT, "time_zone")


def _add_row_shape(mapping: CommentedMap, log: LogProfile, roles: Roles, activity: str) -> None:
    values = [value for value in log.columns[activity].values if value not in PLACEHOLDERS]
    mapping["touchpoint"] = CommentedMap(column=activity, values=CommentedMap(slugs(values)))
    (times,) = roles.times
    for field, column in times.columns().items():
        mapping[field] = _timestamp(log.columns[column])
    if roles.lifecycle is not None:
        mapping["lifecycle"] = _lifecycle(log.columns[roles.lifecycle], roles.instance)


def _lifecycle(column: ColumnProfile, instance: str | None) -> CommentedMap:
    others = {value.casefold(): None for value in column.values if value.casefold() not in ("start", "complete")}
    part = CommentedMap(column=column.name)
    if others:
        part["ignored"] = _in_line(list(others))
    if instance is not None:
        part["instance"] = instance
    return part


def _touchpoints(log: LogProfile, times: Sequence[Times]) -> CommentedMap:
    subjects = _subjects(times)
    found = CommentedMap()
    for each in times:
        columns = {field: _timestamp(log.columns[column]) for field, column in each.columns().items()}
        alone = len(columns) == 1
        found[subjects[each.occurred_at]] = columns["occurred_at"] if alone else _in_braces(columns)
    return found


def _subjects(times: Sequence[Times]) -> Mapping[str, str]:
    """Return an id for each touchpoint, by its column: the words of it, without those for moments if that will do."""
    columns = [each.occurred_at for each in times]
    short = [" ".join(_subject(each)) for each in times]
    if len(set(short)) == len(columns) and all(short):
        return dict(zip(columns, slugs(short).values(), strict=True))
    return slugs(columns)


def _subject(times: Times) -> Sequence[str]:
    formal = MOMENT if times.started_at is None else (*MOMENT, *END)
    return [word for word in words(times.occurred_at) if word not in formal]


def _timestamp(column: ColumnProfile) -> str | CommentedMap:
    form = column.form or ISO
    return column.name if form == ISO else _in_braces({"column": column.name, "format": form})


def _add_attributes(mapping: CommentedMap, log: LogProfile, roles: Roles) -> None:
    """Add the columns with few values, but more than one, that have no role; those with many are only named."""
    taken = roles.by_column()
    telling = [each for each in log.columns.values() if len(each.values) > 1 and not each.name.startswith(CLASSIFIER)]
    free = [each for each in telling if each.name not in taken and _fits(log, roles, each)]
    few = [each.name for each in free if len(each.values) <= _FEW and each.form is None]
    if few:
        mapping["attributes"] = CommentedMap((slug, name) for name, slug in slugs(few, "_").items())
    many = [each.name for each in free if each.name not in few]
    if many:
        before = "The log has these columns too, with many values each; `attributes` can take them:"
        mapping.yaml_set_comment_before_after_key(list(mapping)[-1], before="\n".join([before, *_listed(many)]))


def _listed(names: Iterable[str]) -> list[str]:
    return ["  " + " ".join(name.split()) for name in names]


def _fits(log: LogProfile, roles: Roles, column: ColumnProfile) -> bool:
    return roles.activity is not None or log.constant_within(column.name, roles.case)


def _add_empty_values(mapping: CommentedMap, log: LogProfile) -> None:
    seen = [each for each in PLACEHOLDERS if any(each in column.values for column in log.columns.values())]
    if seen:
        mapping["empty_values"] = _in_line(["", *seen])


def _in_line(values: Sequence[str]) -> CommentedSeq:
    part = CommentedSeq(values)
    part.fa.set_flow_style()
    return part


def _in_braces(values: Mapping[str, Any]) -> CommentedMap:
    part = CommentedMap(values)
    part.fa.set_flow_style()
    return part


def _written(document: CommentedMap) -> str:
    yaml = YAML()
    yaml.width = 4096
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue()
