//! RFC 9309, case by case, and the files that people write.

use proptest::prelude::*;

use super::{
    file::{MAX_BYTES, MAX_CRAWL_DELAY},
    *,
};

fn read(body: impl AsRef<[u8]>) -> HostRules {
    HostRules::from_answer(200, body.as_ref(), "gongbao")
}

fn allows(body: impl AsRef<[u8]>, path: &str) -> bool {
    let url = Url::parse(&format!("http://a.example{path}")).unwrap();
    read(body).check(&url).is_ok()
}

/// The paths that a file for everybody forbids.
fn forbidden<'a>(rules: &str, paths: &[&'a str]) -> Vec<&'a str> {
    let body = format!("User-agent: *\n{rules}");
    let is_forbidden = |path: &&&str| !allows(&body, path);
    paths.iter().filter(is_forbidden).copied().collect()
}

fn delay(body: &str) -> Option<Duration> {
    read(body).crawl_delay()
}

#[test]
fn the_status_decides_when_there_is_no_file() {
    let url = Url::parse("http://a.example/x").unwrap();
    let check = |status| HostRules::from_answer(status, b"", "gongbao").check(&url);
    for status in [200, 204, 301, 400, 404, 410, 429, 451] {
        assert_eq!(check(status), Ok(()), "{status}");
    }
    assert_eq!(check(401), Err(RobotsRefusal::Closed { status: 401 }));
    assert_eq!(check(403), Err(RobotsRefusal::Closed { status: 403 }));
    let unreachable = |reason: &str| RobotsRefusal::Unreachable {
        reason: reason.to_owned(),
    };
    assert_eq!(check(500), Err(unreachable("http_500")));
    assert_eq!(check(503), Err(unreachable("http_503")));
    let silence = HostRules::Unreachable {
        reason: "timeout".to_owned(),
    };
    assert!(silence.check(&url).unwrap_err().to_string().contains("timeout"));
}

#[test]
fn the_file_itself_is_always_allowed() {
    let own = Url::parse("http://a.example/robots.txt").unwrap();
    assert_eq!(read("User-agent: *\nDisallow: /").check(&own), Ok(()));
    assert_eq!(HostRules::from_answer(403, b"", "gongbao").check(&own), Ok(()));
    assert!(!allows("User-agent: *\nDisallow: /", "/a/robots.txt"));
}

// §2.2.1: groups and agents.

#[test]
fn our_own_groups_are_one_and_keep_others_out() {
    let body = "User-agent: gongbao\nDisallow: /a\n\nUser-agent: other\nDisallow: /b\n\n\
                User-agent: *\nDisallow: /c\n\nUser-agent: GONGBAO\nDisallow: /d\n";
    let forbidden: Vec<_> = ["/a", "/b", "/c", "/d"]
        .into_iter()
        .filter(|path| !allows(body, path))
        .collect();
    assert_eq!(forbidden, ["/a", "/d"]);
}

#[test]
fn groups_for_all_are_one_when_none_is_ours() {
    let body = "User-agent: *\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: *\nDisallow: /c\n";
    assert!(!allows(body, "/a") && allows(body, "/b") && !allows(body, "/c"));
    assert!(
        allows("User-agent: other\nDisallow: /\n", "/x"),
        "nothing is said to us"
    );
    assert!(
        allows("User-agent: *\nDisallow: /\nUser-agent: gongbao\n", "/x"),
        "an empty group of our own"
    );
    assert!(allows("", "/x"));
}

#[test]
fn several_agents_share_a_group_whatever_stands_between_them() {
    for between in [
        "",
        "\n\n",
        "# a comment\n",
        "Sitemap: http://a.example/map.xml\n",
        "Host: a.example\n",
        "what is this\n",
        "Crawl-delay: 3\n",
        ": \n",
    ] {
        let body = format!("User-agent: gongbao\n{between}User-agent: other\nDisallow: /x\n");
        assert!(!allows(&body, "/x"), "{between:?}");
        let body = format!("User-agent: gongbao\nDisallow: /w\n{between}Disallow: /x\n");
        assert!(!allows(&body, "/x"), "{between:?} ends no group");
    }
    let rule_between = "User-agent: gongbao\nAllow:\nUser-agent: other\nDisallow: /x\n";
    assert!(allows(rule_between, "/x"), "an empty rule is a rule");
}

