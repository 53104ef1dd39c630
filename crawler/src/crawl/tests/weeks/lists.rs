//! How often each list of such a portal has something new, as its visits teach.

use super::*;
use crate::ListRecord;

const MAX: usize = 10;

impl World {
    fn list_at(&self, path: &str) -> ListRecord {
        let lists = open(self.dir.path()).catalog().lists("p", MAX).unwrap();
        let url = self.site.url(path).to_string();
        lists.into_iter().find(|list| list.url == url).unwrap()
    }

    fn days(&self, path: &str) -> i64 {
        self.list_at(path).interval.unwrap().as_hours() / 24
    }
}

#[tokio::test]
async fn each_list_is_known_by_how_often_it_has_something_new() {
    let world = World::new().await;
    let column = |paths: &[&str]| list(paths, "<a href='/list/'>上一级</a>");
    let hub = |rows: &[&str]| {
        let columns = "<a href='/list/gzbg/'>工作报告</a><a href='/list/fzzf/'>法治政府建设</a>";
        list(rows, columns)
    };
    let all: Vec<String> = (2001..2030).map(|n| format!("/{n}.html")).collect();
    let mut paths: Vec<&str> = PATHS[..3].to_vec();
    world.publish(&PATHS);
    world.set("/list/", hub(&paths));
    world.set("/list/gzbg/", column(&paths));
    world.set("/list/fzzf/", column(&PATHS[3..]));
    assert_eq!(world.week().await.reports.new, 6);
    let first = world.list_at("/list/gzbg/");
    assert_eq!(
        (first.visits, first.visits_with_news, first.interval),
        (1, 0, None)
    );

    // Every week one more, in the one column and at the hub, which is read first.
    for path in &all[..6] {
        paths.insert(0, path);
        world.set(path, Reply::html(&report(&title(path))));
        world.set("/list/", hub(&paths));
        world.set("/list/gzbg/", column(&paths));
        world.week().await;
    }
    let lively = world.list_at("/list/gzbg/");
    assert_eq!((lively.visits, lively.visits_with_news), (7, 6));
    assert!((1..=7).contains(&world.days("/list/gzbg/")), "{lively:?}");
    assert_eq!(world.days("/list/fzzf/"), 366);
    let known = open(world.dir.path()).catalog().known_portals(Some("p")).unwrap();
    let liveliest = known["p"].liveliest.as_ref().unwrap();
    assert!(
        liveliest.url.ends_with("/list/") || liveliest.url.ends_with("/gzbg/"),
        "{liveliest:?}"
    );
    assert_eq!(known["p"].region.unwrap().to_string(), "430482");

    // A clock that is a year ahead for a week teaches nothing that stays.
    world.pass(52 * WEEK);
    world.visit().await;
    world.pass(-52 * WEEK);
    world.week().await;
    world.week().await;
    let after = world.list_at("/list/gzbg/");
    assert!(after.last_visit <= world.clock().now(), "{after:?}");
    assert!((1..=14).contains(&world.days("/list/gzbg/")), "{after:?}");
    // It stops.
    for _ in 0..8 {
        world.week().await;
    }
    let days = world.days("/list/gzbg/");
    assert!((10..=40).contains(&days), "{days}");
}
