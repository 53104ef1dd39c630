"""Counts random strings in a corpus by year, province and genre, without the program: `in` and `str.count` on folded text.

Arguments: the corpus (JSON Lines, gzip), what the program knows of its reports (JSON), how many strings. Prints one JSON
object a line: parameters of a request, and the rows that have reports: hits, occurrences, reports, characters.
"""

import gzip
import json
import random
import sys

from count import fold

KEYS = {
    "year": lambda report: report["year"] and str(report["year"]),
    "province": lambda report: report["region_code"] and report["region_code"][:2] + "0000",
    "genre": lambda report: report["genre"],
}


def main(corpus, known, n):
    known = {report["id"]: report for report in json.load(open(known, encoding="utf-8"))["hits"]}
    reports = []
    with gzip.open(corpus, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            given = json.loads(line)
            report = known[given["id"]]
            report["paragraphs"] = [fold(paragraph) for paragraph in given["text"].split("\n")]
            report["folded_title"] = fold(report["title"] or "")
            reports.append(report)
    dice = random.Random(2026)
    for nth in range(n):
        paragraph = ""
        while not paragraph:
            paragraph = dice.choice(dice.choice(reports)["paragraphs"])
        start = dice.randrange(len(paragraph))
        q = paragraph[start : start + dice.choice([1, 2, 2, 2, 3, 4, 6])]
        # A string may fold again: combining marks and what stands before them.
        string = fold(q)
        by = dice.choice(list(KEYS))
        rows = {}
        for report in reports:
            key = KEYS[by](report)
            if key is None:
                continue
            occurrences = sum(paragraph.count(string) for paragraph in report["paragraphs"])
            row = rows.setdefault(key, [0, 0, 0, 0])
            row[0] += occurrences > 0 or string in report["folded_title"]
            row[1] += occurrences
            row[2] += 1
            row[3] += report["chars"]
        print(json.dumps({"q": q, "by": by, "rows": rows}, ensure_ascii=False))


sys.stdout.reconfigure(encoding="utf-8")
main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
