import gzip
import io
from pathlib import Path

import pytest

from services.importer.csv_rows import CsvRows, NoHeader, Row
from services.importer.log_file import LogFile, LogUnreadable


def read(content: bytes, name: str = "log.csv") -> list[Row]:
    log = LogFile(Path(name), io.BufferedReader(io.BytesIO(content)))
    return list(CsvRows(log.lines(), ","))


def found(content: bytes) -> list[tuple[int, object]]:
    return [
        (row.line, tuple(row.content.values()) if isinstance(row.content, dict) else tuple(row.content or ()))
        for row in read(content)
    ]


def test_a_row_begins_on_its_first_physical_line() -> None:
    content = b'case,text\n1,plain\n2,"two\nlines, and ""quotes"""\n\n3,"a\r\nb"\r\n4,last'
    assert found(content) == [
        (2, ("1", "plain")),
        (3, ("2", 'two\nlines, and "quotes"')),
        (6, ("3", "a\r\nb")),
        (8, ("4", "last")),
    ]


def test_the_text_of_a_row_is_kept_as_it_stood() -> None:
    rows = read(b'a,b\r\n1,"x\r\ny"\r\n2,z\r\n')
    assert [row.text for row in rows] == ['1,"x\r\ny"', "2,z"]


def test_a_compressed_log_and_a_byte_order_mark_read_alike() -> None:
    plain = "case,naam\n1,São Paulo\n".encode()
    expected = [Row(2, "1,São Paulo", {"case": "1", "naam": "São Paulo"})]
    assert read(plain) == expected
    assert read(b"\xef\xbb\xbf" + plain) == expected
    assert read(gzip.compress(plain), "log.csv.GZ") == expected


def test_too_few_and_too_many_fields_cost_one_row_each() -> None:
    assert found(b"a,b\n1\n1,2\n1,2,3\n3,4\n") == [
        (2, (None, "has 1 fields where the header has 2")),
        (3, ("1", "2")),
        (4, (None, "has 3 fields where the header has 2")),
        (5, ("3", "4")),
    ]


def test_nul_and_bytes_that_are_not_utf8_cost_one_row_each_and_name_the_column() -> None:
    assert found(b"a,b\n1,x\x00y\n2,\xff\xfe\n3,\xc3\xa9\n") == [
        (2, ("b", "holds a NUL character")),
        (3, ("b", "holds bytes that are not UTF-8")),
        (4, ("3", "é")),
    ]


def test_a_quote_that_is_never_closed_costs_only_its_own_row() -> None:
    content = b'a,b\n1,"open\n2,x\n3,"y\nz"\n4,w\n'
    assert found(content) == [
        (2, (None, "is not CSV: ',' expected after '\"'")),
        (3, ("2", "x")),
        (4, ("3", "y\nz")),
        (6, ("4", "w")),
    ]


def test_an_open_quote_at_the_end_of_the_log_costs_only_its_own_row() -> None:
    assert found(b'a,b\n1,"open\n2,x\n3,y\n') == [
        (2, (None, "is not CSV: unexpected end of data")),
        (3, ("2", "x")),
        (4, ("3", "y")),
    ]


def test_rows_that_are_read_again_after_the_last_line_still_tell_how_far_it_has_been_read() -> None:
    content = b'a,b\n1,"open\n2,x\n3,y\n'
    log = LogFile(Path("log.csv"), io.BufferedReader(io.BytesIO(content)))
    assert [(row.line, log.position) for row in CsvRows(log.lines(), ",")] == [
        (line, len(content)) for line in (2, 3, 4)
    ]


def test_an_open_quote_in_a_long_log_costs_only_its_own_row() -> None:
    rest = b"".join(b"%d,some value\n" % i for i in range(20_000))
    rows = found(b'a,b\n0,"open\n' + rest)
    assert rows[0] == (2, (None, "is not CSV: field larger than field limit (131072)"))
    assert rows[1:] == [(3 + i, (str(i), "some value")) for i in range(20_000)]


@pytest.mark.parametrize(
    ("content", "detail"), [(b"", "is empty"), (b"\n1,2\n", "is empty"), (b'a,"b\n1,2\n', "unexpected end of data")]
)
def test_a_log_without_a_header_is_refused(content: bytes, detail: str) -> None:
    with pytest.raises(NoHeader, match=detail):
        read(content)


def test_a_compressed_log_that_breaks_off_is_named() -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(5000)))
    with pytest.raises(LogUnreadable, match=r"half\.csv\.gz: .*end-of-stream"):
        read(whole[: len(whole) // 2], "half.csv.gz")
    with pytest.raises(LogUnreadable, match=r"plain\.csv\.gz: Not a gzipped file"):
        read(b"a,b\n1,2\n", "plain.csv.gz")