#[test]
fn agents_are_tokens_in_any_case() {
    for agent in [
        "gongbao",
        "GongBao",
        "gongbao/1.0",
        "GONGBAO/2.1 (+https://example.org)",
        "gongbao *",
        "gongbao\t# us",
    ] {
        let body = format!("User-agent: {agent}\nDisallow: /\n");
        assert!(!allows(&body, "/x"), "{agent}");
    }
    for agent in [
        "gongbaox",
        "gong bao",
        "gong",
        "gongbao-news",
        "",
        "*bot",
        "(gongbao)",
    ] {
        let body = format!("User-agent: {agent}\nDisallow: /\n");
        assert!(allows(&body, "/x"), "{agent}");
    }
    assert!(!allows("User-agent: * all of you\nDisallow: /\n", "/x"));
    assert_eq!(product_token("gongbao/1.0 (+https://example.org)"), "gongbao");
    let nameless = HostRules::from_answer(200, b"User-agent:\nDisallow: /\n", "");
    assert_eq!(nameless.check(&Url::parse("http://a.example/x").unwrap()), Ok(()));
}

#[test]
fn rules_of_nobody_bind_nobody() {
    assert!(allows("Disallow: /\n", "/x"));
    assert!(!allows("Disallow: /a\nUser-agent: *\nDisallow: /b\n", "/b"));
    assert!(allows("Disallow: /a\nUser-agent: *\nDisallow: /b\n", "/a"));
}

#[test]
fn lines_are_understood_as_loosely_as_they_are_written() {
    for body in [
        "USER-AGENT: *\nDISALLOW: /x",
        "user-agent:*\ndisallow:/x",
        "  User-agent \t:  *  \n\t Disallow \t : /x\t ",
        "User-agent *\nDisallow /x",
        "useragent: *\nDissallow: /x",
        "User agent: *\nDisalow: /x",
        "User-agent：*\nDisallow：/x",
        "User-agent: * # everybody\nDisallow: /x # not this\n",
        "User-agent: *#\nDisallow: /x#y\n",
    ] {
        assert!(!allows(body, "/x"), "{body:?}");
        assert!(allows(body, "/w"), "{body:?}");
    }
    for body in [
        "agent: *\nDisallow: /x",
        "User-agent: *\nForbid: /x",
        "User-agent: *\n# Disallow: /x",
        "User-agent: *\nDisallow/x",
    ] {
        assert!(allows(body, "/x"), "{body:?}");
    }
}

#[test]
fn lines_end_in_any_way() {
    for end in ["\n", "\r\n", "\r", "\r\r\n", "\0", "\n\n\n"] {
        for mark in ["", "\u{feff}"] {
            let body = [mark, "User-agent: *", end, "Disallow: /x", end, "Allow: /x/y"].concat();
            assert!(!allows(&body, "/x"), "{body:?}");
            assert!(allows(&body, "/x/y"), "{body:?}: the last line needs no end");
        }
    }
    let marked_inside = "User-agent: *\n\u{feff}Disallow: /x\nDisallow: /y\n";
    assert!(allows(marked_inside, "/x") && !allows(marked_inside, "/y"));
}

#[test]
fn a_file_saved_as_utf_16_is_read() {
    let text = "\u{feff}User-agent: *\r\nDisallow: /x\r\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(!allows(little, "/x"));
    assert!(!allows(big, "/x"));
}

// §2.2.2: rules.

