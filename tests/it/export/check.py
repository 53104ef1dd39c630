"""Opens an export with the library that its users have, and compares it with the search, row by row.

usage: check.py FORMAT FILE EXPECTED
EXPECTED has the reports as JSON Lines, in the order of the search. Exit 77: the library is not there.
"""

import json
import math
import sys

form, path, expected = sys.argv[1:]
reports = [json.loads(line) for line in open(expected, encoding="utf-8")]


def missing(error):
    print(f"no {error.name}")
    sys.exit(77)


def value(report, name):
    if name == "quality_score":
        return report["quality"]["score"]
    if name == "quality_flags":
        return ";".join(report["quality"]["flags"]) or None
    found = report[name]
    if isinstance(found, (list, dict)):
        return json.loads(json.dumps(found))
    return found


def same(cell, report, name, guarded):
    wanted = value(report, name)
    if isinstance(cell, float) and math.isnan(cell):
        cell = None
    if isinstance(wanted, (list, dict)):
        return json.loads(cell) == wanted
    if isinstance(wanted, str) and guarded:
        # What was put before formulas is not part of the text; what stood there before is.
        return cell is not None and (cell == wanted or cell.replace("'", "") == wanted.replace("'", ""))
    if wanted == "" and cell is None:
        return True
    if isinstance(wanted, bool):
        return bool(cell) == wanted and cell is not None
    if isinstance(wanted, (int, float)):
        return cell is not None and float(cell) == float(wanted)
    return cell == wanted


def table(frame, guarded):
    assert len(frame) == len(reports), (len(frame), len(reports))
    names = list(frame.columns)
    assert {"id", "title", "region_code", "year", "published"} <= set(names), names
    for name in names:
        assert name.isascii() and len(name) <= 32, name
    rows = frame.astype(object).to_dict("records")
    for row, report in zip(rows, reports):
        for name in names:
            assert same(row[name], report, name, guarded), (report["id"], name, row[name], report.get(name))


def title(report):
    return " ".join((report["title"] or "（无标题）").split())


try:
    if form == "csv":
        import pandas

        text = {name: str for name in ("id", "region_code", "publisher_region_code", "document_number")}
        table(pandas.read_csv(path, dtype=text, keep_default_na=False, na_values=[""], encoding="utf-8-sig"), True)
    elif form == "jsonl":
        lines = [json.loads(line) for line in open(path, encoding="utf-8")]
        assert lines[-1] == {"complete": True, "count": len(reports)}, lines[-1]
        assert lines[:-1] == reports
    elif form == "parquet":
        import pandas
        import pyarrow.parquet

        about = json.loads(pyarrow.parquet.read_schema(path).metadata[b"gongbao"])
        assert about["count"] == len(reports) and about["query"]["parsed"] is not None
        table(pandas.read_parquet(path), False)
    elif form == "xlsx":
        import openpyxl
        import pandas

        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["reports", "provenance"], book.sheetnames
        about = {row[0]: row[1] for row in book["provenance"].iter_rows(values_only=True)}
        assert about["count"] == str(len(reports)), about
        rows = list(book["reports"].iter_rows(values_only=True))
        table(pandas.DataFrame(rows[1:], columns=rows[0], dtype=object), True)
    elif form == "bibtex":
        import bibtexparser

        text = open(path, encoding="utf-8").read()
        if hasattr(bibtexparser, "parse_string"):
            library = bibtexparser.parse_string(text)
            assert not library.failed_blocks, library.failed_blocks
            entries = [{field.key: field.value for field in entry.fields} for entry in library.entries]
        else:
            entries = bibtexparser.loads(text).entries
        assert len(entries) == len(reports)
        for entry, report in zip(entries, reports):
            assert entry.get("date", "") == (report["published"] or report["signed"] or ""), entry
            assert entry["urldate"] == report["retrieved_at"][:10], entry
            plain = all(c not in title(report) for c in "\\{}$&#^_~%\"")
            assert not plain or entry["title"].strip("{}") == title(report), entry
    elif form == "ris":
        import rispy

        with open(path, encoding="utf-8") as file:
            entries = rispy.load(file)
        assert len(entries) == len(reports)
        for entry, report in zip(entries, reports):
            found = entry.get("title") or entry.get("primary_title")
            assert found == title(report), entry
            assert entry.get("year", "") == (report["published"] or report["signed"] or "")[:4], entry
            assert entry.get("number") == report["document_number"], entry
    elif form == "csl":
        from citeproc.source.json import CiteProcJSON

        items = json.load(open(path, encoding="utf-8"))
        source = CiteProcJSON(items)
        assert len(source) == len(reports) == len(items)
        for item, report in zip(items, reports):
            assert item["title"] == title(report), item
            assert item.get("number") == report["document_number"], item
            # The processor keeps keys in lower case.
            assert item["id"] in source or item["id"].lower() in source
    else:
        sys.exit(f"no check for {form}")
except ImportError as error:
    missing(error)
print(f"{form}: {len(reports)} reports")
