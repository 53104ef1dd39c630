//! What reading a page costs by itself: the floor for anything that reads HTML, and what is decided on top of it.

use std::{hint::black_box, time::Duration, time::Instant};

use crawler::{Hints, Media, Source};

use super::{
    Settings,
    site::{Site, Weight},
    spread::Spread,
};

/// Pages of a round.
const PAGES: usize = 256;

pub(crate) fn section(settings: &Settings) -> String {
    let pages: Vec<_> = Site::new(PAGES, Weight::Full).reports(0).collect();
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let ms = |seconds: Duration| seconds.as_secs_f64() * 1e3 / PAGES as f64;
    let (mut parse, mut extract) = (Vec::new(), Vec::new());
    // The first round also loads tables, and is not counted.
    for _ in 0..=settings.rounds() {
        let begun = Instant::now();
        for page in &pages {
            black_box(crawler::parse_html(&crawler::decode(page, None).text));
        }
        parse.push(ms(begun.elapsed()));
        let begun = Instant::now();
        for page in &pages {
            let source = Source {
                url: "http://127.0.0.1/zwgk/fzzf/202403/t20240301_1.html",
                media: Media::Html,
                bytes: page,
                charset: None,
            };
            let _ = black_box(crawler::extract(&source, &Hints::default()));
        }
        extract.push(ms(begun.elapsed()));
    }
    let [parse, extract] = [parse, extract].map(|all| Spread::of(all[1..].to_vec()).median);
    format!(
        "### Reading alone\n\nA page has {:.0} kB. Decoding and parsing one takes {parse:.2} ms of one processor, all of the extraction {extract:.2} ms \
         (parsing included).\n",
        bytes as f64 / PAGES as f64 / 1e3
    )
}
