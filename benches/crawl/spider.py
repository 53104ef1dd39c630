"""A spider that does what a user of Scrapy would write for these portals: lists to reports, title and main text by
plain selectors, JSON lines out.

    python spider.py OUTPUT CONCURRENCY SEED [SEED ...]
"""

import sys

import scrapy
from scrapy.crawler import CrawlerProcess


class Reports(scrapy.Spider):
    name = "reports"

    def __init__(self, seeds, **kwargs):
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


output, concurrency, *seeds = sys.argv[1:]
process = CrawlerProcess(
    {
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": int(concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrency),
        "DOWNLOAD_DELAY": 0,
        "FEEDS": {output: {"format": "jsonlines", "encoding": "utf8"}},
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
    }
)
process.crawl(Reports, seeds=seeds)
process.start()
