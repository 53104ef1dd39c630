"""Spiders that do what a user of Scrapy would write for these portals.

    python spider.py plain|whole FOLDER CONCURRENCY SEED [SEED ...]

`plain` follows lists to reports and writes title and main text, by plain selectors, as JSON lines. `whole` does what
is done for each page by the program it is measured beside, with the packages that people put together for it: pages
are archived (warcio), the main text, title and date found without knowing the template (trafilatura), and the words
(jieba) indexed for search (tantivy).
"""

import io
import sys

import scrapy
from scrapy.crawler import CrawlerProcess


class Plain(scrapy.Spider):
    name = "plain"

    def __init__(self, seeds, folder, **kwargs):
        super().__init__(**kwargs)
        self.start_urls = seeds

    def parse(self, response):
        for link in response.css("div.list li a::attr(href)"):
            yield response.follow(link.get(), self.parse_report)
        for link in response.css("div.page a::attr(href)"):
            yield response.follow(link.get(), self.parse)

    def parse_report(self, response):
        text = "\n".join("".join(p.css("::text").getall()).strip() for p in response.css("#zoom p"))
        yield {"url": response.url, "title": response.css("h1.title::text").get(), "text": text}


class Whole(Plain):
    name = "whole"

    def __init__(self, seeds, folder, **kwargs):
        super().__init__(seeds, folder, **kwargs)
        import jieba
        import tantivy
        import trafilatura
        from warcio.statusandheaders import StatusAndHeaders
        from warcio.warcwriter import WARCWriter

        self.words, self.extract, self.headers = jieba.cut_for_search, trafilatura.bare_extraction, StatusAndHeaders
        self.document = tantivy.Document
        self.archive = WARCWriter(open(f"{folder}/pages.warc.gz", "wb"), gzip=True)
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("url", stored=True, tokenizer_name="raw")
        schema.add_text_field("title", stored=True)
        schema.add_text_field("text", stored=True, tokenizer_name="whitespace")
        self.index = tantivy.Index(schema.build())
        self.writer = self.index.writer(num_threads=1)

    def keep(self, response):
        lines = [(name.decode(), value.decode()) for name, values in response.headers.items() for value in values]
        headers = self.headers(f"{response.status} OK", lines, protocol="HTTP/1.1")
        self.archive.write_record(
            self.archive.create_warc_record(
                response.url, "response", payload=io.BytesIO(response.body), http_headers=headers
            )
        )

    def parse(self, response):
        self.keep(response)
        yield from super().parse(response)

    def parse_report(self, response):
        self.keep(response)
        found = self.extract(response.text, url=response.url, with_metadata=True).as_dict()
        words = " ".join(self.words(found["text"]))
        self.writer.add_document(
            self.document(url=response.url, title=" ".join(self.words(found["title"] or "")), text=words)
        )
        yield {key: found[key] for key in ("url", "title", "date", "text")}

    def closed(self, reason):
        self.writer.commit()


kind, folder, concurrency, *seeds = sys.argv[1:]
process = CrawlerProcess(
    {
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": int(concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrency),
        "DOWNLOAD_DELAY": 0,
        "FEEDS": {f"{folder}/reports.jsonl": {"format": "jsonlines", "encoding": "utf8"}},
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
    }
)
process.crawl({"plain": Plain, "whole": Whole}[kind], seeds=seeds, folder=folder)
process.start()
