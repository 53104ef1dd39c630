//! Spaces of pages without end: each is left in time and named, and all reports beside it are found.

use super::*;

struct Space {
    name: &'static str,
    /// What the summary says of it; nothing of a space that the distance from the seed ends.
    word: &'static str,
    /// Most requests to its host.
    most: usize,
    /// How the site answers below `/zwgk/`; `n` counts requests.
    answer: fn(path: &str, n: usize) -> Reply,
}

/// Links that look like columns of reports.
fn columns(paths: impl Iterator<Item = String>) -> String {
    paths
        .map(|path| format!("<a href='{path}'>信息公开</a> "))
        .collect()
}

fn number(text: &str) -> usize {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// A link to the page behind that at `path`.
fn next_page(address: &str, path: &str) -> String {
    format!("<a href='{address}{}'>下一页</a>", number(path) % 1_000_000 + 1)
}

/// A page of a list whose rows nobody has seen before.
fn ever_new_rows(path: &str, n: usize) -> Reply {
    let rows = [0, 1].map(|row| format!("/zwgk/show.jsp?id={}", 10 * n + row));
    list(&[&rows[0], &rows[1]], &next_page("/zwgk/list.jsp?page=", path))
}

/// Columns below a session.
fn in_session(address: impl Fn(&str) -> String) -> Reply {
    let columns = columns((1..=3).map(|column| address(&format!("/zwgk/c{column}/list.jsp"))));
    list(&[&address("/1001.html")], &columns)
}

const SPACES: &[Space] = &[
    Space {
        name: "a calendar of folders",
        word: "nothing_new",
        most: 400,
        answer: |path, _| {
            let year = number(path) % 10_000;
            let months =
                (1..=12).map(|month| format!("/zwgk/rl/{}/{month:02}/", 1000 + (year + month) % 9000));
            let days = (1..=31).map(|day| format!("/zwgk/rl/{}/{day:02}/", 1000 + (year + 7 * day) % 9000));
            Reply::html(&columns(months.chain(days)))
        },
    },
    Space {
        name: "a calendar of parameters",
        word: "nothing_new",
        most: 400,
        answer: |path, _| {
            let day = number(path);
            let next = (1..=40).map(|n| format!("/zwgk/rl.jsp?date={}", day % 100_000 * 40 + n));
            Reply::html(&columns(next))
        },
    },
    Space {
        name: "a calendar that is turned over",
        word: "endless_list",
        most: 40,
        answer: |path, _| list(&[], &next_page("/zwgk/rl.jsp?month=", path)),
    },
    Space {
        name: "the same page under every number",
        word: "endless_list",
        most: 40,
        answer: |path, _| {
            list(
                &["/1001.html", "/1002.html"],
                &next_page("/zwgk/list.jsp?page=", path),
            )
        },
    },
    Space {
        name: "ever new links to the same article",
        word: "nothing_new",
        most: 700,
        answer: |path, n| match path.starts_with("/zwgk/show") {
            true => Reply::html(&report(&title("/zwgk/show"))),
            false => ever_new_rows(path, n),
        },
    },
    Space {
        name: "ever new links to nothing",
        word: "nothing_new",
        most: 700,
        answer: |path, n| match path.starts_with("/zwgk/show") {
            true => Reply::html("<h1>相关链接</h1>"),
            false => ever_new_rows(path, n),
        },
    },
    Space {
        name: "a session in the path",
        word: "session_ids",
        most: 40,
        answer: |_, n| in_session(|path| format!("{path};jsessionid={n:032X}")),
    },
    Space {
        name: "a session as a folder",
        word: "session_ids",
        most: 40,
        answer: |_, n| in_session(|path| format!("/(S({n:024})){path}")),
    },
    Space {
        name: "a short session as a folder",
        word: "session_ids",
        most: 40,
        answer: |_, n| {
            let session = format!("(S({n:08x}))");
            let columns = columns((1..=3).map(|column| format!("/s/{session}/zwgk/c{column}/?p={column}")));
            list(&[&format!("/{session}/1001.html")], &columns)
        },
    },
    Space {
        name: "a session as a parameter",
        word: "session_ids",
        most: 40,
        answer: |_, n| in_session(|path| format!("{path}?sid=a{n:031x}")),
    },
    Space {
        name: "a session by a name of its own",
        word: "nothing_new",
        most: 160,
        answer: |_, n| {
            let columns = columns((1..=4).map(|column| format!("/zwgk/c{column}/list.jsp?visit={}", 10 * n)));
            list(&[], &columns)
        },
    },
    Space {
        name: "every order of sorting",
        word: "nothing_new",
        most: 90,
        answer: |path, _| {
            let seed = number(path) % 1_000_000;
            let orders = ["date", "title", "unit", "no"];
            let more = (0..24).map(|n| {
                let (order, from) = (orders[n % 4], seed * 7 + n);
                format!(
                    "/zwgk/list.jsp?order={order}&dir={}&from={from}&size={}",
                    n % 2,
                    n % 5
                )
            });
            list(&["/1001.html", "/1002.html"], &columns(more))
        },
    },
    Space {
        name: "folders that repeat themselves",
        word: "repeated_path",
        most: 200,
        answer: |_, _| Reply::html(&columns(["a/a/", "b/b/"].into_iter().map(str::to_owned))),
    },
    Space {
        name: "whatever is asked for leads deeper",
        word: "nothing_new",
        most: 1400,
        answer: |_, n| Reply::html(&columns((0..30).map(|k| format!("d{}/", 100 * n + k)))),
    },
    Space {
        name: "empty folders by date",
        word: "nothing_new",
        most: 700,
        answer: |path, _| match path.trim_matches('/').split('/').count() {
            1 => Reply::html(&columns((1990..2026).map(|year| format!("{year}/")))),
            2 => Reply::html(&columns((1..=12).map(|month| format!("{month:02}/")))),
            3 => Reply::html(&columns((1..=31).map(|day| format!("{day:02}/")))),
            _ => Reply::html("<p>暂无信息</p>"),
        },
    },
];

#[tokio::test]
async fn each_space_is_left_and_named_and_the_rest_is_crawled() {
    let (mut sites, mut portals) = (Vec::new(), Vec::new());
    for (index, space) in SPACES.iter().enumerate() {
        let n = AtomicUsize::new(0);
        let site = site(move |hit| {
            if hit.path == "/" {
                return Some(Reply::html(
                    "<a href='/zwgk/'>政务公开</a> <a href='/list/'>法治政府建设年度报告</a>",
                ));
            }
            let n = n.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
            if hit.path.contains("/zwgk/") {
                return Some((space.answer)(&hit.path, n));
            }
            let names = ["/1001.html", "/1002.html", "/1003.html"];
            let name = names.into_iter().find(|name| hit.path.contains(name))?;
            Some(Reply::html(&report(&title(name))))
        })
        .await;
        portals.push(portal(&format!("p{index}"), site.url("/").as_str(), ""));
        sites.push(site);
    }
    let dir = tempfile::tempdir().unwrap();
    let config = config(&sites.iter().collect::<Vec<_>>());
    let summaries = run(dir.path(), portals, &config, false).await;
    let mut wrong = Vec::new();
    for ((space, site), summary) in SPACES.iter().zip(&sites).zip(&summaries) {
        let hits = site.hits();
        let is_found = |path: &&str| hits.iter().any(|hit| hit.path.contains(path));
        let is_whole = ["/1001.html", "/1002.html", "/1003.html"].iter().all(is_found);
        let words: Vec<_> = summary.traps.iter().map(|trap| trap.reason.as_str()).collect();
        let is_named = space.word.is_empty() || words.contains(&space.word);
        if !is_whole || summary.reports.new < 3 || !is_named || hits.len() > space.most {
            let (name, new) = (space.name, summary.reports.new);
            wrong.push(format!(
                "{name}: {words:?}, {} requests, {new} reports",
                hits.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_list_whose_first_pages_are_known_from_elsewhere_is_read_on() {
    // The list of everything shows on its first pages what a column has shown already, and on its fourth more.
    let site = site(|hit| {
        let page =
            |rows: &[&str], next: usize| list(rows, &format!("<a href='/all/index_{next}.html'>下一页</a>"));
        Some(match hit.path.as_str() {
            "/" => Reply::html("<a href='/list/'>法治政府建设年度报告</a> <a href='/all/'>政府文件</a>"),
            "/all/" => page(&["/1001.html"], 1),
            "/all/index_1.html" => page(&["/1002.html"], 2),
            "/all/index_2.html" => page(&["/1003.html"], 3),
            "/all/index_3.html" => list(&["/1004.html"], ""),
            _ => return None,
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 4),
        "{summary:?}"
    );
    assert!(summary.traps.is_empty(), "{summary:?}");
}
