"""A corpus with divisions of today and of the past, years, genres and sections, and what panels, trends and concordances of it are.

`make CORPUS` writes the corpus (JSON Lines) to stdout, put together from paragraphs of CORPUS (JSON Lines, gzip).
`count CORPUS EXPORT REGIONS N` prints N requests of each kind with what they have to give, one JSON object a line. CORPUS is what was
made; from EXPORT (what the program read in it, JSON Lines) come outlines, years and divisions, from REGIONS (`/regions`) the tree of
divisions. Everything else is worked out here, with `re` on folded text.
"""

import gzip
import json
import random
import re
import sys
from functools import lru_cache

from count import fold

ROLES = ["achievements", "problems", "plans", "duties", "other"]
GENRES = ["rule-of-law-report", "work-report", "plan", "notice", "news"]
HEADINGS = ["主要成效", "存在的问题", "下一步打算", "第一责任人职责履行情况", "2020年工作回顾", "工作开展情况", "2021年工作计划"]
# Of today and of the past, some of which were divided, merged, or are gone without anybody knowing where to.
DIVISIONS = "430000 430400 430482 430422 433123 430121 510132 510118 440000 440702 442926 420600 110000 110105 110103 650000 341823".split()
folded = lru_cache(None)(fold)


def make(corpus):
    dice = random.Random(7)
    given = [json.loads(line) for line in gzip.open(corpus, "rt", encoding="utf-8", newline="\n")]
    paragraphs = [p for report in given for p in report["text"].split("\n") if p.strip() and len(p) < 2000]
    numbers = "一二三四五六七八九十"
    for nth in range(250):
        lines = [dice.choice(paragraphs)] if dice.random() < 0.5 else []
        for section in range(dice.randint(0, 5)):
            lines.append(f"{numbers[section]}、{dice.choice(HEADINGS)}")
            for part in range(dice.choice([0, 0, 2, 3])):
                run_in = f"。{dice.choice(paragraphs)}" if dice.random() < 0.4 else ""
                lines.append(f"（{numbers[part]}）{dice.choice(HEADINGS)}{run_in}")
                lines += [dice.choice(paragraphs) for _ in range(dice.randint(0, 2))]
            lines += [dice.choice(paragraphs) for _ in range(dice.randint(0, 3))]
        report = {"id": f"m{nth:03}", "url": f"https://a.example.gov.cn/{nth}.html", "title": f"关于做好有关工作的报告之{nth}"}
        report |= {"text": "\n".join(lines or [dice.choice(paragraphs)]), "genre": dice.choice(GENRES)}
        if dice.random() < 0.9:
            report["region_code"] = dice.choice(DIVISIONS)
        if dice.random() < 0.85:
            report["year"] = dice.randint(2016, 2024)
        print(json.dumps(report, ensure_ascii=False))


class Divisions:
    def __init__(self, path):
        self.by_code = {division["code"]: division for division in json.load(open(path, encoding="utf-8"))["regions"]}

    def today(self, code):
        """What a code stands for today; itself when nobody knows."""
        if self.by_code[code]["current"]:
            return {code}
        return {now for successor in self.by_code[code]["successors"] for now in self.today(successor)} or {code}

    def up(self, code):
        while code:
            yield code
            code = self.by_code[code]["parent"]


