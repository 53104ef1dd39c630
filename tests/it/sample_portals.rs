//! Sample portals on loopback, crawled by the program: all of the reports they list, and nothing else.
//!
//! Every portal is a table of pages of its own on a port of its own ([`server`]), with invented reports ([`papers`]);
//! what a crawl of it must come to stands beside it ([`samples`]): its reports with title, date and text, their files,
//! how the crawl ends, what it says it could not have, and how much it may ask for. The invented pages of
//! `crawler/tests/pages` are crawled too ([`documents`]); where a name below has no portal, it is that of such pages.
//!
//! | what real portals do | shown by |
//! |---|---|
//! | plain lists with links to the next page | [`families::plain`], `static` |
//! | TRS: `createPageHTML` with the pages first, counted from 0 | [`families::trs`], `trs` |
//! | TRS: `createPageHTML` with an element first, second page `_1` or `_2` | [`families::trs`], `trs-element-1`, `-2` |
//! | Hanweb: XML in the page, more by GET or by POST, older `module/jpage` | [`families::hanweb`] |
//! | Hanweb: encrypted ids, deep pages empty | [`families::hanweb`], `hanweb-encrypted` |
//! | jpaas: `queryData`, units as JSON | [`families::hanweb`], `jpaas` |
//! | UCAP: channel by its code, search as JSON | [`families::services`], `ucap` |
//! | VSB: pages counted down, unpublished `content.jsp` | [`families::plain`], `vsb` |
//! | gkmlpt: `_CONFIG`, `api/all`, text in JSON | [`families::services`], `gkmlpt` |
//! | LonSun: `site/label` as HTML and as JSON; eportal | [`families::services`] |
//! | site maps: an index, packed ones; RSS, Atom | [`families::feeds`] |
//! | every list by its family and by `auto`; a second crawl asks whether pages changed | `every_content_system_…` |
//! | GBK called UTF-8, Big5 or nothing; UTF-8 called GB2312, GBK or Latin-1; byte order marks, UTF-16 | [`awkward::encodings`]; `gbk_labelled_utf8`, `utf8_labelled_gb2312`, `wrong_header`, `utf16_without_mark` |
//! | a service that declares UTF-8 and answers in GBK | [`awkward::encodings`], `service-in-gbk` |
//! | gzip and deflate nobody asked for, deflate without its head | [`awkward::encodings`] |
//! | Word's spans around single characters | `word_spans`, `word_conditionals`, `ucap_word_spans` |
//! | placeholders in `meta`, names and codes copied from another site | `meta_placeholders`, `meta_copied`, `meta_own_site` |
//! | a clock in the head that stopped years ago | `frozen_clock` |
//! | `【字体:` that is never closed, values glued together | `unclosed_bar`, `glued_bar` |
//! | `附件下载:` with nothing behind it | [`attachments`]`::places`; `empty_attachment` |
//! | links to files: TRS `P…` with a decoy, `downfile.jsp`, `download.jsp` that wants a `Referer`, `/attachment/…`, `onclick`, a list below, a viewer | [`attachments`]`::places`; `attachment_*` |
//! | names of files in GBK: in `Content-Disposition`, in the path, inside an archive | [`attachments`]`::places`, `::kinds` |
//! | files on another port of the portal, on a foreign host | [`attachments`]`::places` |
//! | PDF with and without a text layer, DOCX, DOC, XLSX, XLS, OFD, ZIP of these, TXT, JPEG | [`attachments`]`::kinds` |
//! | names and media types that contradict the bytes | [`attachments`]`::kinds` |
//! | an error page served as PDF, empty, missing, oversized, damaged, encrypted, unreadable files | [`attachments`]`::kinds` |
//! | a report that is only a file: behind a page, or straight from the list | [`attachments`]`::kinds`, `::lone` |
//! | status 521, 412 and 202 with scripts, captcha pages, firewalls, countries not served, refusals, closed robots.txt | [`shut`] |
//! | a redirect to the same address that sets a cookie | [`awkward::detours`], `cookie-gate` |
//! | errors served with status 200, log-in walls, deleted pages | [`awkward::faults`]; pages of `refused` |
//! | what is gone leads to the home page | [`awkward::detours`], `redirected-home` |
//! | redirects: 301 to 308, `Refresh`, `meta`, script, relative, five in a row; a sixth, a circle, another scheme, a private address | [`awkward::detours`] |
//! | a page that fails once, one that always does | [`awkward::faults`] |
//! | one page behind a gate to traditional characters and in two columns | [`awkward::addresses`], `mirrors`; `big5_gate` |
//! | `www.`, `m.`, `wap.`, http and https, index files, session ids, trackers | [`awkward::addresses`], `twins`, `spellings` |
//! | two 鼓楼区 and more; 朝阳 in Liaoning, Beijing and Changchun; 巴州 in Sichuan and Xinjiang; 新津 with its old id | `gulou_of_*`, `chaoyang_*`, `bazhou_of_*`, `xinjin_*` |
//! | a document of another province or of the State Council shown again | `repost_of_*` |
//! | press articles, interpretations of a report | `press_article`, `interpretation_of_a_report` |
//! | a report published two years late, or moved to an address of another year | `published_two_years_late`, `published_after_migration` |
//! | an annual report that is tables | `hanweb_open_government_report` |
//! | calendars, `?page=`, sessions, orders of sorting, folders in folders, links that change | [`traps`] |
//! | only the home page is known: columns by links, `data-url`, `onclick`, an entrance; look-alikes beside them | [`homes`] |
//! | five real texts | `crate::seeds` |

