"""Seconds that PyPI's trafilatura needs for the pages of a folder, with its defaults; the texts go to the second argument.

It is handed text: with bytes it takes GBK for something else on some pages, and what is compared is extraction.
"""
import json
import sys
import time
from pathlib import Path

try:
    import trafilatura
except ImportError:
    sys.exit("trafilatura is not installed")



def decoded(path):
    meta = path.with_suffix(".meta.json")
    known = json.loads(meta.read_text("utf-8")) if meta.exists() else {}
    utf8 = known.get("encoding", "utf-8") == "utf-8"
    return path.read_bytes().decode("utf-8" if utf8 else "gb18030", "replace")


pages = [(path.name, decoded(path)) for path in sorted(Path(sys.argv[1]).glob("*.html"))]
trafilatura.extract(pages[0][1])  # what it loads on its first call is not counted
start = time.perf_counter()
found = [(name, trafilatura.bare_extraction(page, with_metadata=True)) for name, page in pages]
seconds = time.perf_counter() - start
if len(sys.argv) > 2:
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for name, document in found:
            line = {"file": name, "text": "", "title": None, "published": None}
            if document is not None:
                line.update(text=document.text or "", title=document.title, published=document.date)
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
print(seconds)