class Report:
    def __init__(self, given, read, divisions):
        assert given["text"] == read["text"]
        self.id, self.text, self.title = read["id"], read["text"], fold(read["title"])
        self.year, self.genre = read["year"], read["genre"]
        code = read["region_code"]
        self.today = divisions.today(code) if code else set()
        self.above = {now: list(divisions.up(now)) for now in self.today}
        self.sections = {}
        for section in read["outline"]:
            self.sections.setdefault(section["role"], []).append((section["start"], section["end"]))
        self.paragraphs, at = [], 0
        for paragraph in self.text.split("\n"):
            self.paragraphs.append((at, at + len(paragraph), fold(paragraph)))
            at += len(paragraph) + 1
        # Han characters as the program has counted them in the whole; of its sections they are counted here.
        self.chars = read["chars"]

    def at_level(self, level, divisions, asked):
        """The divisions that a report counts for: of a level, or its own; those within or above what was asked for."""
        found = {up for ups in self.above.values() for up in ups if divisions.by_code[up]["level"] == level}
        found = self.today if level is None else found
        if asked is None:
            return found
        above = {up for code in asked for up in divisions.up(code)}
        return {code for code in found if code in above or any(up in asked for up in divisions.up(code))}

    def is_below(self, codes):
        return any(up in codes for ups in self.above.values() for up in ups)

    def sections_of(self, roles):
        return [place for role in roles for place in self.sections.get(role, [])]

    def chars_in(self, sections):
        places = {at for start, end in sections for at in range(start, end)}
        return sum(is_han(self.text[at]) for at in places)

    def pieces(self, sections=None):
        """Folded paragraphs, and the parts of them that lie in one of the sections."""
        for start, end, paragraph in self.paragraphs:
            if sections is None:
                yield start, end, paragraph, [(0, len(paragraph))]
                continue
            # A section may begin or end inside a paragraph.
            parts = [(max(start, s), min(end, e)) for s, e in sections if max(start, s) < min(end, e)]
            parts = [(len(folded(self.text[start:s])), len(folded(self.text[start:e]))) for s, e in parts]
            if parts:
                yield start, end, paragraph, parts

    def count(self, strings, excluded=frozenset(), sections=None):
        pattern = alternation(frozenset(strings) | excluded)
        return sum(
            found.group() not in excluded and any(s <= found.start() and found.end() <= e for s, e in parts)
            for _, _, paragraph, parts in self.pieces(sections)
            for found in pattern.finditer(paragraph)
        )

    def has(self, string, sections=None):
        if sections is None and string in self.title:
            return True
        return any(string in paragraph[s:e] for _, _, paragraph, parts in self.pieces(sections) for s, e in parts)


@lru_cache(None)
def alternation(strings):
    return re.compile("|".join(map(re.escape, sorted(strings, key=len, reverse=True))))


@lru_cache(None)
def is_han(char):
    return char in "〇々〆〻" or "\u2e80" <= char <= "\u2fdf" or any(a <= char <= b for a, b in HAN)


