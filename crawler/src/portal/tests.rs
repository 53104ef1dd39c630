//! Portal files that are right, and what is said of those that are not.

use std::fs;

use super::*;

const GOOD: &str = r##"
id = "changning"
name = "常宁市人民政府门户网站"
region = "430482"
seeds = ["https://www.example.gov.cn/zwgk/fzzf/index.html"]
family = "trs"
schedule = "0 3 * * 1"
allow = ["/zwgk/"]
genres = ["work-report"]
[limits]
max_pages = 2000
delay = "2s"
daily = 800
hours = "22:00-07:00"
[extract]
content = "#zoom"
drop = [".share"]
"##;

fn scope(allow: &str, deny: &str) -> impl Fn(&str) -> Result<(), OutOfScope> {
    let text =
        format!("seeds = [\"https://www.example.gov.cn/index.html\"]\nallow = {allow}\ndeny = {deny}\n");
    let scope = Scope::new(&Portal::parse("p", &text).unwrap());
    move |url: &str| scope.check(&Url::parse(url).unwrap())
}

#[test]
fn a_whole_file_is_read() {
    let portal = Portal::parse("changning", GOOD).unwrap();
    assert_eq!(portal.region.unwrap().to_string(), "430482");
    assert_eq!(portal.family, Family::Trs);
    assert_eq!(portal.genres, [Genre::WorkReport]);
    assert_eq!(
        portal.limits,
        Limits {
            max_pages: Some(2000),
            delay: Some(Duration::from_secs(2)),
            daily: Some(800),
            hours: Some(Hours::parse("22:00-07:00").unwrap()),
        }
    );
    assert_eq!(portal.extract.drop, [".share"]);
    assert_eq!(
        portal.hints().site_name.as_deref(),
        Some("常宁市人民政府门户网站")
    );
}

#[test]
fn faults_name_line_key_and_remedy() {
    let fault = |from: &str, to: &str| Portal::parse("changning", &GOOD.replacen(from, to, 1)).unwrap_err();
    for (from, to, line, key, words) in [
        ("seeds", "seed", Some(5), "seed", "did you mean \"seeds\""),
        (
            "max_pages",
            "maxpages",
            Some(11),
            "limits.maxpages",
            "did you mean \"max_pages\"",
        ),
        ("\"2s\"", "\"two\"", Some(12), "limits.delay", "500ms"),
        ("\"2s\"", "2", Some(12), "limits.delay", "string"),
        ("2000", "0", Some(11), "limits.max_pages", "above 0"),
        ("430482", "999999", Some(4), "region", "division"),
        ("430482", "4304", Some(4), "region", "six digits"),
        ("\"trs\"", "\"tsr\"", Some(6), "family", "did you mean \"trs\""),
        ("work-report\"", "workreport\"", Some(9), "genres", "work-report"),
        ("https://www", "ftp://www", Some(5), "seeds", "http"),
        ("0 3 * * 1", "0 3 * *", Some(7), "schedule", "0 3 * * 1"),
        ("\"/zwgk/\"", "\"zwgk\"", Some(8), "allow", "begin with /"),
        ("800", "-1", Some(13), "limits.daily", "above 0"),
        (
            "\"22:00-07:00\"",
            "\"22-7\"",
            Some(14),
            "limits.hours",
            "22:00-07:00",
        ),
        ("hours", "hour", Some(14), "limits.hour", "did you mean \"hours\""),
        ("#zoom", "#[", Some(16), "extract.content", "CSS"),
        ("\"changning\"", "\"other\"", Some(2), "id", "changning"),
    ] {
        let error = fault(from, to);
        assert_eq!(
            (error.line, error.key.as_deref()),
            (line, Some(key)),
            "{to}: {error}"
        );
        assert!(error.to_string().contains(words), "{to}: {error}");
    }
    assert_eq!(fault("allow = [", "allow = ").line, Some(8));
    assert!(
        Portal::parse("x", "name = \"x\"")
            .unwrap_err()
            .message
            .contains("at least one")
    );
    assert!(Portal::parse("Bad Name", GOOD).is_err());
}

#[test]
fn bad_files_do_not_hide_good_ones() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("b.toml"), "seeds = [\"http://b.example/\"]").unwrap();
    fs::write(dir.path().join("a.toml"), "seeds = [\"http://a.example/\"]").unwrap();
    fs::write(dir.path().join("c.toml"), "seeds = 1").unwrap();
    fs::write(dir.path().join("d.toml"), [0xff, 0xfe]).unwrap();
    fs::write(dir.path().join("note.txt"), "not a portal").unwrap();
    let portals = load_portals(dir.path()).unwrap();
    let ids: Vec<_> = portals.good.iter().map(|portal| portal.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(portals.bad.len(), 2);
    assert!(portals.bad[0].0.ends_with("c.toml"));
    assert!(load_portals(&dir.path().join("absent")).is_err());
}

#[test]
fn a_crawl_stays_on_the_seeds_hosts_and_their_twins() {
    let check = scope("[]", "[]");
    for url in [
        "http://example.gov.cn/x",
        "https://www.example.gov.cn:443/y",
        "http://m.example.gov.cn/",
        "https://wap.example.gov.cn./",
    ] {
        assert_eq!(check(url), Ok(()), "{url}");
    }
    for url in [
        "https://sfj.example.gov.cn/",
        "https://example.gov.cn:8080/",
        "https://example.gov.cn.evil.com/",
    ] {
        assert_eq!(check(url), Err(OutOfScope::Host), "{url}");
    }
}

