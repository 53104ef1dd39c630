//! Which links may lead to a column of reports, and by what sign.

use std::sync::LazyLock;

use scraper::{Html, Selector};
use url::Url;

use super::names::{
    DEPARTMENTS, FOLDERS, HUB_FOLDERS, HUBS, LOOK_ALIKE_FOLDERS, LOOK_ALIKES, NAMES, OTHER_CHANNELS,
};

/// Longest text of a link to a column, in characters.
const MAX_NAME_CHARS: usize = 16;

/// Fewest characters of a department's name.
const MIN_DEPARTMENT_CHARS: usize = 3;

/// What makes a link one to a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnSign {
    /// Its name has this part.
    Name(&'static str),
    /// Its folder is called this.
    Folder(&'static str),
    /// It is named for a year.
    Year,
    /// It is named for a department or a township.
    Department,
    /// It lies below the page.
    Below,
    /// The page shows it, or sends its visitors there.
    Shown,
    /// It is all that there is on a home page.
    Entrance,
    /// A mechanism or a site map names it.
    Told,
}

/// How likely a column has reports, from 0 to 100: the names come in the order of how much they promise.
pub(crate) fn column_score(sign: ColumnSign) -> u32 {
    let place = |words: &[&str], word| {
        words
            .iter()
            .position(|known| *known == word)
            .unwrap_or(words.len())
    };
    match sign {
        ColumnSign::Shown | ColumnSign::Entrance => 100,
        ColumnSign::Year => 90,
        ColumnSign::Name(part) => {
            85_u32.saturating_sub(u32::try_from(place(NAMES, part)).unwrap_or(u32::MAX))
        }
        ColumnSign::Told => 40,
        ColumnSign::Folder(_) => 35,
        ColumnSign::Department => 20,
        ColumnSign::Below => 10,
    }
}

/// The sign by which a link may lead to a column that holds reports.
pub(super) fn sign(text: &str, url: &Url) -> Option<ColumnSign> {
    // Names are spaced out to fill a line: `政 务 公 开`.
    let name: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let chars = name.chars().count();
    if chars > MAX_NAME_CHARS || is_look_alike(&name, url) {
        return None;
    }
    if let Some(part) = NAMES.iter().find(|part| name.contains(**part)) {
        return Some(ColumnSign::Name(part));
    }
    // The column itself tells; that of a folder above only says that its columns may.
    let folder = folder(url);
    let folder = folder.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(known) = FOLDERS.iter().find(|known| **known == folder) {
        return Some(ColumnSign::Folder(known));
    }
    if is_year(&name) {
        return Some(ColumnSign::Year);
    }
    let is_department = chars >= MIN_DEPARTMENT_CHARS && DEPARTMENTS.iter().any(|end| name.ends_with(end));
    is_department.then_some(ColumnSign::Department)
}

/// Whether a link leads to a column that may hold reports.
pub(super) fn is_report_column(text: &str, url: &Url) -> bool {
    matches!(sign(text, url), Some(ColumnSign::Name(_) | ColumnSign::Folder(_)))
}

/// Whether a link leads to what is no report, though it stands among columns of reports: leaders, offices, forms.
pub(super) fn is_look_alike(name: &str, url: &Url) -> bool {
    let is_named =
        name.chars().count() <= MAX_NAME_CHARS && LOOK_ALIKES.iter().any(|part| name.contains(part));
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_known = |word: &str| LOOK_ALIKE_FOLDERS.contains(&word);
    is_named || is_known(&stem) || (stem.is_empty() || stem == "index") && is_known(&folder(url))
}

/// Whether a column is another channel of the site, which is not followed for lying below a page.
pub(super) fn is_other_channel(text: &str) -> bool {
    OTHER_CHANNELS.iter().any(|part| text.contains(part))
}

/// Whether a page with this name and address consists of columns, whatever documents it shows beside them.
pub(super) fn is_hub(name: Option<&str>, url: &Url) -> bool {
    let name = name.map(|name| name.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    let folder = folder(url);
    name.is_some_and(|name| HUBS.contains(&name.as_str()))
        || HUB_FOLDERS.contains(&folder.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Whether a name is that of a year: `2023`, `2023年`, `2023年度`.
fn is_year(name: &str) -> bool {
    let digits = name.trim_end_matches('度').trim_end_matches('年');
    digits.len() == 4
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.starts_with("19") || digits.starts_with("20"))
}

/// The last folder of an address, in lower case; for a file without a folder of its own that of the file.
fn folder(url: &Url) -> String {
    let folder = url
        .path()
        .rsplit('/')
        .find(|segment| !segment.is_empty() && !segment.contains('.'));
    folder.unwrap_or_default().to_ascii_lowercase()
}

/// What a page calls itself: its column, as the head of government pages has it, or the first part of its title.
pub(super) fn column_name(tree: &Html) -> Option<String> {
    static META: LazyLock<Selector> = LazyLock::new(|| css("meta[name][content]"));
    static TITLE: LazyLock<Selector> = LazyLock::new(|| css("title"));
    let is_name = |name: &str| name.eq_ignore_ascii_case("ColumnName");
    let mut metas = tree.select(&META).map(|meta| meta.value());
    let column = metas
        .find(|meta| meta.attr("name").is_some_and(is_name))
        .and_then(|meta| meta.attr("content"))
        .map(str::to_owned);
    let title = || {
        let title: String = tree.select(&TITLE).next()?.text().collect();
        let first = title.split(['-', '_', '|', '—', '–', '>']).next();
        first.map(str::to_owned)
    };
    let name = column.filter(|name| !name.trim().is_empty()).or_else(title)?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn css(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector of this file is valid CSS")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, path: &str) -> Option<ColumnSign> {
        let base = Url::parse("http://a.gov.cn/").unwrap();
        sign(text, &base.join(path).unwrap())
    }

    #[test]
    fn columns_are_known_by_name_or_folder() {
        assert_eq!(
            of("法治政府建设年度报告", "/x/y/"),
            Some(ColumnSign::Name("法治政府"))
        );
        assert_eq!(of("政 务 公 开", "/12/"), Some(ColumnSign::Name("政务公开")));
        assert_eq!(
            of("更多", "/zwgk/fzzf2/index.html"),
            Some(ColumnSign::Folder("fzzf"))
        );
        assert_eq!(of("", "/zwgk/tjgb/"), Some(ColumnSign::Folder("tjgb")));
        assert_eq!(of("国民经济计划", "/c519/"), Some(ColumnSign::Name("国民经济")));
        assert_eq!(of("年度工作计划", "/c520/"), Some(ColumnSign::Name("工作计划")));
        assert_eq!(of("“三公经费”", "/c521/"), Some(ColumnSign::Name("三公经费")));
        assert_eq!(of("计划生育", "/c522/"), None);
        assert_eq!(of("走进榆社", "/zjys/"), None);
        assert_eq!(
            of("县长在县十八届人大三次会议上作政府工作报告侧记", "/gzbg/1.html"),
            None
        );
    }

    #[test]
    fn years_and_departments_are_columns() {
        assert_eq!(of("2023年", "/x/"), Some(ColumnSign::Year));
        assert_eq!(of("县司法局", "/bm/7/"), Some(ColumnSign::Department));
        assert_eq!(of("城关镇", "/bm/8/"), Some(ColumnSign::Department));
        assert_eq!(of("2023", "/x/"), Some(ColumnSign::Year));
        assert_eq!(of("1234", "/x/"), None);
        assert_eq!(of("新闻中心", "/x/"), None);
    }

    #[test]
    fn look_alikes_are_none_whatever_else_they_are_called() {
        for (text, path) in [
            ("领导之窗", "/zwgk/ld/"),
            ("政府信息公开指南", "/zwgk/1/"),
            ("依申请公开", "/zwgk/2/"),
            ("县长信箱", "/zwgk/3/"),
            ("政务公开", "/zwgk/search.jsp?q=1"),
            ("公开", "/zwgk/jgzn/index.html"),
        ] {
            assert_eq!(of(text, path), None, "{text}");
        }
    }

    #[test]
    fn hubs_are_known_by_their_name_or_folder() {
        let hub =
            |name, path: &str| is_hub(name, &Url::parse("http://a.gov.cn/").unwrap().join(path).unwrap());
        assert!(hub(Some("政府信息公开"), "/col/col1/index.html"));
        assert!(hub(None, "/zwgk/index.html"));
        assert!(!hub(Some("法治政府建设"), "/zwgk/fzzf/index.html"));
    }
}
