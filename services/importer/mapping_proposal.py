"""What a log holds and the roles of its columns -> a mapping file that works as it stands. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from schemas.import_mapping import ISO, Delimiter
from services.importer.column_profile import ColumnProfile, LogProfile
from services.importer.column_roles import Roles, Times
from services.importer.column_words import END, MOMENT, slugs, words
from services.importer.xes_rows import CLASSIFIER
from services.importer.yaml_text import written

PLACEHOLDERS = ("EMPTY", "NULL", "null", "None", "none", "nan", "NaN", "N/A", "n/a", "UNKNOWN", "MISSING", "(null)")
"""What logs write where there is nothing. NA is not among them: it may be Namibia."""

TIME_ZONE = "Europe/Amsterdam"

_FEW = 50
_UNKNOWN_COMMENT = "the journey has no touchpoint of this name"
_ZONE_COMMENT = "some moments have no offset: say here where their clock hung"


def propose(
    log: LogProfile, roles: Roles, source: str, delimiter: Delimiter, known: Mapping[str, str] | None = None
) -> str:
    """Return the text of a mapping file; touchpoints get ids made of what the log calls them.

    Where there is a journey already, `known` holds its touchpoints by what they may be called, as such ids.
    """
    mapping = CommentedMap(source=source, case=roles.case)
    _add_zone(mapping, log, roles)
    if delimiter != ",":
        mapping["delimiter"] = delimiter
    if roles.activity is None:
        mapping["touchpoints"] = _touchpoints(log, roles.times, known)
    else:
        _add_row_shape(mapping, log, roles, known)
    mapping.update(roles.descriptive)
    _add_attributes(mapping, log, roles)
    _add_empty_values(mapping, log)
    if roles.instance is not None:
        told_apart = [roles.activity] if roles.lifecycle and roles.activity else []
        mapping["event_id"] = _in_line([roles.case, *told_apart, roles.instance])
    if roles.scores:
        named = ", ".join(" ".join(name.split()) for name in roles.scores)
        mapping.yaml_set_start_comment(f"What customers answered seems to be in {named}: `answers` can take that.")
    return written(mapping)


def _add_zone(mapping: CommentedMap, log: LogProfile, roles: Roles) -> None:
    used = [column for times in roles.times for column in times.columns().values()]
    if any(log.columns[column].without_offset for column in used):
        mapping["time_zone"] = TIME_ZONE
        mapping.yaml_add_eol_comment(_ZONE_COMMENT, "time_zone")


def _add_row_shape(mapping: CommentedMap, log: LogProfile, roles: Roles, known: Mapping[str, str] | None) -> None:
    activity = log.columns[roles.activity or ""]
    table = CommentedMap(slugs(value for value in activity.values if value not in PLACEHOLDERS))
    for value, slug in table.items():
        table[value] = _known(slug, known)
        if known is not None and slug not in known:
            table.yaml_add_eol_comment(_UNKNOWN_COMMENT, value)
    mapping["touchpoint"] = CommentedMap(column=activity.name, values=table)
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


def _touchpoints(log: LogProfile, times: Sequence[Times], known: Mapping[str, str] | None) -> CommentedMap:
    subjects = _subjects(times)
    found = CommentedMap()
    for each in times:
        columns = {field: _timestamp(log.columns[column]) for field, column in each.columns().items()}
        slug = subjects[each.occurred_at]
        touchpoint = _known(slug, known)
        if touchpoint in found:
            touchpoint = slug
        found[touchpoint] = columns["occurred_at"] if len(columns) == 1 else _in_braces(columns)
        if known is not None and slug not in known:
            found.yaml_add_eol_comment(_UNKNOWN_COMMENT, touchpoint)
    return found


def _known(slug: str, known: Mapping[str, str] | None) -> str:
    return slug if known is None else known.get(slug, slug)


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
