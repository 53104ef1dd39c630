//! Files that can be crawled and are hardly meant so.

use std::time::Duration;

use super::*;

fn config() -> CrawlConfig {
    CrawlConfig {
        user_agent: "gongbao/1.0 (+https://example.org/about)".to_owned(),
        contact: "mailto:gongbao@xianzhi.edu.cn".to_owned(),
        delay: Duration::from_secs(2),
        min_delay: Duration::from_secs(1),
        daily: None,
        hours: None,
        fetch_timeout: Duration::from_secs(5),
        retries: 1,
        max_html: 1 << 20,
        max_attachment: 1 << 20,
        concurrency: 8,
        allow_private: vec!["127.0.0.1:9001".to_owned()],
        removed_after: Duration::ZERO,
        clock: crate::crawl::Clock::system(),
    }
}

/// Line, key and words of every warning.
fn warnings(text: &str, config: &CrawlConfig) -> Vec<(Option<usize>, String, String)> {
    let portal = Portal::parse("p", text).unwrap();
    remarks(&portal, text, config)
        .into_iter()
        .map(|remark| (remark.line, remark.key.unwrap_or_default(), remark.message))
        .collect()
}

#[test]
fn a_file_that_is_meant_so_is_not_remarked_on() {
    for text in [
        "region = \"430482\"\nseeds = [\"https://www.a.gov.cn/\"]\nallow = [\"/zwgk/\"]",
        "seeds = [\"http://127.0.0.1:9001/sitemap.xml\"]\nfamily = \"sitemap\"\n[limits]\ndelay = \"1ms\"",
        "seeds = [\"https://www.a.gov.cn/col/col12/index.html\"]\nfamily = \"jpaas\"\n[limits]\ndelay = \"5s\"",
    ] {
        assert_eq!(warnings(text, &config()), []);
    }
}

#[test]
fn what_is_hardly_meant_is_said_with_its_line_and_what_to_write() {
    for (text, line, key, words) in [
        (
            "seeds = [\"https://a.gov.cn/\"]\nregion = \"510132\"",
            Some(2),
            "region",
            "510118",
        ),
        (
            "seeds = [\n  \"https://a.gov.cn/\",\n  \"http://10.1.2.3/\",\n]",
            Some(3),
            "seeds",
            "\"10.1.2.3:80\" into allow_private",
        ),
        (
            "seeds = [\"http://localhost:8000/\"]",
            Some(1),
            "seeds",
            "allow_private",
        ),
        (
            "seeds = [\"https://a.gov.cn/x/\", \"https://www.a.gov.cn/x/index.html\"]",
            Some(1),
            "seeds",
            "twice",
        ),
        (
            "seeds = [\"https://a.gov.cn/zwgk/\"]\ndeny = [\"/zwgk/\"]",
            Some(1),
            "seeds",
            "shut out by `deny`",
        ),
        (
            "seeds = [\"https://a.gov.cn/zwgk/\"]\nallow = [\"/zfxxgk/\"]",
            Some(2),
            "allow",
            "no seed lies in it",
        ),
        (
            "seeds = [\"https://a.gov.cn/gkmlpt/index\"]\nfamily = \"trs\"",
            Some(2),
            "family",
            "\"gkmlpt\"",
        ),
        (
            "seeds = [\"https://a.gov.cn/\"]\n[limits]\ndelay = \"10ms\"",
            Some(3),
            "limits.delay",
            "write \"1s\"",
        ),
        (
            "seeds = [\"https://a.gov.cn/\"]\n[limits]\nmax_pages = 3",
            Some(3),
            "limits.max_pages",
            "some hundreds",
        ),
    ] {
        let said = warnings(text, &config());
        assert_eq!(said.len(), 1, "{text}: {said:?}");
        assert_eq!((said[0].0, said[0].1.as_str()), (line, key), "{said:?}");
        assert!(said[0].2.contains(words), "{said:?}");
    }
}

#[test]
fn an_example_contact_is_remarked_on_where_it_would_be_seen() {
    let config = CrawlConfig {
        contact: "mailto:ops@example.org".to_owned(),
        ..config()
    };
    let said = warnings("seeds = [\"https://a.gov.cn/\"]", &config);
    assert!(said[0].2.contains("contact"), "{said:?}");
    assert_eq!(warnings("seeds = [\"http://127.0.0.1:9001/\"]", &config), []);
}