#[test]
fn allow_narrows_deny_wins_and_a_whole_address_widens() {
    let check = scope(
        r#"["/zwgk/", "*/fzzf/*", "https://other.gov.cn/pub/"]"#,
        r#"["/zwgk/secret"]"#,
    );
    assert_eq!(
        check("https://www.example.gov.cn/"),
        Ok(()),
        "a seed is always allowed"
    );
    assert_eq!(check("https://example.gov.cn/zwgk/a.html"), Ok(()));
    assert_eq!(check("https://example.gov.cn/x/fzzf/a.html"), Ok(()));
    assert_eq!(check("https://other.gov.cn/pub/a.html"), Ok(()));
    assert_eq!(check("https://other.gov.cn/zwgk/a.html"), Err(OutOfScope::Host));
    assert_eq!(
        check("https://example.gov.cn/news/a.html"),
        Err(OutOfScope::NotAllowed)
    );
    assert_eq!(
        check("https://example.gov.cn/zwgk/secret.html"),
        Err(OutOfScope::Denied)
    );
    let widened = scope(r#"["https://other.gov.cn/"]"#, "[]");
    assert_eq!(
        widened("https://example.gov.cn/news/a.html"),
        Ok(()),
        "widening does not narrow"
    );
}

#[test]
fn one_loopback_portal_does_not_reach_the_next() {
    let portal = Portal::parse("p", "seeds = [\"http://127.0.0.1:9001/\"]").unwrap();
    let scope = Scope::new(&portal);
    let check = |url: &str| scope.check(&Url::parse(url).unwrap());
    assert_eq!(check("http://127.0.0.1:9001/x"), Ok(()));
    assert_eq!(check("http://127.0.0.1:9002/x"), Err(OutOfScope::Host));
}

#[test]
fn all_faults_of_a_file_are_told_in_its_order() {
    let text = "name = 5\nregion = \"4304\"\nseeds = [\n  \"ftp://a.gov.cn/\",\n  \"https://a.gov.cn/\",\n  \"www.a.gov.cn\",\n]\n\
                famly = \"trs\"\ngenres = [\"news\", \"reports\"]\nallow = [\"zwgk\", \"/x/\"]\n\
                [limits]\nmax_pages = 0\ndelay = \"soon\"\n[extract]\ncontent = \"#[\"\ndrop = [\".a\", \"b>\"]\n";
    let faults = Portal::parse_all("Bad Name", text).unwrap_err();
    let places: Vec<_> = faults
        .iter()
        .map(|fault| (fault.line, fault.key.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        places,
        [
            (Some(1), "name"),
            (Some(2), "region"),
            (Some(4), "seeds"),
            (Some(6), "seeds"),
            (Some(8), "famly"),
            (Some(9), "genres"),
            (Some(10), "allow"),
            (Some(12), "limits.max_pages"),
            (Some(13), "limits.delay"),
            (Some(15), "extract.content"),
            (Some(16), "extract.drop"),
            (None, ""),
        ]
    );
}

#[test]
fn a_fault_of_the_syntax_does_not_hide_the_others_nor_make_up_any() {
    let text = "seeds = [\"https://a.gov.cn/\"\nregion = \"4304\"\nfamily = \"tsr\"\n";
    let faults = Portal::parse_all("p", text).unwrap_err();
    assert!(faults.iter().all(|fault| fault.line.is_some()), "{faults:?}");
    assert!(faults.len() > 1 && faults[0].line < Some(3), "{faults:?}");
    let twice = Portal::parse_all(
        "p",
        "seeds = [\"https://a.gov.cn/\"]\nname = \"a\"\nname = \"b\"\n",
    )
    .unwrap_err();
    assert_eq!((twice.len(), twice[0].line), (1, Some(3)), "{twice:?}");
}

#[test]
fn files_may_lie_anywhere_under_the_registered_domain() {
    let check = |seed: &str, url: &str| {
        let more =
            "allow = [\"/zwgk/\", \"https://files.example.com/pub/\"]\ndeny = [\"/zwgk/secret\", \"*.exe\"]";
        let portal = Portal::parse("p", &format!("seeds = [\"{seed}\"]\n{more}")).unwrap();
        Scope::new(&portal).check_file(&Url::parse(url).unwrap())
    };
    let seed = "https://www.qinghe.gov.cn/zwgk/";
    for near in [
        "https://www.qinghe.gov.cn/zwgk/a.pdf",
        "https://www.qinghe.gov.cn/uploads/a.pdf",
        "http://file.qinghe.gov.cn:8080/a.pdf",
        "https://a.b.qinghe.gov.cn/a.pdf",
        "https://files.example.com/pub/a.pdf",
    ] {
        assert_eq!(check(seed, near), Ok(()), "{near}");
    }
    for far in [
        "https://www.linghe.gov.cn/a.pdf",
        "https://gov.cn/a.pdf",
        "https://notqinghe.gov.cn/a.pdf",
        "https://qinghe.gov.cn.example.com/a.pdf",
        "https://files.example.com/a.pdf",
    ] {
        assert_eq!(check(seed, far), Err(OutOfScope::Host), "{far}");
    }
    for denied in [
        "https://www.qinghe.gov.cn/zwgk/secret/a.pdf",
        "https://file.qinghe.gov.cn/a.exe",
    ] {
        assert_eq!(check(seed, denied), Err(OutOfScope::Denied), "{denied}");
    }
    let loopback = "http://127.0.0.1:9001/";
    assert_eq!(check(loopback, "http://127.0.0.1:9002/a.pdf"), Ok(()));
    assert_eq!(
        check(loopback, "http://127.0.0.2:9001/a.pdf"),
        Err(OutOfScope::Host)
    );
    assert_eq!(
        check("http://localhost:9001/", "http://localhost:9002/a.pdf"),
        Ok(())
    );
}