#[test]
fn the_longest_rule_wins_and_allow_wins_a_tie() {
    let paths = ["/", "/p", "/p/", "/p/q.html", "/p/q.html?x=1", "/other"];
    for (rules, expected) in [
        ("Disallow: /p\nAllow: /p/", &["/p"][..]),
        ("Allow: /p/\nDisallow: /p", &["/p"]),
        ("Disallow: /p/q.html\nAllow: /p/", &["/p/q.html", "/p/q.html?x=1"]),
        ("Allow: /p/q.html\nDisallow: /p/", &["/p/"]),
        ("Disallow: /\nAllow: /", &[]),
        ("Allow: /\nDisallow: /", &[]),
        ("Disallow:\nAllow:", &[]),
        (
            "Disallow: /\nAllow: /$",
            &["/p", "/p/", "/p/q.html", "/p/q.html?x=1", "/other"],
        ),
        // Seven octets against five, and the other way round.
        ("Allow: /p/q\nDisallow: /*.html", &["/p/q.html", "/p/q.html?x=1"]),
        ("Allow: /p/q.ht\nDisallow: /*.html", &[]),
    ] {
        assert_eq!(forbidden(rules, &paths), expected, "{rules:?}");
    }
}

#[test]
fn paths_are_compared_in_their_case_and_from_their_start() {
    let paths = [
        "/Zwgk/a",
        "/zwgk/a",
        "/zwgk",
        "/zwgk/",
        "/x/zwgk/",
        "/?p=/zwgk/",
        "/zwgk/?a=b",
    ];
    assert_eq!(
        forbidden("Disallow: /zwgk/", &paths),
        ["/zwgk/a", "/zwgk/", "/zwgk/?a=b"]
    );
    assert_eq!(
        forbidden("Disallow: zwgk/", &paths),
        ["/zwgk/a", "/zwgk/", "/zwgk/?a=b"]
    );
    assert_eq!(forbidden("Disallow: /?p=", &paths), ["/?p=/zwgk/"]);
}

#[test]
fn stars_and_ends_are_special() {
    let paths = [
        "/",
        "/a.pdf",
        "/b/c.pdf",
        "/b/c.pdf?v=1",
        "/b/c.pdfx",
        "/PDF",
        "/b/",
        "/b/print/1",
        "/abab",
        "/aab",
    ];
    for (rules, expected) in [
        ("Disallow: /*.pdf$", &["/a.pdf", "/b/c.pdf"][..]),
        ("Disallow: *.pdf$", &["/a.pdf", "/b/c.pdf"]),
        (
            "Disallow: /*.pdf",
            &["/a.pdf", "/b/c.pdf", "/b/c.pdf?v=1", "/b/c.pdfx"],
        ),
        ("Disallow: /*.pdf*?", &["/b/c.pdf?v=1"]),
        (
            "Disallow: /b*",
            &["/b/c.pdf", "/b/c.pdf?v=1", "/b/c.pdfx", "/b/", "/b/print/1"],
        ),
        ("Disallow: /*/print/", &["/b/print/1"]),
        ("Disallow: /b/$", &["/b/"]),
        ("Disallow: /$", &["/"]),
        ("Disallow: /**b$", &["/abab", "/aab"]),
        ("Disallow: /a*ab$", &["/abab", "/aab"]),
        ("Disallow: /*aba*ba$", &[]),
        ("Disallow: /*?", &["/b/c.pdf?v=1"]),
    ] {
        assert_eq!(forbidden(rules, &paths), expected, "{rules:?}");
    }
    assert_eq!(forbidden("Disallow: *", &paths).len(), paths.len());
    assert_eq!(
        forbidden("Disallow: /a$b", &["/a", "/a$b/c"]),
        ["/a$b/c"],
        "only the last is special"
    );
}

#[test]
fn escapes_mean_what_they_stand_for() {
    for (rule, path) in [
        ("/中文", "/%E4%B8%AD%E6%96%87"),
        ("/%e4%b8%ad", "/中文"),
        ("/%7Efoo", "/~foo"),
        ("/a~b", "/a%7eb"),
        ("/%62%61%7A", "/baz"),
        ("/baz", "/%62%61%7A"),
        ("/a b", "/a%20b"),
        ("/q?n='x'", "/q?n='x'"),
        ("/q?n=%27x", "/q?n='x'"),
        ("/{a}|b", "/{a}|b"),
        ("/100%", "/100%"),
        // §2.2.3: a star and an end that mean themselves.
        ("/file-with-a-%2A.html", "/file-with-a-*.html"),
        ("/foo-%24", "/foo-$"),
        ("/a%3fb", "/a%3Fb"),
    ] {
        assert_eq!(forbidden(&format!("Disallow: {rule}"), &[path]), [path], "{rule}");
    }
    // What is reserved does not mean the same when it is encoded.
    for (rule, path) in [
        ("/a%2Fb", "/a/b"),
        ("/a/b", "/a%2Fb"),
        ("/a%3Fb", "/a?b"),
        ("/a%2A", "/ab"),
        ("/a%24", "/a"),
    ] {
        assert!(
            forbidden(&format!("Disallow: {rule}"), &[path]).is_empty(),
            "{rule} {path}"
        );
    }
    let bytes = [b"User-agent: *\nDisallow: /".as_slice(), b"\xd6\xd0\n"].concat();
    assert!(!allows(bytes, "/%D6%D0"), "octets that are no UTF-8");
}

