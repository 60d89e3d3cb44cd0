"""Dropping what is past its time: windows by resolution, rejected records after 14 days."""

from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from services.store.queries import load
from streams.windows import Detail


def prune(database_url: str, now: datetime) -> None:
    """Move the moment from which each resolution is kept, then drop what lies before it.

    The moment moves in a transaction of its own: what counts waits for it, and must not wait for the deletes.
    """
    queries = load("upkeep")
    with psycopg.connect(database_url, row_factory=dict_row, autocommit=True) as connection:
        for kept in connection.execute(queries["move_retention"], {"now": now}).fetchall():
            for detail in Detail:
                table = sql.Identifier(f"{detail}_{kept['resolution']}")
                connection.execute(sql.SQL(queries["drop_windows"]).format(table=table), kept)
        connection.execute(queries["drop_rejects"], {"now": now})