mod attachments;
mod awkward;
mod documents;
mod families;
mod homes;
mod jobs;
mod papers;
mod samples;
pub(crate) mod server;
mod shut;
mod traps;

use serde_json::Value;

use self::samples::{check, crawl, reports};

#[test]
fn every_content_system_gives_all_its_reports() {
    let samples: Vec<_> = [true, false].into_iter().flat_map(families::samples).collect();
    let (crawl, _) = crawl(&samples, "");

    let before: Vec<_> = samples.iter().map(|sample| sample.site.hits().len()).collect();
    let again = crawl.run();
    check(&samples, &again, &crawl.data());
    for (sample, before) in samples.iter().zip(before) {
        let summary = &again[&sample.id];
        assert_eq!(
            (&summary["reports"]["new"], &summary["reports"]["changed"]),
            (&Value::from(0), &Value::from(0)),
            "{summary}"
        );
        let known = &sample.site.hits()[..before];
        let has_validator = |hit: &server::Hit| {
            hit.header("if-none-match")
                .or(hit.header("if-modified-since"))
                .is_some()
        };
        let details = sample.site.hits()[before..]
            .iter()
            .filter(|hit| sample.expected.contains_key(&hit.target))
            .cloned()
            .collect::<Vec<_>>();
        let conditional = details.iter().filter(|hit| has_validator(hit)).count();
        assert!(known.iter().all(|hit| !has_validator(hit)), "{}", sample.id);
        assert_eq!(summary["not_modified"], conditional, "{summary}");
        assert!(
            conditional == 0 || conditional == sample.expected.len(),
            "{}: {conditional}",
            sample.id
        );
    }
}

#[test]
fn wrong_encodings_many_spellings_and_detours_lose_nothing() {
    let (samples, canary) = awkward::samples();
    let (crawl, _) = crawl(&samples, "retries = 1\n");
    assert!(canary.is_untouched());
    let twins = &reports(&crawl.data())["mirrors"];
    assert!(
        twins
            .iter()
            .all(|report| report["urls"].as_array().unwrap().len() == 2),
        "{twins:?}"
    );
}

#[test]
fn a_portal_that_shuts_us_out_is_left_alone_and_named() {
    crawl(&shut::samples(), "");
}

#[test]
fn endless_spaces_are_named_and_cost_little() {
    crawl(&traps::samples(), "");
}

#[test]
fn a_home_page_leads_to_every_report_and_to_nothing_that_looks_like_one() {
    crawl(&homes::samples(), "");
}