// Crawl-delay, which is no part of the standard.

#[test]
fn the_delay_of_our_group_counts() {
    let body = "User-agent: *\nCrawl-delay: 9\n\nUser-agent: gongbao\nDisallow: /x\nCrawl-delay: 2.5\n";
    assert_eq!(delay(body), Some(Duration::from_millis(2500)));
    assert_eq!(
        delay("User-agent: *\nCrawl-delay: 9\n\nUser-agent: gongbao\nDisallow: /x\n"),
        None
    );
    assert_eq!(
        delay("User-agent: *\nAllow: /\nCrawl-delay: 9\n"),
        Some(Duration::from_secs(9))
    );
    assert_eq!(
        delay(
            "User-agent: *\nCrawl-delay: 1\nUser-agent: gongbao\nCrawl-delay: 4\nDisallow:\n\nUser-agent: gongbao\nCrawl-delay: 3\n"
        ),
        Some(Duration::from_secs(4)),
        "the longest that is asked for"
    );
    assert_eq!(delay("Crawl-delay: 9\n"), None);
    let delays_only = "User-agent: gongbao\nCrawl-delay: 0.3\nUser-agent: *\nCrawl-delay: 99\n";
    assert_eq!(delay(delays_only), Some(Duration::from_millis(300)));
    let several = "User-agent: gongbao\nUser-agent: *\nCrawl-delay: 7\n";
    assert_eq!(delay(several), Some(Duration::from_secs(7)));
}

#[test]
fn absurd_delays_do_no_harm() {
    let of = |value: &str| delay(&format!("User-agent: *\nCrawl-delay: {value}\n"));
    for value in ["", "soon", "-1", "nan", "-inf", "1.2.3", "0x10"] {
        assert_eq!(of(value), None, "{value}");
    }
    for value in ["1e300", "99999999999999999999", "86401"] {
        assert_eq!(of(value), Some(MAX_CRAWL_DELAY), "{value}");
    }
    assert_eq!(of("0"), Some(Duration::ZERO));
    assert_eq!(of(".5"), Some(Duration::from_millis(500)));
    assert_eq!(of("10s"), Some(Duration::from_secs(10)));
    assert_eq!(of("1,5 # slow"), Some(Duration::from_millis(1500)));
}

// §2.5 and what is no file at all.

#[test]
fn what_lies_beyond_the_limit_is_not_read_nor_is_the_line_that_crosses_it() {
    let rules = "User-agent: *\nDisallow: /early\n";
    let filled = |to: usize| {
        let mut body = rules.to_owned();
        while body.len() + 100 < to {
            body.push_str(&format!("{:<99}\n", "#"));
        }
        body.push_str(&" ".repeat(to - 1 - body.len()));
        body + "\n"
    };
    // The last line ends exactly with the last byte that is read.
    let line = "Disallow: /last\n";
    let body = filled(MAX_BYTES - line.len() + 1) + line + "Disallow: /late\n";
    assert!(!allows(&body, "/early") && !allows(&body, "/last") && allows(&body, "/late"));
    // As fetched: cut within a line that would forbid all.
    let body = filled(MAX_BYTES - 10) + "Disallow: /allowed/\n";
    let cut = &body.as_bytes()[..usize::try_from(MAX_FETCHED_BYTES).unwrap()];
    assert!(cut.ends_with(b"Disallow: /"));
    assert!(!allows(cut, "/early") && allows(cut, "/x") && allows(cut, "/allowed/x"));
    // 500 KiB have to be read.
    let body = filled(500 << 10) + "Disallow: /late\n";
    assert!(!allows(body, "/late"));
}