HAN = [("\u3021", "\u3029"), ("\u3038", "\u303b"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff")]


def quoted(string):
    return '"' + string.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Dice(random.Random):
    def string(self, reports, *lengths):
        while True:
            paragraph = self.choice(self.choice(reports).paragraphs)[2]
            if paragraph:
                at = self.randrange(len(paragraph))
                return paragraph[at : at + self.choice(lengths)]

    def filters(self, divisions, reports):
        filters, asked = {}, list(reports)
        if self.random() < 0.3:
            filters["genre"] = self.sample(GENRES, 2)
            asked = [report for report in asked if report.genre in filters["genre"]]
        if self.random() < 0.3:
            filters["year_from"] = self.randint(2016, 2023)
            asked = [report for report in asked if report.year and report.year >= filters["year_from"]]
        below = None
        if self.random() < 0.4:
            filters["region"] = [self.choice(DIVISIONS)]
            below = divisions.today(filters["region"][0])
            asked = [report for report in asked if report.is_below(below)]
        if self.random() < 0.3:
            filters["section"] = self.sample(ROLES, self.randint(1, 2))
            asked = [report for report in asked if report.sections_of(filters["section"])]
        return filters, below, asked


def a_panel(dice, divisions, reports):
    filters, below, asked = dice.filters(divisions, reports)
    roles = filters.get("section")
    concepts = {}
    for name in ["甲", "乙", "丙"][: dice.randint(1, 3)]:
        terms = [dice.string(reports, 1, 2, 2, 3, 4, 8) for _ in range(dice.choice([1, 2, 5, 20]))]
        terms += [term[1:] for term in terms if len(term) > 2 and dice.random() < 0.3]
        excluded = [dice.choice(terms) + dice.string(reports, 1, 2) for _ in range(dice.choice([0, 0, 2]))]
        concepts[name] = {"terms": terms, "exclude": excluded}
    by = [name for name in ["region", "year", "genre", "section"] if dice.random() < 0.5]
    dice.shuffle(by)
    body = {"concepts": concepts, "by": by, "filters": filters}
    if "region" in by:
        body["level"] = dice.choice([None, "province", "city", "county"]) if below else dice.choice(["province", "city"])
    rows = {}
    for report in asked:
        places = report.at_level(body.get("level"), divisions, below) if "region" in by else [None]
        if "year" in by and report.year is None:
            continue
        for role in [role for role in report.sections if not roles or role in roles] if "section" in by else [None]:
            inside = report.sections_of([role]) if role else report.sections_of(roles) if roles else None
            chars = report.chars if inside is None else report.chars_in(inside)
            for name, concept in concepts.items():
                terms, excluded = [{*map(fold, concept[part])} for part in ["terms", "exclude"]]
                n = report.count(terms, frozenset(excluded), inside)
                for place in places:
                    key = [{"region": place, "year": report.year, "genre": report.genre, "section": role}[part] for part in by]
                    row = rows.setdefault(json.dumps([name, *key], ensure_ascii=False), [0, 0, 0, 0])
                    for nth, more in enumerate([1, n > 0, n, chars]):
                        row[nth] += more
    return {"body": body, "rows": rows}


def a_query(dice, reports):
    """A query, its strings, and whether something that has strings matches it."""
    one, two = dice.string(reports, 1, 2, 3, 4), dice.string(reports, 1, 2, 2)
    a, b = fold(one), fold(two)
    return dice.choice(
        [
            (quoted(one), [a], lambda has: has(a)),
            (f"{quoted(one)} {quoted(two)}", [a, b], lambda has: has(a) and has(b)),
            (f"{quoted(one)} OR {quoted(two)}", [a, b], lambda has: has(a) or has(b)),
            (f"{quoted(one)} NOT {quoted(two)}", [a], lambda has: has(a) and not has(b)),
        ]
    )


def matches(report, match, roles):
    if not roles:
        return match(report.has)
    return any(match(lambda string: report.has(string, [section])) for section in report.sections_of(roles))


def a_trend(dice, divisions, reports):
    filters, below, asked = dice.filters(divisions, reports)
    q, strings, match = a_query(dice, reports)
    by = dice.choice(["year", "province", "city", "county", "genre"])
    roles = filters.get("section")
    rows = {}
    for report in asked:
        inside = report.sections_of(roles) if roles else None
        if by in ("year", "genre"):
            keys = [str(getattr(report, by))] if getattr(report, by) else []
        else:
            keys = report.at_level(by, divisions, below)
        is_hit = matches(report, match, roles)
        n = report.count(strings, sections=inside) if is_hit else 0
        for key in keys:
            row = rows.setdefault(key, [0, 0, 0, 0])
            for nth, more in enumerate([is_hit, n, 1, report.chars if inside is None else report.chars_in(inside)]):
                row[nth] += more
    return {"query": [["q", q], ["by", by], *pairs(filters)], "rows": rows}


def a_concordance(dice, divisions, reports):
    filters, _, asked = dice.filters(divisions, reports)
    q, strings, match = a_query(dice, reports)
    roles = filters.get("section")
    rows = []
    for report in sorted(asked, key=lambda report: report.id):
        if not matches(report, match, roles):
            continue
        for start, end, paragraph, parts in report.pieces(report.sections_of(roles) if roles else None):
            for found in alternation(frozenset(strings)).finditer(paragraph):
                if any(s <= found.start() and found.end() <= e for s, e in parts):
                    before, behind = paragraph[: found.start()], paragraph[found.end() :]
                    rows.append([report.id, start, end, before, found.group(), behind])
    return {"query": [["q", q], *pairs(filters)], "rows": rows}


def pairs(filters):
    return [[name, str(value)] for name, values in filters.items() for value in (values if isinstance(values, list) else [values])]


def count(corpus, export, regions, n):
    divisions = Divisions(regions)
    given = [json.loads(line) for line in open(corpus, encoding="utf-8", newline="\n")]
    given = {report["id"]: report for report in given}
    read = [json.loads(line) for line in open(export, encoding="utf-8", newline="\n")]
    reports = [Report(given[report["id"]], report, divisions) for report in read if "id" in report]
    assert len(reports) == len(given)
    dice = Dice(2027)
    for kind in [a_panel, a_trend, a_concordance]:
        for _ in range(int(n)):
            print(json.dumps(kind(dice, divisions, reports), ensure_ascii=False))


sys.stdout.reconfigure(encoding="utf-8")
{"make": make, "count": count}[sys.argv[1]](*sys.argv[2:])
