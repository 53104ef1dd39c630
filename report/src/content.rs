//! A report: its identity and its content.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{ChinaMoment, ChinaTime, Genre, IssuerType, RegionCode, ReportId, Section, genre::codes};

/// One published document as it is stored, searched and answered; flat in JSON.
///
/// Absent values are `None`, never a guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Stable: the same URL and portal give the same id again.
    pub id: ReportId,
    /// The address the report is known by.
    pub url: String,
    /// Every address it was found at, the first being `url`.
    pub urls: Vec<String>,
    /// The portal that carries it; `import` for files without one.
    pub portal: String,
    /// When the snapshot behind this version was fetched or imported.
    pub retrieved_at: ChinaTime,
    /// When this version was recorded; of a removed report, when it was found to be gone for good.
    pub changed_at: ChinaMoment,
    /// Counts from 1; a new one for other content at the same address.
    pub version: u32,
    /// See [`Content::hash`].
    pub content_hash: String,
    /// What the last visit found.
    pub status: Status,
    /// What the document says.
    #[serde(flatten)]
    pub content: Content,
}

impl Report {
    /// The names of all fields in JSON, in the order of the documentation.
    pub const FIELDS: &'static [&'static str] = &[
        "id",
        "url",
        "urls",
        "portal",
        "title",
        "title_inferred",
        "enclosed_title",
        "text",
        "outline",
        "region_code",
        "region_name",
        "area_name",
        "province",
        "city",
        "county",
        "region_confidence",
        "region_candidates",
        "region_evidence",
        "publisher_region_code",
        "issuer",
        "issuer_type",
        "source",
        "genre",
        "year",
        "year_basis",
        "document_number",
        "index_number",
        "cites",
        "titles_cited",
        "published",
        "signed",
        "retrieved_at",
        "changed_at",
        "site_id",
        "encoding",
        "quality",
        "attachments",
        "chars",
        "version",
        "content_hash",
        "status",
    ];
}

/// What was read out of one snapshot: a function of bytes, address and portal file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Content {
    /// Title of the document; `None` when it has none.
    pub title: Option<String>,
    /// The title was put together from other evidence than a title on the page.
    pub title_inferred: bool,
    /// Title of the document that this one carries: a notice that issues a plan has the plan's here.
    pub enclosed_title: Option<String>,
    /// Main text: `\n` between paragraphs, tables one row a line with `\t` between cells.
    pub text: String,
    /// Headings with their ranges; offsets count Unicode characters of `text`.
    pub outline: Vec<Section>,
    /// Region the report is about (行政区划).
    pub region_code: Option<RegionCode>,
    /// Full name of that region.
    pub region_name: Option<String>,
    /// Name of the functional area (开发区, 高新区, 管委会 …) the report is about, which has no code of its own.
    pub area_name: Option<String>,
    /// Name of the province-level division above or at the region.
    pub province: Option<String>,
    /// Name of the prefecture-level division above or at the region.
    pub city: Option<String>,
    /// Name of the county-level division.
    pub county: Option<String>,
    /// 0 to 1; `None` without a region.
    pub region_confidence: Option<f64>,
    /// Regions that could not be told apart, when `region_code` is `None`.
    pub region_candidates: Vec<RegionCode>,
    /// Why the region was chosen.
    pub region_evidence: Vec<Evidence>,
    /// Region whose site carries the report.
    pub publisher_region_code: Option<RegionCode>,
    /// The issuing body (发文机关).
    pub issuer: Option<String>,
    /// What kind of body that is.
    pub issuer_type: Option<IssuerType>,
    /// Where the page says the text comes from (信息来源).
    pub source: Option<String>,
    /// Kind of report.
    pub genre: Genre,
    /// Year the report is about (报告年度).
    pub year: Option<i32>,
    /// What the year was read from.
    pub year_basis: Option<YearBasis>,
    /// Its own document number (发文字号), in canonical form where one could be parsed.
    pub document_number: Option<String>,
    /// Index number in the disclosure catalogue (索引号).
    pub index_number: Option<String>,
    /// Document numbers it cites.
    pub cites: Vec<String>,
    /// Titles in 《》 it cites.
    pub titles_cited: Vec<String>,
    /// Day of publication on the site.
    pub published: Option<Date>,
    /// Day of signature (成文日期).
    pub signed: Option<Date>,
    /// Site identification code (网站标识码).
    pub site_id: Option<String>,
    /// Encoding the snapshot was read in, as the WHATWG Encoding Standard names it: `UTF-8`, `GBK` …
    pub encoding: Option<String>,
    /// Doubts about the text.
    pub quality: Quality,
    /// Files that belong to the report.
    pub attachments: Vec<Attachment>,
    /// Han characters in `text`.
    pub chars: usize,
}

