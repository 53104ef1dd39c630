"""Counts random dictionaries in a corpus, without the program: folding as documented, `str.count` paragraph by paragraph.

Arguments: the corpus (JSON Lines, gzip), what the program knows of its reports (JSON), how many dictionaries. Prints one JSON
object a line: the body of a request, and the rows that are not blank.
"""

import gzip
import json
import random
import re
import sys
import unicodedata

# White_Space of the Unicode standard.
SPACES = set("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}
ONE_FORM = {}
for forms, one in [("〔【〖{", "["), ("〕】〗}", "]"), ("“”„「」『』", '"'), ("‘’", "'"), ("—–―‒−", "-"), ("○", "〇")]:
    ONE_FORM.update(dict.fromkeys(forms, one))


def fold(text):
    lower = "".join(c.lower() for c in unicodedata.normalize("NFKC", text))
    kept = (c for c in lower if c not in SPACES and unicodedata.category(c) != "Cf")
    return "".join(ONE_FORM.get(c, c) for c in kept)


def count(paragraphs, terms, excluded):
    if len(terms) == 1 and not excluded:
        return sum(paragraph.count(terms[0]) for paragraph in paragraphs)
    # An alternation takes the leftmost place, and there the first alternative: the longest; of equals the excluded.
    strings = sorted({*terms, *excluded}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, strings)))
    found = (match for paragraph in paragraphs for match in pattern.findall(paragraph))
    return sum(match not in excluded for match in found)


def main(corpus, known, n):
    known = {report["id"]: report for report in json.load(open(known, encoding="utf-8"))["hits"]}
    reports = []
    with gzip.open(corpus, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            given = json.loads(line)
            report = known[given["id"]]
            report["paragraphs"] = [fold(paragraph) for paragraph in given["text"].split("\n")]
            reports.append(report)
    dice = random.Random(2025)

    def string():
        while True:
            paragraph = dice.choice(dice.choice(reports)["paragraphs"])
            if paragraph:
                start = dice.randrange(len(paragraph))
                return paragraph[start : start + dice.choice([1, 1, 2, 2, 2, 3, 4, 5, 8])]

    for nth in range(n):
        concepts = {}
        for name in range(dice.randint(1, 4)):
            terms = [string() for _ in range(dice.choice([1, 1, 2, 5, 20]))]
            # Such as begin or end inside each other, and such as hold each other.
            terms += [term[1:] for term in terms if len(term) > 2 and dice.random() < 0.3]
            excluded = [dice.choice(terms) + string() for _ in range(dice.choice([0, 0, 1, 3]))]
            concepts[f"概念{name}"] = {"terms": terms, "exclude": excluded}
        general = [string() + string() for _ in range(dice.choice([0, 0, 2]))]
        by = [name for name in ["region", "year", "genre"] if dice.random() < 0.5]
        body = {"concepts": concepts, "exclude": general, "by": by, "filters": {}}
        if "region" in by:
            body["level"] = "province"
        asked = reports
        if dice.random() < 0.3:
            body["filters"] = {"genre": ["work-report", "plan"], "year_from": 1990}
            asked = [r for r in reports if r["genre"] in ("work-report", "plan") and (r["year"] or 0) >= 1990]
        rows = {}
        for report in asked:
            key = {"region": report["region_code"] and report["region_code"][:2] + "0000"}
            key |= {"year": report["year"], "genre": report["genre"]}
            key = [key[name] for name in by]
            if None in key:
                continue
            for name, concept in concepts.items():
                # A term may fold again: combining marks and what stands before them.
                terms = [fold(term) for term in concept["terms"]]
                excluded = {fold(string) for string in concept["exclude"] + general}
                occurrences = count(report["paragraphs"], terms, excluded)
                row = rows.setdefault(json.dumps([name, *key], ensure_ascii=False), [0, 0, 0, 0])
                row[0] += 1
                row[1] += occurrences > 0
                row[2] += occurrences
                row[3] += report["chars"]
        print(json.dumps({"body": body, "rows": rows}, ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
