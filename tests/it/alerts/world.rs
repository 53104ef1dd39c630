//! A portal that changes, and a service that watches what is crawled from it.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use tempfile::TempDir;

use crate::{
    sample_portals::server::{Reply, Site},
    support::{Service, gongbao, run},
};

/// A portal whose articles can be changed, a data directory to crawl it into, and a service over that.
pub(super) struct World {
    folder: TempDir,
    articles: Arc<Mutex<BTreeMap<String, Article>>>,
    pub(super) key: String,
    _site: Site,
}

#[derive(Clone)]
pub(super) struct Article {
    title: String,
    text: String,
    /// What stands around the text.
    counter: u32,
}

impl World {
    pub(super) fn new() -> Self {
        let articles = Arc::new(Mutex::new(BTreeMap::<String, Article>::new()));
        let served = Arc::clone(&articles);
        let site = Site::start(move |hit| {
            let articles = served.lock().unwrap();
            if hit.path() == "/zwgk/" {
                let rows: String = articles
                    .iter()
                    .map(|(path, article)| {
                        format!(
                            "<li><a href=\"{path}\">{}</a><span>2024-01-18</span></li>",
                            article.title
                        )
                    })
                    .collect();
                return Reply::html(format!(
                    "<html><head><title>政府文件</title></head><body><ul class=\"list\">{rows}</ul></body></html>"
                ));
            }
            match articles.get(hit.path()) {
                Some(article) => Reply::html(article.page()),
                None => Reply::status(404),
            }
        });
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("portals")).unwrap();
        let world = Self {
            key: String::new(),
            folder,
            articles,
            _site: site,
        };
        let host = world._site.host();
        fs::write(
            world.path("portals/changning.toml"),
            format!(
                "id = \"changning\"\nname = \"常宁市人民政府\"\nregion = \"430482\"\n\
                 seeds = [\"http://{host}/zwgk/\"]\n[limits]\ndelay = \"10ms\"\n"
            ),
        )
        .unwrap();
        fs::write(
            world.path("gongbao.toml"),
            format!("[crawl]\nallow_private = [{host:?}]\nretries = 0\n"),
        )
        .unwrap();
        world
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn command(&self) -> std::process::Command {
        let mut command = gongbao(&self.path("data"));
        command.arg("--config").arg(self.path("gongbao.toml"));
        command
    }

    pub(super) fn publish(&self, path: &str, title: &str, text: &str, counter: u32) {
        let article = Article {
            title: title.to_owned(),
            text: text.to_owned(),
            counter,
        };
        self.articles.lock().unwrap().insert(path.to_owned(), article);
    }

    /// Crawls the portal with a process of its own; new and changed reports.
    pub(super) fn crawl(&self) -> (u64, u64) {
        let crawl = run(self.command().args(["crawl", "--full", "--json"]));
        assert_eq!(crawl.code, Some(0), "{crawl:?}");
        let reports = &crawl.json()["reports"];
        (
            reports["new"].as_u64().unwrap(),
            reports["changed"].as_u64().unwrap(),
        )
    }

    pub(super) fn serve(&mut self, allowed: &str) -> Service {
        let made = run(self.command().args(["keys", "create", "--scope", "read"]));
        self.key = made.stdout.trim().to_owned();
        let mut command = self.command();
        command.env("GONGBAO_ALERTS__ALLOW_PRIVATE", allowed);
        Service::start(command.args(["serve", "--bind", "127.0.0.1:0"]))
    }
}

impl Article {
    pub(super) fn page(&self) -> String {
        let Self { title, text, counter } = self;
        let text: String = text.lines().map(|line| format!("<p>{line}</p>")).collect();
        format!(
            "<html><head><title>{title}-常宁市人民政府</title></head><body><div class=\"head\">常宁市人民政府门户网站 \
             今日访问 {counter} 次</div><h1>{title}</h1><div class=\"info\">发布时间：2024-01-18 来源：常宁市人民政府</div>\
             <div id=\"zoom\">{text}</div><div class=\"footer\">今日访问 {counter} 次 主办：常宁市人民政府办公室</div></body></html>"
        )
    }
}
