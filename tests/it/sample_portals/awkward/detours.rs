//! Portals that send visitors round: to new addresses, in circles, past a gate, to their home page.

use super::{
    super::{
        papers::{list_page, page},
        samples::{Sample, told, with_papers},
        server::{Reply, Site},
    },
    html_of, papers, rows, sample,
};

/// Old addresses lead to new ones, over up to five steps; one leads round in a circle and one out of http.
pub(super) fn redirected() -> Sample {
    let papers = papers(60, 8);
    let mut expected = with_papers(&papers);
    let (lost, _) = papers[7].clone();
    expected.remove(&lost);
    let site = Site::start(move |hit| {
        if hit.path() == "/fzzf/" {
            let old = |n: usize| format!("/old/{n}.html");
            let list: String = papers
                .iter()
                .enumerate()
                .map(|(n, (_, paper))| paper.row(&old(n)))
                .collect();
            return Reply::html(list_page(&list, ""));
        }
        if let Some(n) = hit
            .path()
            .strip_prefix("/old/")
            .and_then(|rest| rest.strip_suffix(".html"))
        {
            let n: usize = n.parse().unwrap();
            return match n {
                0..4 => Reply::redirect(&papers[n].0).with_status([301, 302, 307, 308][n]),
                4 => Reply::redirect("/step/4/1"),
                5 => Reply::redirect("/step/5/0"),
                6 => Reply::redirect(&format!("{}#a", papers[6].0)),
                _ => Reply::redirect("/old/7.html"),
            };
        }
        if let Some(steps) = hit.path().strip_prefix("/step/") {
            let (n, left) = steps.split_once('/').unwrap();
            let (n, left): (usize, usize) = (n.parse().unwrap(), left.parse().unwrap());
            return match left {
                3 => Reply::redirect(&papers[n].0),
                _ => Reply::redirect(&format!("/step/{n}/{}", left + 1)),
            };
        }
        html_of(&papers, hit.path()).map_or_else(|| Reply::status(404), Reply::html)
    });
    Sample {
        status: "partial",
        failed: told([("/old/7.html", "redirect_loop")]),
        ..sample("redirected", site, expected)
    }
}

/// Lets in whoever sends back the cookie it sets with a redirect to the same address.
pub(super) fn cookie_gate() -> Sample {
    let papers = papers(80, 9);
    let expected = with_papers(&papers);
    let site = Site::start(move |hit| {
        if hit.path() == "/robots.txt" {
            return Reply::status(404);
        }
        if !hit.header("cookie").unwrap_or_default().contains("CT6T=a1b2c3d4") {
            return Reply::redirect(&hit.target).header("Set-Cookie", "CT6T=a1b2c3d4; path=/; HttpOnly");
        }
        match hit.path() {
            "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
            path => html_of(&papers, path).map_or_else(|| Reply::status(404), Reply::html),
        }
    });
    sample("cookie-gate", site, expected)
}

/// What is not there any more leads to the home page.
pub(super) fn redirected_home() -> Sample {
    let papers = papers(100, 12);
    let here: Vec<_> = papers[..9].to_vec();
    let expected = with_papers(&here);
    let failed = told(
        papers[9..]
            .iter()
            .map(|(path, _)| (path.as_str(), "redirected_home")),
    );
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
        "/" => Reply::html(page(
            "首页",
            "<div><a href=\"/ywdt/1.html\">要闻</a><p>清河县人民政府门户网站欢迎您</p></div>",
        )),
        path => html_of(&here, path).map_or_else(|| Reply::redirect("/"), Reply::html),
    });
    Sample {
        failed,
        ..sample("redirected-home", site, expected)
    }
}

/// A site that no portal may lead to.
pub(in super::super) struct Canary(Site);

impl Canary {
    pub(super) fn start() -> Self {
        Self(Site::start(|_| Reply::html("secret")))
    }

    pub(in super::super) fn is_untouched(&self) -> bool {
        self.0.hits().is_empty()
    }
}

/// Other ways to send a visitor on, and redirects that lead nowhere.
pub(super) fn sent_on(canary: &Canary) -> Sample {
    let papers = papers(220, 11);
    let here: Vec<_> = papers[..6].to_vec();
    let expected = with_papers(&here);
    let inside = format!("http://{}/", canary.0.host());
    let site = Site::start(move |hit| {
        let old = |n: usize| format!("/old/{n}.html");
        let to = |n: usize| papers[n].0.clone();
        if hit.path() == "/fzzf/" {
            let list = papers
                .iter()
                .enumerate()
                .map(|(n, (_, paper))| paper.row(&old(n)));
            return Reply::html(list_page(&list.collect::<String>(), ""));
        }
        if let Some(left) = hit.path().strip_prefix("/step/") {
            let left: usize = left.parse().unwrap();
            return match left {
                0 => Reply::redirect(&to(6)),
                _ => Reply::redirect(&format!("/step/{}", left - 1)),
            };
        }
        match (0..papers.len()).find(|n| hit.path() == old(*n)) {
            Some(0) => Reply::redirect(&to(0)).with_status(303),
            Some(1) => Reply::redirect(&format!("..{}", to(1))),
            Some(2) => Reply::html("").header("Refresh", format!("0; url={}", to(2))),
            Some(3) => Reply::html(format!(
                "<html><head><meta http-equiv=\"refresh\" content=\"0;url={}\"></head><body></body></html>",
                to(3)
            )),
            Some(4) => Reply::html(format!("<script>window.location.href='{}';</script>", to(4))),
            Some(5) => Reply::redirect(&format!("//{}{}", hit.header("host").unwrap_or_default(), to(5))),
            // Six in a row.
            Some(6) => Reply::redirect("/step/4"),
            Some(7) => Reply::redirect("file:///etc/passwd"),
            Some(8) => Reply::redirect(&inside),
            Some(9) => Reply::status(302),
            Some(_) => Reply::redirect("http://elsewhere.invalid/1.html"),
            None => html_of(&papers, hit.path()).map_or_else(|| Reply::status(404), Reply::html),
        }
    });
    Sample {
        status: "partial",
        failed: told([
            ("/old/6.html", "too_many_redirects"),
            ("/old/7.html", "scheme"),
            ("/old/8.html", "private_address"),
            ("/old/9.html", "bad_redirect"),
            ("/old/10.html", "another_host"),
        ]),
        ..sample("sent-on", site, expected)
    }
}
