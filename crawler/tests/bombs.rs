//! Pages made to cost much, scaled down: whatever follows, the text a page opens with is read.

use crawler::{Hints, Media, Source, extract};

#[path = "../../benches/extraction/bombs.rs"]
mod bombs;

#[test]
fn the_opening_of_a_page_is_read_whatever_follows() {
    let mut lost = Vec::new();
    for (name, page) in bombs::all(64 << 10) {
        let source = Source {
            url: "https://www.qinghe.example/zwgk/1.html",
            media: Media::Html,
            bytes: &page,
            charset: None,
        };
        let text = extract(&source, &Hints::default())
            .map_or_else(|error| error.to_string(), |content| content.text);
        if !text.contains(bombs::OPENING) {
            lost.push(format!("{name}: {}", &text[..text.floor_char_boundary(200)]));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