impl Content {
    /// SHA-256 of title and text as hex: two snapshots with the same hash say the same.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.title.as_deref().unwrap_or_default().as_bytes());
        hasher.update(b"\n\n");
        hasher.update(self.text.as_bytes());
        data_encoding::HEXLOWER.encode(&hasher.finalize())
    }
}

codes! {
    /// What the last visit to a report's address found.
    Status {
        /// As last seen.
        Live = "live", "在线";
        /// The last visit brought a new version.
        Changed = "changed", "有更新";
        /// Gone from the portal; the last text is kept.
        Removed = "removed", "已撤下";
        /// The portal has since shut us out.
        Blocked = "blocked", "被拦截";
    }
}

codes! {
    /// What a report's year was read from.
    YearBasis {
        /// The title names it.
        Title = "title", "标题";
        /// The text names it most often or in its opening.
        Body = "body", "正文";
        /// A heading names it.
        Heading = "heading", "小标题";
        /// Inferred from the day of publication.
        Published = "published", "发布日期";
        /// It came with an imported line.
        Given = "given", "导入给定";
    }
}

codes! {
    /// A doubt about a report's text.
    QualityFlag {
        /// Single characters were lost before the page was published or saved.
        CharLoss = "char_loss", "疑似丢字";
        /// The text ends in the middle of a sentence, or goes on at an address that is not read.
        Truncated = "truncated", "疑似截断";
        /// No title was found.
        NoTitle = "no_title", "无标题";
        /// Over 0.1 % of the characters could not be decoded.
        Mojibake = "mojibake", "乱码";
        /// The text is an image.
        NeedsOcr = "needs_ocr", "待识别";
        /// The page only points to an attachment.
        AttachmentOnly = "attachment_only", "仅附件";
    }
}

codes! {
    /// What became of an attachment.
    AttachmentStatus {
        /// Its text is searchable.
        Indexed = "indexed", "已收录";
        /// A scan without a text layer.
        NeedsOcr = "needs_ocr", "待识别";
        /// Could not be fetched or read.
        Failed = "failed", "失败";
        /// Over the size limit.
        TooLarge = "too_large", "过大";
    }
}

/// Doubts about a text and what they add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quality {
    /// Each flag at most once, in the order of [`QualityFlag::ALL`].
    pub flags: Vec<QualityFlag>,
    /// 1 without a doubt, towards 0 with more: the product of 1 − penalty over the flags, to two decimals.
    ///
    /// Penalties, by how much of the text a doubt puts out of use: `no_title` 0.1, `char_loss` and `truncated` 0.2,
    /// `attachment_only` 0.4, `mojibake` and `needs_ocr` 0.5.
    pub score: f64,
    /// Why each flag is there, in the order of `flags`.
    #[serde(default)]
    pub reasons: Vec<QualityReason>,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            flags: Vec::new(),
            score: 1.0,
            reasons: Vec::new(),
        }
    }
}

/// What a flag was raised for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualityReason {
    /// The flag.
    pub flag: QualityFlag,
    /// What was found, in words or as the words that were found.
    pub detail: String,
}

/// One reason for a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Kind of evidence: `site_id`, `title`, `issuer`, `breadcrumb`, `body` …
    pub signal: String,
    /// What was read.
    pub value: String,
    /// The region it points to.
    pub code: RegionCode,
    /// How far it is trusted, 0 to 1.
    pub weight: f64,
}

/// A file that belongs to a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// Its address.
    pub url: String,
    /// Its name as shown on the page.
    pub name: String,
    /// Media type after sniffing; `None` before it was fetched.
    pub media_type: Option<String>,
    /// Size in bytes; `None` before it was fetched.
    pub bytes: Option<u64>,
    /// What became of it; `None` while it was not fetched.
    pub status: Option<AttachmentStatus>,
}
