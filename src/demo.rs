//! Sample portals: three invented county sites on loopback, for a first crawl that needs no network.
//!
//! ```text
//! demo/texts/<portal>/<column>.txt ─▶ texts ─▶ jingxian, yushe, longsheng ─▶ site ─▶ http://127.0.0.1:PORT
//!                                     (what)   (how a portal dresses it)     (pages by path, validators)
//! ```
//!
//! The sites are built in full before the first request and answer the same on every start, save for the port in
//! their addresses. Each is of another make: `jingxian` pages its lists by script and says everything twice in official
//! meta tags, `yushe` is an old static site in GBK whose headers lie about it, `longsheng` is found by its sitemap and
//! answers conditional requests. Names of counties are real, all else is invented; every page says so in its footer.

mod blocks;
mod jingxian;
mod longsheng;
mod site;
mod texts;
mod yushe;

use std::{io, net::Ipv4Addr, sync::Arc};

use report::Genre;
use tokio::net::TcpListener;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use self::site::Site;
use crate::{http::Callers, server};

/// Ports on 127.0.0.1; 0 lets the system choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// 泾县, lists paged by script.
    pub jingxian: u16,
    /// 榆社县, static lists in GBK.
    pub yushe: u16,
    /// 龙胜各族自治县, found by its sitemap.
    pub longsheng: u16,
}

/// A running sample portal as a crawl sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplePortal {
    /// Name of the portal file without `.toml`.
    pub id: &'static str,
    /// Its name for readers.
    pub name: &'static str,
    /// Address of the site without a final slash, e.g. `http://127.0.0.1:40123`.
    pub base_url: String,
    /// The portal file.
    pub portal_toml: String,
}

/// What a crawl of the sample portals should find at one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedReport {
    /// Id of the portal.
    pub portal: &'static str,
    /// Address of the page.
    pub url: String,
    /// Title without additions of the site.
    pub title: &'static str,
    /// Its genre.
    pub genre: Genre,
    /// The year it is about.
    pub year: Option<i32>,
    /// Division it is about and of the site, six digits.
    pub region_code: &'static str,
    /// Day of publication.
    pub published: jiff::civil::Date,
    /// Where the site says it comes from.
    pub source: &'static str,
    /// Its own document number (发文字号), when the page states one.
    pub document_number: Option<&'static str>,
    /// Its index number (索引号), when the page states one.
    pub index_number: Option<&'static str>,
    /// Paragraphs joined by `\n`, cells of a table row by `\t`, without the title.
    pub text: String,
}

/// The three sample portals, served until this is dropped or [stopped](Self::stop).
#[derive(Debug)]
pub struct SampleSites {
    sites: Vec<Arc<Site>>,
    servers: TaskTracker,
    cancel: DropGuard,
}

impl SampleSites {
    /// Binds three listeners on 127.0.0.1 and serves a portal on each.
    ///
    /// # Errors
    /// When a port is taken, or when a sample text cannot be read.
    pub async fn start(ports: Ports) -> io::Result<Self> {
        let cancel = CancellationToken::new();
        let servers = TaskTracker::new();
        let mut bound = Vec::new();
        let builders: [(u16, site::Builder); 3] = [
            (ports.jingxian, jingxian::build),
            (ports.yushe, yushe::build),
            (ports.longsheng, longsheng::build),
        ];
        for (port, build) in builders {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .await
                .map_err(|error| {
                    io::Error::new(
                        error.kind(),
                        format!("cannot listen on 127.0.0.1:{port}: {error}"),
                    )
                })?;
            let site = build(listener.local_addr()?.port()).map_err(io::Error::other)?;
            bound.push((listener, Arc::new(site)));
        }
        let sites = bound.iter().map(|(_, site)| Arc::clone(site)).collect();
        for (listener, site) in bound {
            servers.spawn(server::serve(
                listener,
                site::router(site),
                Callers::default(),
                cancel.clone(),
            ));
        }
        Ok(Self {
            sites,
            servers,
            cancel: cancel.drop_guard(),
        })
    }

    /// The portals, in a fixed order.
    pub fn portals(&self) -> Vec<SamplePortal> {
        self.sites
            .iter()
            .map(|site| SamplePortal {
                id: site.id,
                name: site.name,
                base_url: site.base_url(),
                portal_toml: site.portal_toml(),
            })
            .collect()
    }

    /// `host:port` of each portal, for `[crawl] allow_private`.
    pub fn allow_private(&self) -> Vec<String> {
        self.sites.iter().map(|site| site.host()).collect()
    }

    /// Every report on the portals, by portal, then by column, newest first.
    pub fn expected(&self) -> Vec<ExpectedReport> {
        self.sites.iter().flat_map(|site| site.expected()).collect()
    }

    /// Addresses within the reach of a crawl that look like reports and aren't: a contact page, a list of notices, a
    /// page that says with status 200 that there is none.
    pub fn not_reports(&self) -> Vec<String> {
        self.sites.iter().flat_map(|site| site.not_reports()).collect()
    }

    /// Stops listening, lets requests in flight finish, and returns when the ports are free.
    pub async fn stop(self) {
        self.cancel.disarm().cancel();
        self.servers.close();
        self.servers.wait().await;
    }
}

#[cfg(test)]
mod tests;
