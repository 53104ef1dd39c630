//! What closed lists of values are called in both languages: genres, roles, states, flags.

use crawler::CellState;
use report::{AttachmentStatus, Genre, IssuerType, QualityFlag, Role, Status, YearBasis};

use super::words::Lang;

pub(crate) fn genre(lang: Lang, genre: Genre) -> &'static str {
    let english = match genre {
        Genre::RuleOfLawReport => "Rule-of-law report",
        Genre::OpenGovernmentReport => "Open-government report",
        Genre::WorkReport => "Government work report",
        Genre::BudgetReport => "Budget report",
        Genre::StatisticalBulletin => "Statistical bulletin",
        Genre::DevelopmentReport => "Development plan report",
        Genre::Plan => "Plan",
        Genre::Notice => "Notice or other official document",
        Genre::Interpretation => "Interpretation",
        Genre::News => "News",
        Genre::Other => "Other",
    };
    lang.pick(genre.label(), english)
}

pub(crate) fn issuer_type(lang: Lang, kind: IssuerType) -> &'static str {
    let english = match kind {
        IssuerType::Government => "Government",
        IssuerType::Department => "Department",
        IssuerType::Township => "Township or subdistrict",
        IssuerType::Party => "Party",
        IssuerType::Media => "Media",
        IssuerType::Other => "Other",
    };
    lang.pick(kind.label(), english)
}

pub(crate) fn role(lang: Lang, role: Role) -> &'static str {
    let english = match role {
        Role::Achievements => "Achievements",
        Role::Problems => "Problems",
        Role::Plans => "Plans",
        Role::Duties => "Duties of the heads",
        Role::Other => "Other",
    };
    lang.pick(role.label(), english)
}

pub(crate) fn status(lang: Lang, status: Status) -> &'static str {
    let english = match status {
        Status::Live => "live",
        Status::Changed => "changed at the last visit",
        Status::Removed => "removed from the portal",
        Status::Blocked => "portal shuts us out",
    };
    lang.pick(status.label(), english)
}

pub(crate) fn year_basis(lang: Lang, basis: YearBasis) -> &'static str {
    let english = match basis {
        YearBasis::Title => "title",
        YearBasis::Body => "text",
        YearBasis::Heading => "heading",
        YearBasis::Published => "day of publication",
        YearBasis::Given => "given at import",
    };
    lang.pick(basis.label(), english)
}

/// A doubt, short, and what it means to a reader.
pub(crate) fn flag(lang: Lang, flag: QualityFlag) -> (&'static str, &'static str) {
    let (zh, en) = match flag {
        QualityFlag::CharLoss => ("个别字词可能缺失", "single characters may be missing"),
        QualityFlag::Truncated => (
            "结尾可能不完整，或另有分页未采集",
            "the end may be missing, or goes on at a page that is not read",
        ),
        QualityFlag::NoTitle => ("网页上没有找到标题", "no title was found on the page"),
        QualityFlag::Mojibake => ("部分文字无法解码", "part of the text could not be decoded"),
        QualityFlag::NeedsOcr => (
            "正文是图片，文字尚未识别",
            "the text is an image and has not been recognised",
        ),
        QualityFlag::AttachmentOnly => (
            "网页只给出附件，正文取自附件",
            "the page only points to a file, from which the text is",
        ),
    };
    let short = match flag {
        QualityFlag::CharLoss => "characters lost?",
        QualityFlag::Truncated => "cut short?",
        QualityFlag::NoTitle => "no title",
        QualityFlag::Mojibake => "garbled",
        QualityFlag::NeedsOcr => "scan",
        QualityFlag::AttachmentOnly => "file only",
    };
    (lang.pick(flag.label(), short), lang.pick(zh, en))
}