#[test]
fn lines_without_end_end_nothing() {
    let long = "a".repeat(1 << 20);
    assert!(allows(format!("User-agent: *\nDisallow: /{long}"), "/aaa"));
    assert!(allows(&long, "/aaa"));
    let within = &long[..400_000];
    let body = format!("User-agent: *\nDisallow: /{within}\n{within}: {within}");
    assert!(allows(&body, "/aaa"));
    let body = format!("{within}\nUser-agent: *\nDisallow: /x\n");
    assert!(!allows(&body, "/x"));
}

#[test]
fn what_is_no_file_forbids_nothing() {
    for body in [
        "\u{feff}\r\n <!DOCTYPE html><html>User-agent: *\nDisallow: /</html>",
        "<html><body>\nUser-agent: *\nDisallow: /\n</body></html>",
        "{\"code\":404,\"message\":\"not found\"}",
        "\u{1}\u{2}PNG",
        "",
        "\u{feff}",
    ] {
        assert!(allows(body, "/x"), "{body:?}");
    }
}

#[test]
fn a_packed_file_is_unpacked() {
    use std::io::Write;
    let pack = |body: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    assert!(!allows(pack(b"User-agent: *\nDisallow: /x\n"), "/x"));
    assert!(allows(pack(&vec![b'x'; 64 << 20]), "/x"), "a bomb is no file");
    assert!(allows(b"\x1f\x8b damaged", "/x"));
}

proptest! {
    #[test]
    fn no_file_makes_it_fail(body in proptest::collection::vec(any::<u8>(), 0..400), path in "[ -~]{0,30}") {
        if let Ok(url) = Url::parse(&format!("http://a.example/{path}")) {
            let _ = read(&body).check(&url);
        }
    }

    /// The matcher against the plainest one there is, which tries every place for every star.
    #[test]
    fn stars_match_as_a_plain_search_would(pattern in "/[ab*]{0,7}\\$?", path in "/[ab]{0,9}") {
        fn plain(pattern: &[u8], path: &[u8]) -> bool {
            match pattern {
                [] => true,
                [b'$'] => path.is_empty(),
                [b'*', rest @ ..] => (0..=path.len()).any(|at| plain(rest, &path[at..])),
                [byte, rest @ ..] => path.first() == Some(byte) && plain(rest, &path[1..]),
            }
        }
        let matches = pattern::Pattern::parse(pattern.as_bytes()).unwrap().matches(&path);
        prop_assert_eq!(matches, plain(pattern.as_bytes(), path.as_bytes()));
    }

    /// Any spelling of an address is judged as any other.
    #[test]
    fn spelling_does_not_matter(path in "/[a-z中~ -]{0,12}", encoded: u16) {
        let spelled: String = path.chars().enumerate().map(|(at, c)| {
            if at > 0 && encoded >> (at % 16) & 1 == 1 {
                c.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect()
            } else {
                c.to_string()
            }
        }).collect();
        prop_assert_eq!(pattern::spelled_path(&spelled), pattern::spelled_path(&path));
        let url = Url::parse(&format!("http://a.example{}", spelled.trim_end())).unwrap();
        let body = format!("User-agent: *\nDisallow: {}\n", path.trim_end());
        prop_assert!(read(&body).check(&url).is_err(), "{} {}", body, url);
    }
}

#[test]
fn two_files_that_say_the_same_compare_as_equal() {
    let text = |body: &str| rules_text(200, body.as_bytes()).unwrap();
    assert_eq!(
        text("\u{feff}User-agent: *\r\nDisallow: /a # why\r\n\r\n"),
        text("# made at noon\nUser-agent:*\nDisallow:  /a")
    );
    assert_ne!(
        text("User-agent: *\nDisallow: /a"),
        text("User-agent: *\nDisallow: /")
    );
    assert_eq!(rules_text(404, b"<html>").unwrap(), text("<html><body>404"));
    assert_eq!((rules_text(503, b""), rules_text(403, b"")), (None, None));
}
