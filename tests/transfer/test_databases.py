"""Reading the tables of other programs' databases, whatever their version."""

import sqlite3

from tui_sessions.transfer.database_opening import open_database
from tui_sessions.transfer.databases import Grouped


def test_a_view_in_the_place_of_a_table_is_no_table(tmp_path):
    path = tmp_path / "endless.db"
    owner = sqlite3.connect(path)
    owner.execute(
        "CREATE VIEW note AS WITH RECURSIVE n(text) AS (SELECT 1 UNION ALL SELECT text FROM n)"
        " SELECT text FROM n"
    )
    owner.commit()
    owner.close()
    with open_database(path) as database:
        assert database.select("note", ("text",)) == []


def test_columns_that_a_version_lacks_are_none_and_text_is_cleaned(tmp_path):
    path = tmp_path / "old.db"
    owner = sqlite3.connect(path)
    owner.execute("CREATE TABLE note (id INTEGER, text TEXT)")
    owner.execute("INSERT INTO note VALUES (1, 'a' || char(0) || 'b')")
    owner.execute("INSERT INTO note VALUES (2, CAST(x'ff41' AS TEXT))")
    owner.commit()
    owner.close()
    with open_database(path) as database:
        rows = database.select("note", ("text", "model"))
        assert rows == [
            {"text": "a\u2400b", "model": None},
            {"text": "\ufffdA", "model": None},
        ]
        assert database.select("note", ("text",), model="x") == []
        assert Grouped(database, "note", "id", ("text",)).of(2) == [{"text": "\ufffdA"}]
