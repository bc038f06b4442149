"""The lake on an object store, before a server that speaks S3.

    python object_store.py ORDERS_CSV

Imports into s3://…, imports again, compacts, and counts with our own SQL and with the Python package deltalake. A backup
goes into a folder and is restored onto another place of the store and into a folder. Also tries a bucket that does not
exist, which must be refused with its name.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile

import boto3
import deltalake
from moto.server import ThreadedMotoServer

BUCKET = "shop-lake"


def program():
    folder = os.environ.get("CARGO_TARGET_DIR", "target")
    return os.environ.get("PERENNIAL", os.path.join(folder, "release", "perennial"))


def run(*arguments, code=0):
    done = subprocess.run([program(), *arguments], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{arguments} ended with {done.returncode}, not {code}:\n{done.stderr}")
    return done


def main():
    orders = sys.argv[1]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    settings = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "tried",
        "AWS_SECRET_ACCESS_KEY": "tried",
        "AWS_REGION": "us-east-1",
    }
    os.environ.update(settings)
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=BUCKET)

    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        common = ["--data", data, "--lake", f"s3://{BUCKET}/corner"]
        importing = ["import", "orders", orders, "--currency", "VND", "--timezone", "Asia/Ho_Chi_Minh", "--json", *common]
        first = json.loads(run(*importing).stdout)
        again = json.loads(run(*importing).stdout)
        assert first["facts_new"] == first["counts"]["accepted"] > 0, first
        assert again["facts_new"] == 0, again

        run("lake", "compact", *common)
        run("verify", *common)
        asked = json.loads(run("sql", "select count(*) as n, sum(total_minor) as total from lake.lines", "--json", *common).stdout)
        ours = asked["rows"][0]
        table = deltalake.DeltaTable(f"s3://{BUCKET}/corner/lines", storage_options=settings)
        theirs = table.to_pyarrow_dataset().count_rows()
        assert ours["n"] == theirs == first["facts_new"], (ours, theirs, first["facts_new"])

        backup, restored = os.path.join(folder, "backup"), os.path.join(folder, "restored")
        run("backup", backup, *common)
        for lake in [["--lake", f"s3://{BUCKET}/second"], []]:
            run("restore", backup, "--data", restored + str(len(lake)), *lake)
            back = ["--data", restored + str(len(lake)), *lake]
            again = json.loads(run("sql", "select count(*) as n, sum(total_minor) as total from lake.lines", "--json", *back).stdout)
            assert again["rows"][0] == ours, (again["rows"], ours)
        refused = run("restore", backup, "--data", restored, "--lake", f"s3://{BUCKET}/second", code=1)
        assert "there is a lake" in refused.stderr, refused.stderr

        run("xray", "--out", os.path.join(folder, "xray.html"), *common)
        missing = run("import", "orders", orders, "--currency", "VND", "--timezone", "Asia/Ho_Chi_Minh",
                      "--data", os.path.join(folder, "other"), "--lake", "s3://no-such-bucket/corner", code=3)
        assert "no-such-bucket" in missing.stderr, missing.stderr
    server.stop()
    print(f"{theirs} rows on an object store: counted alike by deltalake and by us, imported once, compacted, verified, restored")


main()
