//! What is read, what wins, and what errors say.

use std::time::Duration;

use super::*;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gongbao.toml");
    std::fs::write(&path, text).unwrap();
    let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Config::load(Some(&path), variables)
}

#[test]
fn variables_win_over_the_file() {
    let config = load(
        "[crawl]\nmin_delay = \"3s\"\nmax_html = \"1MiB\"\n",
        &[
            ("GONGBAO_CRAWL__MIN_DELAY", "20ms"),
            ("GONGBAO_CRAWL__ALLOW_PRIVATE", "127.0.0.1:1,127.0.0.1:2"),
            ("GONGBAO_SERVER__ANONYMOUS_READ", "false"),
            ("GONGBAO_CRAWL__CONTACT", "12"),
            ("OTHER__X", "1"),
        ],
    );
    // A number where a text is wanted is an error that names the variable.
    assert!(config.unwrap_err().to_string().contains("GONGBAO_CRAWL__CONTACT"));
    let config = load(
        "[crawl]\nmin_delay = \"3s\"\nmax_html = \"1MiB\"\n",
        &[
            ("GONGBAO_CRAWL__MIN_DELAY", "20ms"),
            ("GONGBAO_CRAWL__ALLOW_PRIVATE", "127.0.0.1:1,127.0.0.1:2"),
            ("GONGBAO_SERVER__ANONYMOUS_READ", "false"),
        ],
    )
    .unwrap();
    assert_eq!(config.crawl.min_delay, Duration::from_millis(20));
    assert_eq!(config.crawl.max_html, 1 << 20);
    assert_eq!(config.crawl.allow_private.len(), 2);
    assert!(!config.server.anonymous_read);
    assert!(config.data.dir.ends_with("data"));
}

#[test]
fn days_and_hours_have_limits() {
    let config = load("[crawl]\ndaily = 800\nhours = \"22:00-07:00\"\n", &[]).unwrap();
    assert_eq!(config.crawl.daily, Some(800));
    assert_eq!(config.crawl.hours.unwrap().to_string(), "22:00-07:00");
    let config = load(
        "[crawl]\n",
        &[
            ("GONGBAO_CRAWL__DAILY", "9"),
            ("GONGBAO_CRAWL__HOURS", "1:00-2:00"),
        ],
    )
    .unwrap();
    assert_eq!(
        (config.crawl.daily, config.crawl.hours.is_some()),
        (Some(9), true)
    );
    let error = load("[crawl]\nhours = \"at night\"\n", &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains(":2:") && error.contains("22:00-07:00"), "{error}");
    assert!(
        load("[crawl]\ndaily = 0\n", &[])
            .unwrap_err()
            .to_string()
            .contains("daily")
    );
}

#[test]
fn memory_and_logs_have_settings() {
    let config = load("[retention]\nruns = \"30d\"\n[log]\nformat = \"json\"\n", &[]).unwrap();
    assert_eq!(config.retention.runs, Duration::from_secs(30 * 24 * 3600));
    assert_eq!(config.retention.jobs, Duration::from_secs(365 * 24 * 3600));
    assert_eq!(config.log.format, LogFormat::Json);
    let error = load("[log]\nformat = \"xml\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains(":2:") && error.contains("json"), "{error}");
}

#[test]
fn room_to_be_left_is_a_size_or_a_share() {
    let read = |text: &str| load(&format!("[data]\nmin_free = {text}\n"), &[]);
    let of = |text: &str, total: u64| read(text).unwrap().data.min_free.of(total);
    assert_eq!(of("\"1GiB\"", 1 << 40), 1 << 30);
    assert_eq!(of("\"10%\"", 1_000), 100);
    assert_eq!((of("0", 1 << 40), of("\"0\"", 1 << 40)), (0, 0));
    assert!(read("\"plenty\"").unwrap_err().to_string().contains("2GiB"));
    assert!(read("\"100%\"").is_err());
}

#[test]
fn metrics_are_for_the_machine_itself_unless_allowed() {
    let open = "[server]\nadmin_bind = \"0.0.0.0:8081\"\n";
    let error = load(open, &[]).unwrap_err().to_string();
    assert!(
        error.contains("admin_bind") && error.contains("admin_public"),
        "{error}"
    );
    load(&format!("{open}admin_public = true\n"), &[]).unwrap();
    load("[server]\nadmin_bind = \"[::1]:0\"\n", &[]).unwrap();
}

#[test]
fn the_public_address_is_a_web_address_and_no_more() {
    let config = load(
        "[server]\npublic_url = \"https://search.example.org/gongbao\"\n",
        &[],
    )
    .unwrap();
    assert!(config.server.public_url.is_some());
    for wrong in [
        "search.example.org",
        "ftp://a.example/",
        "https://u@a.example/",
        "https://a.example/?q=1",
    ] {
        let error = load(&format!("[server]\npublic_url = {wrong:?}\n"), &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains(":2:") && error.contains(wrong), "{error}");
    }
}

#[test]
fn proxies_and_origins_are_checked() {
    let of = |key: &str, value: &str| load(&format!("[server]\n{key} = [{value:?}]\n"), &[]);
    let config = of("trusted_proxies", "10.0.0.0/8").unwrap();
    assert_eq!(config.server.trusted_proxies.len(), 1);
    assert!(of("trusted_proxies", "::1").is_ok());
    assert!(of("cors_origins", "https://app.example.org").is_ok() && of("cors_origins", "*").is_ok());
    for (key, wrong) in [
        ("trusted_proxies", "proxy.example.org"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("cors_origins", "https://app.example.org/"),
        ("cors_origins", "app.example.org"),
        ("cors_origins", "null"),
    ] {
        let error = of(key, wrong).unwrap_err().to_string();
        assert!(error.contains(":2:") && error.contains(wrong), "{error}");
    }
}

#[test]
fn errors_name_line_and_nearest_key() {
    let error = load("[data]\ndir = \"x\"\n[crawl]\nmin_dealy = \"1s\"\n", &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains(":4:") && error.contains("`min_delay`"), "{error}");
    let error = load("[crawl]\ndelay = \"soon\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains(":2:") && error.contains("soon"), "{error}");
    let error = load("[crawl\n", &[]).unwrap_err().to_string();
    assert!(error.contains(":1:"), "{error}");
    let error = load("", &[("GONGBAO_CRAWL__DELYA", "1s")])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("GONGBAO_CRAWL__DELYA") && error.contains("`delay`"),
        "{error}"
    );
}