pub(crate) fn attachment(lang: Lang, status: AttachmentStatus) -> &'static str {
    let english = match status {
        AttachmentStatus::Indexed => "searchable",
        AttachmentStatus::NeedsOcr => "scan, not recognised",
        AttachmentStatus::Failed => "could not be read",
        AttachmentStatus::TooLarge => "too large",
    };
    lang.pick(status.label(), english)
}

/// A state of the coverage: its sign, its short word, and its name.
pub(crate) fn cell(lang: Lang, state: CellState) -> (&'static str, &'static str, &'static str) {
    let (sign, short, name) = match state {
        CellState::Published => ("●", ("有", "yes"), ("已收录", "published, and here")),
        CellState::AttachmentOnly => ("◐", ("附", "file"), ("仅附件", "only as a file")),
        CellState::Removed => ("✕", ("撤", "gone"), ("已撤下", "taken down, last text kept")),
        CellState::Blocked => ("■", ("拒", "shut"), ("门户拒绝访问", "the portal shuts us out")),
        CellState::NotFound => (
            "○",
            ("缺", "none"),
            ("完整采集后未见", "not found by a complete crawl"),
        ),
        CellState::Unknown => (
            "–",
            ("未知", "?"),
            ("未知，尚无完整采集", "unknown, no complete crawl yet"),
        ),
    };
    (sign, lang.pick(short.0, short.1), lang.pick(name.0, name.1))
}

/// A kind of evidence for the division of a report.
pub(crate) fn signal(lang: Lang, signal: &str) -> &'static str {
    let (zh, en) = match signal {
        "site_id" => ("网站标识码", "site identification code"),
        "source" => ("信息来源", "source"),
        "imprint" => ("主办单位", "imprint"),
        "icp" => ("ICP备案", "ICP registration"),
        "police_record" => ("公安备案", "police registration"),
        "index_number" => ("索引号", "index number"),
        "issuer" => ("发文机关", "issuer"),
        "title" => ("标题", "title"),
        "breadcrumb" => ("页面位置", "breadcrumb"),
        "site_name" => ("网站名称", "site name"),
        "body" => ("正文", "text"),
        "portal" => ("门户文件", "portal file"),
        "host" => ("网址", "address"),
        "document_number" => ("发文字号", "document number"),
        "cited_title" => ("引用文件", "cited document"),
        "superior" => ("上级机关", "superior body"),
        "given" => ("导入给定", "given at import"),
        _ => ("其他", "other"),
    };
    lang.pick(zh, en)
}

/// A field of a report, as the comparison of versions names it.
pub(crate) fn field(lang: Lang, field: &str) -> &'static str {
    let (zh, en) = match field {
        "title" => ("标题", "Title"),
        "title_inferred" => ("标题为推断", "Title is inferred"),
        "enclosed_title" => ("所附文件标题", "Title of the enclosed document"),
        "region_code" => ("行政区划代码", "Division code"),
        "region_name" => ("行政区划", "Division"),
        "area_name" => ("功能区", "Functional area"),
        "province" => ("省级", "Province"),
        "city" => ("地级", "City"),
        "county" => ("县级", "County"),
        "publisher_region_code" => ("发布地代码", "Code of the publisher's division"),
        "issuer" => ("发文机关", "Issuer"),
        "issuer_type" => ("机关类别", "Kind of issuer"),
        "source" => ("信息来源", "Source"),
        "genre" => ("文种", "Genre"),
        "year" => ("报告年度", "Report year"),
        "year_basis" => ("年度依据", "What the year was read from"),
        "document_number" => ("发文字号", "Document number"),
        "index_number" => ("索引号", "Index number"),
        "cites" => ("引用文号", "Document numbers it cites"),
        "titles_cited" => ("引用文件", "Documents it cites"),
        "published" => ("发布日期", "Published"),
        "signed" => ("成文日期", "Signed"),
        "site_id" => ("网站标识码", "Site identification code"),
        "attachments" => ("附件", "Attachments"),
        _ => ("其他", "Other"),
    };
    lang.pick(zh, en)
}
