"""Bytes of XES -> rows with what each event and its trace hold, and what is wrong with those that cannot be read. Pure.

XES is IEEE 1849. An event's attribute is a column by its key, an attribute of its trace one by `case:` and its key, as
in the tables that other tools make of XES. An attribute within another one is `outer/inner`; in a list, a key that
comes again is `key#2`. A classifier of events is the column `classifier:` and its name: the values of its keys, with +
between them. Values are as they are written, whatever their type: who uses one checks it. Attributes of the log itself
and the defaults that it declares for other tools tell of no event, and are passed over.
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from xml.parsers import expat

import orjson

from services.importer.csv_rows import Row, RowFault

CASE = "case:"
"""What begins the name of a column that holds an attribute of the trace."""

CLASSIFIER = "classifier:"
"""What begins the name of a column that holds an event's class."""

_DEEPEST = 32
"""How deep elements may lie within each other: no log needs more, and a mean file could ask for all memory."""


class NotXes(Exception):  # noqa: N818 - what is wrong with the user's file
    """The file is no XES from some place on; the text says where, and why."""


class Attributes(dict[str, str]):
    """The values of an event by column; what it does not have is empty, as in a table."""

    def __missing__(self, column: str) -> str:
        return ""


class XesRows:
    """The events of a log, each with the line that it begins on and its place: which trace, which event of it, from 1.

    Reads on as rows are taken, and holds one trace at a time. A document type is refused, and with it every entity:
    nothing but the file is ever read.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._assembly = _Assembly()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._assembly.end

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows; raise NotXes where the file is none."""
        for chunk in self._chunks:
            self._parse(chunk)
            yield from self._assembly.taken()
        self._parse(b"", final=True)

    def _parse(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise NotXes(self._placed(error.lineno, f"is not XML: {expat.ErrorString(error.code)}")) from None
        except _Misplaced as error:
            raise NotXes(self._placed(self._parser.CurrentLineNumber, str(error))) from None

    def _placed(self, line: int, detail: str) -> str:
        return f"line {line}{self._assembly.place()}: {detail}"

    def _refuse_doctype(self, *_: object) -> None:
        raise _Misplaced("has a document type, which XES does not need and which could have anything read")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._assembly.start(name.rpartition(" ")[2], given, self._parser.CurrentLineNumber)


class _Misplaced(Exception):  # noqa: N818 - carries a reason to where the line is known
    """An element that XES does not have there."""


class _Classifier(NamedTuple):
    column: str
    keys: Sequence[str]

    def value(self, event: Attributes) -> str:
        """Return an event's class; empty if it lacks one of the keys."""
        values = [event[key] for key in self.keys]
        return "+".join(values) if all(values) else ""


class _Holder:
    """What a trace or an event is found to hold."""

    def __init__(self, prefix: str = "", line: int = 0) -> None:
        self.line = line
        self.attributes = Attributes()
        self.fault: RowFault | None = None
        self._prefix = prefix

    def add(self, path: Sequence[str], given: dict[str, str], *, listed: bool) -> None:
        """Take in an attribute that lies within those of `path`; `listed` says that its key may come again."""
        if "key" not in given:
            self.fault = RowFault(None, "has an attribute without a key")
            return
        column = self._prefix + "/".join((*path, given["key"]))
        if column not in self.attributes:
            self.attributes[column] = given.get("value", "")
        elif listed:
            self.attributes[self._next(column)] = given.get("value", "")
        else:
            self.fault = RowFault(column, "is given twice")

    def _next(self, column: str) -> str:
        number = 2
        while f"{column}#{number}" in self.attributes:
            number += 1
        return f"{column}#{number}"


class _Assembly:
    """Puts rows together from elements as they begin and end."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._path: list[str] = []
        self._classifiers: list[_Classifier] = []
        self._traces = 0
        self._events: list[_Holder] = []
        self._trace: _Holder | None = None
        self._event: _Holder | None = None
        self._ready: list[Row] = []

    def taken(self) -> Iterator[Row]:
        """Yield the rows of the traces that have ended since the last time."""
        ready, self._ready = self._ready, []
        yield from ready

    def place(self) -> str:
        """Return which trace and event are being read, as the end of a phrase."""
        if self._trace is None:
            return ""
        number = len(self._events) + (self._event is not None)
        return f" (trace {self._traces}, event {number})" if number else f" (trace {self._traces})"

    def start(self, tag: str, given: dict[str, str], line: int) -> None:
        """Take in the begin of an element."""
        self._check(tag)
        within = self._open[-1] if self._open else None
        self._open.append(tag)
        if tag == "trace" and within == "log":
            self._traces += 1
            self._trace = _Holder(CASE)
        elif tag == "event" and within in ("trace", "log"):
            self._event = _Holder(line=line)
        elif tag == "classifier" and within == "log":
            self._classify(given)
        elif holder := self._event or self._trace:
            self._add(holder, tag, given)

    def end(self, _: str) -> None:
        """Take in the end of the element that began last."""
        tag = self._open.pop()
        if self._path:
            self._path.pop()
        elif tag == "event" and self._event is not None:
            self._events.append(self._event)
            self._event = None
            if self._trace is None:
                self._ready.extend(self._orphans())
        elif tag == "trace" and self._trace is not None:
            self._ready.extend(self._rows(self._trace))
            self._events, self._trace = [], None

    def _check(self, tag: str) -> None:
        if not self._open and tag != "log":
            raise _Misplaced(f"begins with <{tag}>, where XES has <log>")
        if len(self._open) == _DEEPEST:
            raise _Misplaced(f"has elements more than {_DEEPEST} deep in each other")

    def _classify(self, given: dict[str, str]) -> None:
        if given.get("scope", "event") == "event" and "name" in given:
            self._classifiers.append(_Classifier(CLASSIFIER + given["name"], _keys(given.get("keys", ""))))

    def _add(self, holder: _Holder, tag: str, given: dict[str, str]) -> None:
        if tag != "values":
            holder.add([key for key in self._path if key], given, listed="list" in self._open)
        self._path.append(given.get("key", ""))

    def _orphans(self) -> Iterator[Row]:
        """Yield what stands outside any trace: XES allows that, but of which case is it?"""
        for event in self._events:
            fault = RowFault(None, "stands outside any trace, so that its case is not known")
            yield Row(event.line, orjson.dumps({"values": event.attributes}).decode(), fault)
        self._events = []

    def _rows(self, trace: _Holder) -> Iterator[Row]:
        for number, event in enumerate(self._events, 1):
            values = Attributes(trace.attributes)
            values.update(event.attributes)
            values.update({each.column: each.value(event.attributes) for each in self._classifiers})
            text = orjson.dumps({"trace": self._traces, "event": number, "values": values}).decode()
            place = f"trace {self._traces}, event {number}"
            yield Row(event.line, text, event.fault or trace.fault or values, place)


def _keys(text: str) -> Sequence[str]:
    """Return a classifier's keys; those with a space in them stand in quotes."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
