//! Pictures in place of a text: scans of a document that can only be read by eye.

use std::ops::Range;

use scraper::node::Element;

use super::{
    body::{Body, Layer},
    document::Document,
    page::Page,
};

/// A text of fewer Han characters is next to none.
const LITTLE: usize = 20;

/// Pictures in the element of the text, when hardly anything else is in it.
pub(crate) fn instead_of(text: &str, document: &Document<'_>) -> usize {
    let page = document.page;
    if document.title.is_none() || report::han_chars(text) >= LITTLE {
        return 0;
    }
    match &page.body {
        Some(Body {
            range,
            layer: Layer::BelowHead,
            ..
        }) => between(page, range),
        Some(Body { node: Some(node), .. }) => {
            let node = page.html.tree.get(*node).into_iter();
            let elements = node
                .flat_map(|node| node.descendants())
                .filter_map(|node| node.value().as_element());
            elements.filter(|element| is_picture(element)).count()
        }
        _ => 0,
    }
}

/// Pictures that stand above or in these lines, below the line before.
pub(crate) fn between(page: &Page, lines: &Range<usize>) -> usize {
    let pictures = page.lines.pictures.iter();
    let here = pictures.filter(|(_, at)| (lines.start..=lines.end).contains(at));
    let elements = here.filter_map(|(node, _)| page.html.tree.get(*node)?.value().as_element());
    elements.filter(|element| is_picture(element)).count()
}

/// Whether an element shows what can be a page of a document: icons and buttons are small, or say what they are.
fn is_picture(element: &Element) -> bool {
    const SMALL: f32 = 200.0;
    const OTHERS: [&str; 5] = ["icon", "logo", "qrcode", "ewm", ".gif"];
    let small = |side: &str| {
        let value = element.attr(side).unwrap_or_default().trim_end_matches("px");
        value.trim().parse::<f32>().is_ok_and(|pixels| pixels < SMALL)
    };
    let address = element.attr("src").unwrap_or_default().to_ascii_lowercase();
    element.name() == "img"
        && !address.is_empty()
        && !OTHERS.iter().any(|word| address.contains(word))
        && !small("width")
        && !small("height")
}

#[cfg(test)]
mod tests {
    use report::QualityFlag;

    use crate::extract::{ExtractError, Hints, Media, Source, extract};

    #[test]
    fn a_document_of_pictures_is_one_to_be_read_by_eye() {
        let read = |inside: &str| {
            let title = "清河县2023年政府工作报告";
            let html = format!("<title>{title}</title><h1>{title}</h1><div id=zoom>{inside}</div>");
            let source = Source {
                url: "https://www.qinghe.example/1.html",
                media: Media::Html,
                bytes: html.as_bytes(),
                charset: None,
            };
            extract(&source, &Hints::default())
        };
        let scans = read("<p><img src=/1.jpg><img src=/2.jpg></p>").unwrap();
        assert_eq!(scans.quality.flags, [QualityFlag::NeedsOcr]);
        assert_eq!(
            scans.quality.reasons[0].detail,
            "2 images and no text to speak of"
        );
        let icons = read("<img src=/icon/print.png><img src=/a.png width=16>");
        assert!(matches!(icons, Err(ExtractError::Empty { .. })), "{icons:?}");
        let text = "<p>全县上下认真贯彻落实，各项任务按期完成，群众满意度进一步提高。</p><img src=/1.jpg>";
        assert_eq!(read(text).unwrap().quality.flags, []);
    }
}
