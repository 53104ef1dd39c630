//! Portals that lie about their encoding, in their headers, their pages or the answers of their services, and servers
//! that pack what nobody asked them to.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use super::{
    super::{
        papers::list_page,
        samples::{Sample, with_papers},
        server::{Reply, Site},
    },
    html_of, papers, rows, sample,
};

pub(super) fn samples() -> Vec<Sample> {
    let utf8 = |text: &str| text.as_bytes().to_vec();
    let marked = |text: &str| [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let utf16 = |text: &str| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    vec![
        encoded("gbk-called-utf-8", "text/html; charset=utf-8", "utf-8", gbk),
        encoded("gbk-called-nothing", "text/html", "", gbk),
        encoded("gbk-called-big5", "text/html; charset=big5", "gb2312", gbk),
        encoded("utf-8-called-gb2312", "text/html; charset=gb2312", "gb2312", utf8),
        encoded(
            "utf-8-called-latin-1",
            "text/html; charset=ISO-8859-1",
            "gb2312",
            utf8,
        ),
        encoded("utf-8-with-a-mark", "text/html; charset=gbk", "gbk", marked),
        encoded("utf-16-with-a-mark", "text/html", "utf-8", utf16),
        service(),
        packed("gzip-unasked", "gzip", |bytes| {
            let mut out = GzEncoder::new(Vec::new(), Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }),
        packed("deflate-with-a-head", "deflate", |bytes| {
            let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }),
        packed("deflate-raw", "deflate", |bytes| {
            let mut out = DeflateEncoder::new(Vec::new(), Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }),
    ]
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// All pages in bytes that are not what header and page say they are.
fn encoded(id: &str, media_type: &'static str, declared: &str, encode: fn(&str) -> Vec<u8>) -> Sample {
    let papers = papers(0, 12);
    let expected = with_papers(&papers);
    let declared = match declared {
        "" => String::new(),
        charset => format!("<meta charset=\"{charset}\">"),
    };
    let site = Site::start(move |hit| {
        let html = match hit.path() {
            "/fzzf/" => list_page(&rows(&papers), ""),
            path => match html_of(&papers, path) {
                Some(html) => html,
                None => return Reply::status(404),
            },
        };
        Reply::of(
            media_type,
            encode(&html.replace("<meta charset=\"utf-8\">", &declared)),
        )
    });
    sample(id, site, expected)
}

/// A service that says UTF-8 in its header and its first line, and answers in GBK.
fn service() -> Sample {
    const COLUMN: &str = "/col/col1234/index.html";
    const NEXT: &str = "/module/web/jpage/dataproxy.jsp?page=1&appid=1&webid=7&path=/&columnid=1234&unitid=5678&permissiontype=0";
    let papers = papers(160, 24);
    let expected = with_papers(&papers);
    let site = Site::start(move |hit| {
        let record = |(path, paper): &(String, super::Paper)| {
            format!("<record><![CDATA[{}]]></record>", paper.row(path))
        };
        let store = |papers: &[_], more: &str| {
            let records: String = papers.iter().map(record).collect();
            format!("<datastore>{more}<recordset>{records}</recordset></datastore>")
        };
        match hit.target.as_str() {
            COLUMN => {
                let next = format!("<nextgroup><![CDATA[<a href=\"{NEXT}\"></a>]]></nextgroup>");
                let below = format!(
                    "<script type=\"text/xml\">{}</script>",
                    store(&papers[..15], &next)
                );
                Reply::html(list_page("", &below))
            }
            NEXT => {
                let xml = format!(
                    "<?xml version='1.0' encoding='UTF-8'?>{}",
                    store(&papers[15..], "")
                );
                Reply::of("text/xml;charset=UTF-8", gbk(&xml))
            }
            path => html_of(&papers, path).map_or_else(|| Reply::status(404), Reply::html),
        }
    });
    Sample {
        id: "service-in-gbk".to_owned(),
        ..Sample::of("auto", "service", site, COLUMN, expected)
    }
}

/// Everything is packed, whether the request allowed it or not.
fn packed(id: &str, coding: &'static str, pack: fn(&[u8]) -> Vec<u8>) -> Sample {
    let papers = papers(200, 8);
    let expected = with_papers(&papers);
    let site = Site::start(move |hit| {
        let html = match hit.path() {
            "/fzzf/" => list_page(&rows(&papers), ""),
            path => match html_of(&papers, path) {
                Some(html) => html,
                None => return Reply::status(404),
            },
        };
        Reply::html(pack(html.as_bytes())).header("Content-Encoding", coding)
    });
    sample(id, site, expected)
}
