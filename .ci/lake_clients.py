"""Other programs count the same rows in our lake: deltalake, Polars and DuckDB.

    python lake_clients.py DATA_FOLDER…

Each folder is asked through `perennial lake show --json`; whoever reads the Delta table at the location printed must
find as many rows, and the same sum of amounts whoever adds them up. Ends with an error where one does not.
"""

import json
import os
import subprocess
import sys

import deltalake
import duckdb
import polars


def program():
    folder = os.environ.get("CARGO_TARGET_DIR", "target")
    return os.environ.get("PERENNIAL", os.path.join(folder, "release", "perennial"))


def tables_of(data):
    shown = subprocess.run(
        [program(), "lake", "show", "--json", "--data", data], check=True, capture_output=True, text=True
    )
    return json.loads(shown.stdout)["tables"]


def path_of(location):
    return location.removeprefix("file://")


def with_deltalake(path):
    table = deltalake.DeltaTable(path)
    return table.to_pyarrow_dataset().count_rows()


def with_polars(path):
    return polars.scan_delta(path).select(polars.len()).collect().item()


def duckdb_source(connection, path):
    """DuckDB's own reader of Delta tables is an extension that it downloads. Where it cannot be had, DuckDB is given
    the files that the table's log lists."""
    try:
        connection.execute("install delta; load delta")
        return f"delta_scan('{path}')", "delta_scan"
    except duckdb.Error:
        files = [path_of(file) for file in deltalake.DeltaTable(path).file_uris()]
        return f"read_parquet({files!r}, hive_partitioning = true)", "read_parquet of the listed files"


def with_duckdb(path):
    connection = duckdb.connect()
    source, how = duckdb_source(connection, path)
    rows = connection.execute(f"select count(*) from {source}").fetchone()[0]
    return rows, how


def sums(path, column):
    connection = duckdb.connect()
    source, _ = duckdb_source(connection, path)
    return (
        polars.scan_delta(path).select(polars.col(column).sum()).collect().item(),
        int(connection.execute(f"select coalesce(sum({column}), 0) from {source}").fetchone()[0]),
    )


def main(folders):
    wrong = 0
    for data in folders:
        tables = tables_of(data)
        if not tables:
            sys.exit(f"{data}: the lake has no tables")
        for table in tables:
            path = path_of(table["location"])
            by_duckdb, how = with_duckdb(path)
            counts = {"perennial": table["rows"], "deltalake": with_deltalake(path), "polars": with_polars(path), "duckdb": by_duckdb}
            same = len(set(counts.values())) == 1
            if table["table"] == "lines":
                by_polars, by_duckdb = sums(path, "total_minor")
                same = same and by_polars == by_duckdb
                counts["total_minor"] = (by_polars, by_duckdb)
            wrong += not same
            print(f"{'ok   ' if same else 'WRONG'} {data} {table['table']}: {counts} ({how})")
    if wrong:
        sys.exit(f"{wrong} tables are counted differently")


if __name__ == "__main__":
    main(sys.argv[1:] or ["demo/cdnow", "demo/corner-shop"])
