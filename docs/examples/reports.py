#!/usr/bin/env python3
"""Everything that a search finds: as pages of results, as a file, and as a picture.

    python3 reports.py '"数字政府"' --filter region=43 --filter genre=work-report --folder out

writes into the folder
    hits.csv      one line a hit, read page by page with cursors
    reports.csv   the export of the same search, with every column
    trends.png    the share of reports with a hit by year; trends.svg, drawn by the service, where matplotlib is not installed

Only the standard library is needed. A key is read from the variable GONGBAO_KEY.
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

FIELDS = ["id", "year", "region_code", "region_name", "title"]


class Service:
    """The API at an address."""

    def __init__(self, address, key):
        self.root = address.rstrip("/") + "/api/v1"
        self.headers = {"Authorization": "Bearer " + key} if key else {}

    def open(self, path, parameters):
        """The answer to a GET, to be read; waits when the service asks for it."""
        address = f"{self.root}{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        for attempt in range(5):
            try:
                return urllib.request.urlopen(urllib.request.Request(address, headers=self.headers), timeout=60)
            except urllib.error.HTTPError as error:
                # Too many requests, or a service that is busy.
                if error.code not in (429, 503) or attempt == 4:
                    raise
                time.sleep(int(error.headers.get("Retry-After", "1")))

    def json(self, path, parameters):
        with self.open(path, parameters) as answer:
            return json.load(answer)


def pages(service, search):
    """The hits of a search, page by page. All pages are of the state that the first one was answered from."""
    cursor = {}
    while True:
        page = service.json("/search", {**search, "fields": ",".join(FIELDS), "limit": 100, **cursor})
        yield page["hits"]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def save_hits(service, search, file):
    """Writes the hits, and returns how many."""
    count = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, FIELDS, extrasaction="ignore")
        table.writeheader()
        for hits in pages(service, search):
            table.writerows(hits)
            count += len(hits)
    return count


def save_export(service, search, file):
    """Writes the export, and returns how many reports the service said it has. A break in the middle is an IncompleteRead."""
    part = file.with_suffix(".part")
    with service.open("/export", {**search, "format": "csv"}) as answer, part.open("wb") as out:
        shutil.copyfileobj(answer, out)
        count = int(answer.headers["Gongbao-Count"])
    part.replace(file)
    return count


def draw(service, search, folder):
    """Draws the share of reports with a hit by year, and returns the file."""
    search = {name: value for name, value in search.items() if name != "sort"}
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        file = folder / "trends.svg"
        with service.open("/trends", {**search, "by": "year", "format": "svg"}) as answer, file.open("wb") as out:
            shutil.copyfileobj(answer, out)
        return file
    # A year without a report has no share, which is not a share of 0.
    rows = [row for row in service.json("/trends", {**search, "by": "year"})["rows"] if row["reports"]]
    figure, axes = pyplot.subplots()
    axes.plot([int(row["key"]) for row in rows], [row["reports_with_hit"] / row["reports"] for row in rows], marker="o")
    axes.set_xlabel("year")
    axes.set_ylabel("share of reports with a hit")
    axes.set_ylim(0, 1)
    file = folder / "trends.png"
    figure.savefig(file, dpi=150)
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("q", help="the query, as in the search box")
    parser.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    parser.add_argument("--address", default="http://127.0.0.1:8080")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()
    search = {"q": options.q}
    for one in options.filter:
        name, equals, value = one.partition("=")
        if not equals:
            parser.error(f"--filter {one}: write NAME=VALUE, for example region=43")
        search.setdefault(name, []).append(value)
    service = Service(options.address, os.environ.get("GONGBAO_KEY"))
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        print("hits.csv:", save_hits(service, search, options.folder / "hits.csv"))
        print("reports.csv:", save_export(service, search, options.folder / "reports.csv"))
        print(draw(service, search, options.folder).name)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['code']}: {problem['detail']}")


if __name__ == "__main__":
    main()
