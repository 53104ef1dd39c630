//! Labels and values: the metadata table above a document, the bar below its title, the imprint of the site.
//!
//! Every content system draws them in its own way: table cells, definition lists, runs of `label: value` without
//! blanks, runs of `label value` without colons, labels with blanks between their characters (索 引 号), and cells that
//! are empty so that a label follows a label. All shapes come down to lines here, and one rule reads them: a value
//! reaches from its label to the next one.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    boilerplate::{beginning, nfkc},
    issuer::is_body_name,
};
use regex::Regex;
use report::{DocumentNumber, dates};

/// What a label says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    /// 索引号
    Index,
    /// 文号
    Number,
    /// 发文机关
    Issuer,
    /// 发布机构: on most sites the same, on some who put it there.
    Publisher,
    /// 责任部门, 所属机构: who keeps the document, not always who issued it.
    Keeper,
    /// 信息来源
    Source,
    /// 成文日期
    Signed,
    /// 生成日期, 发文日期: one system's day of signing is another's clock.
    Made,
    /// 发布日期
    Published,
    /// 更新时间
    Updated,
    /// 标题
    Title,
    /// 网站标识码
    SiteId,
    /// Something of the document's card that is not kept.
    Card,
    /// Something of the bar below the title that is not kept.
    Bar,
}

/// A label found in a line, with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// What the label says.
    pub(crate) label: Label,
    /// The value, never empty, in NFKC form.
    pub(crate) value: String,
    /// Label and value as they stand on the page, in NFKC form.
    pub(crate) words: String,
}

/// Every label by what it says; several to a row, apart by blanks.
const LABELS: &[(Label, &str)] = &[
    (Label::Index, "索引号 信息索引号 索取号 索引编号 信息索引"),
    (
        Label::Number,
        "文号 发文字号 文件编号 公文编号 备注文号 发布文号 发文文号 文件字号 文件号",
    ),
    (
        Label::Issuer,
        "发文机关 制发机关 发文单位 发文机构 制定机关 发文部门 制发单位 成文单位 印发机关 发文机关名称",
    ),
    (
        Label::Publisher,
        "发布机构 发布单位 发布机关 发布部门 公开机构 公开主体 公开机关 信息发布机构 信息公开机构",
    ),
    (
        Label::Keeper,
        "公开责任部门 责任部门 所属机构 公开责任单位 信息公开责任单位 公开单位 责任单位",
    ),
    (
        Label::Source,
        "信息来源 来源 文章来源 稿源 稿件来源 新闻来源 内容来源 出处 信息出处 来源单位 来自 资料来源 转载自 转自",
    ),
    (Label::Signed, "成文日期 成文时间 签发日期 印发日期 印发时间"),
    (
        Label::Made,
        "生成日期 公文生成日期 信息生成日期 生成时间 发文日期 发文时间",
    ),
    (
        Label::Published,
        "发布日期 发布时间 公开日期 公开时间 上载日期 公示时间 发表时间 发表于 发布于 发稿时间 日期 时间",
    ),
    (
        Label::Published,
        "添加时间 加入时间 发布 信息时间 信息日期 上传时间 上传日期 录入时间 刊登时间 发稿日期 上网时间 上网日期 公布日期 公布时间",
    ),
    (
        Label::Updated,
        "更新时间 更新日期 修改时间 修改日期 最后更新 最后更新时间",
    ),
    (Label::Title, "标题 名称 信息名称 文件名称 公文名称 信息标题"),
    (Label::SiteId, "网站标识码 政府网站标识码 标识码"),
    (
        Label::Card,
        "有效性 效力状态 是否有效 有效期 时效性 失效日期 生效日期 实施日期 废止日期 有效状态 公文时效 文件状态",
    ),
    (
        Label::Card,
        "主题分类 分类 组配分类 体裁分类 体裁 主题词 关键词 关键字 主题导航 信息分类 信息类别 公文种类 文种",
    ),
    (
        Label::Card,
        "公开目录 公开方式 公开属性 公开范围 公开形式 公开类别 公开时限 公开程序 内容概述 内容摘要 摘要 服务对象",
    ),
    (
        Label::Card,
        "服务对象分类 统一编号 登记号 信息格式 语种 隶属关系 规范性文件编号 所属主题 所属分类 签发人",
    ),
    (
        Label::Bar,
        "作者 编辑 责任编辑 责编 审核 校对 初审 复审 终审 审签 录入 撰稿 供稿 记者 通讯员",
    ),
    (
        Label::Bar,
        "浏览次数 浏览量 浏览 点击数 点击次数 点击率 点击量 点击 阅读次数 阅读量 阅读数 阅读 访问量 访问次数 人气",
    ),
    (
        Label::Bar,
        "字体 字号 字体大小 文字大小 分享到 分享 打印 保护视力色 视力保护色 收藏 下载 关闭",
    ),
];

/// Labels that belong to a document's card.
const CARD: &[Label] = &[
    Label::Index,
    Label::Number,
    Label::Issuer,
    Label::Publisher,
    Label::Keeper,
    Label::Signed,
    Label::Made,
    Label::Title,
    Label::Card,
];
/// Of these, the ones that no line of a text begins with.
const DECISIVE: &[Label] = &[
    Label::Index,
    Label::Number,
    Label::Issuer,
    Label::Publisher,
    Label::Signed,
    Label::Made,
];

/// Characters of labels in traditional script, as gates for readers abroad write them, and in simplified.
const TRADITIONAL: &[(char, char)] = &[
    ('發', '发'),
    ('時', '时'),
    ('間', '间'),
    ('來', '来'),
    ('號', '号'),
    ('機', '机'),
    ('構', '构'),
    ('關', '关'),
    ('題', '题'),
    ('類', '类'),
    ('標', '标'),
    ('點', '点'),
    ('擊', '击'),
    ('瀏', '浏'),
    ('覽', '览'),
    ('體', '体'),
    ('編', '编'),
    ('輯', '辑'),
    ('責', '责'),
    ('單', '单'),
    ('門', '门'),
    ('閱', '阅'),
    ('讀', '读'),
    ('開', '开'),
    ('屬', '属'),
    ('創', '创'),
    ('審', '审'),
    ('條', '条'),
    ('錄', '录'),
    ('於', '于'),
    ('稱', '称'),
    ('訪', '访'),
    ('問', '问'),
];

/// All labels, longest first, blanks allowed between their characters.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let mut names: Vec<&str> = LABELS.iter().flat_map(|(_, names)| names.split(' ')).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let either = |c: char| match TRADITIONAL.iter().find(|(_, simplified)| *simplified == c) {
        Some((traditional, simplified)) => format!("[{traditional}{simplified}]"),
        None => c.to_string(),
    };
    let spaced = |name: &str| name.chars().map(either).collect::<Vec<_>>().join("[ \u{3000}]*");
    let all: Vec<String> = names.into_iter().map(spaced).collect();
    Regex::new(&all.join("|")).expect("labels are plain characters")
});

/// What every label says. Of labels that stand twice, the first counts.
static MEANING: LazyLock<HashMap<&str, Label>> = LazyLock::new(|| {
    let all = LABELS.iter().rev();
    all.flat_map(|(label, names)| names.split(' ').map(|name| (name, *label)))
        .collect()
});

fn label_of(name: &str) -> Option<Label> {
    let simplified = |c| {
        TRADITIONAL
            .iter()
            .find(|(traditional, _)| *traditional == c)
            .map_or(c, |(_, c)| *c)
    };
    let name: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(simplified)
        .collect();
    MEANING.get(name.as_str()).copied()
}

/// A label in a line: what it says, where it starts, where its value starts, whether a colon follows.
struct Found {
    label: Label,
    start: usize,
    value: usize,
    colon: bool,
}

fn find(line: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for m in LABEL.find_iter(line) {
        let Some(label) = label_of(m.as_str()) else {
            continue;
        };
        let before = line[..m.start()].chars().next_back();
        let open = before.is_none_or(|c| c.is_whitespace() || "|【[(·•,;,;。◆>/".contains(c));
        let rest = &line[m.end()..];
        let trimmed = rest.trim_start_matches([' ', '\u{3000}']);
        let colon = trimmed.starts_with([':', ':']);
        // 2024-02-27 09:28信息来源:
        let after_clock = colon && before.is_some_and(|c| c.is_ascii_digit() || c == ')');
        let glued = after_clock || found.last().is_some_and(|last: &Found| last.colon || colon);
        // With a colon a label may follow the value before it directly; without one it needs room on both sides.
        // 发布时间2024-02-27
        let digit = matches!(
            label,
            Label::Published | Label::Updated | Label::Made | Label::Signed
        ) && trimmed.starts_with(|c: char| c.is_ascii_digit());
        let room = digit
            || m.start() == 0 && speaks_for_itself(label, trimmed)
            || rest
                .chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || "】])".contains(c));
        let stands = if colon { open || glued } else { open && room };
        let glued = m.start() == 0 && trimmed.len() == rest.len() && speaks_for_itself(label, trimmed);
        let colon = colon || glued || digit && trimmed.len() == rest.len();
        if stands {
            let value = line.len() - trimmed.len() + usize::from(trimmed.starts_with(':'));
            found.push(Found {
                label,
                start: m.start(),
                value,
                colon,
            });
        }
    }
    found
}

/// Whether what stands directly behind a label that begins a line can only be its value: 索引号000014349/2023-00346,
/// 发文机关清河县人民政府.
fn speaks_for_itself(label: Label, value: &str) -> bool {
    let value = value.trim_end();
    match label {
        Label::Index => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "/-_".contains(c);
            value.len() >= 8 && value.chars().all(plain) && value.bytes().any(|b| b.is_ascii_digit())
        }
        Label::Number => DocumentNumber::parse(value).is_some(),
        Label::Issuer | Label::Publisher => is_body_name(value),
        _ => false,
    }
}

/// Reads the fields of a line.
///
/// Without colons a line has fields only when it is a row of a card, with at least two labels.
pub(crate) fn fields(line: &str) -> Vec<Field> {
    const MAX_CHARS: usize = 600;
    let line = nfkc(line);
    let line = beginning(&line, MAX_CHARS);
    let found = find(line);
    if found.iter().all(|found| !found.colon) && found.len() < 2 && !line.contains('\t') {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (at, this) in found.iter().enumerate() {
        let end = found.get(at + 1).map_or(line.len(), |next| next.start);
        let value = line[this.value.min(end)..end]
            .trim_matches(|c: char| c.is_whitespace() || "|:【[(;·,".contains(c));
        let value = match this.label {
            Label::Title | Label::Card => value,
            // A tab or a wide gap ends a value that has no further label.
            _ => value
                .split(['\t', '|', '【'])
                .flat_map(|part| part.split("  "))
                .next()
                .unwrap_or_default()
                .trim_matches([' ', '/']),
        };
        if !value.is_empty() {
            out.push(Field {
                label: this.label,
                value: value.to_owned(),
                words: words(&line[this.start..end], value),
            });
        }
    }
    out
}

/// From the label to the end of its value.
fn words(span: &str, value: &str) -> String {
    let end = span.rfind(value).map_or(span.len(), |at| at + value.len());
    span[..end].to_owned()
}

/// How far a line looks like part of a document's card (the metadata table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Card {
    /// By itself.
    Sure,
    /// Only beside lines that are.
    Maybe,
    /// Not at all.
    No,
}

/// What a line is by its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Whether it is part of a document's card, not of its text.
    pub(crate) card: Card,
    /// Whether it is a bar of date, source and the like.
    pub(crate) is_bar: bool,
}

/// Tells the shape of a line; long ones, and those that end a sentence, are neither.
pub(crate) fn shape(line: &str) -> Shape {
    const MAX_CARD: usize = 300;
    const MAX_BAR: usize = 160;
    let chars = line.chars().take(MAX_CARD + 1).count();
    if chars > MAX_CARD || line.contains('。') {
        return Shape {
            card: Card::No,
            is_bar: false,
        };
    }
    let line = nfkc(line);
    let found = find(&line);
    Shape {
        card: card(&line, &found),
        is_bar: chars <= MAX_BAR && is_bar(&line, &found),
    }
}

fn card(line: &str, found: &[Found]) -> Card {
    let Some(first) = found.first() else {
        return Card::No;
    };
    if !line[..first.start].trim().is_empty() {
        return Card::No;
    }
    let of_card = found.iter().filter(|found| CARD.contains(&found.label)).count();
    let decisive = found.iter().any(|found| DECISIVE.contains(&found.label));
    let valued = first.colon || line.contains('\t') || found.len() > 1;
    match of_card {
        0 => Card::No,
        1 if decisive && first.colon => Card::Sure,
        1 if valued || line[first.value.min(line.len())..].trim().is_empty() => Card::Maybe,
        1 => Card::No,
        _ if decisive => Card::Sure,
        _ => Card::Maybe,
    }
}

/// A bar starts with one of its labels and has another, or it holds no more than a few words beside the day that it
/// says it was published.
fn is_bar(line: &str, found: &[Found]) -> bool {
    const FEW_CHARS: usize = 24;
    let of_bar = |label| {
        matches!(
            label,
            Label::Source | Label::Published | Label::Updated | Label::Bar
        )
    };
    let found = || found.iter().filter(|found| found.colon && of_bar(found.label));
    let dated = |found: &Found| {
        // 时间 and 日期 alone are labels of meetings as well.
        let name = line[found.start..found.value].trim_end_matches([' ', ':']);
        let told = matches!(found.label, Label::Published | Label::Updated) && name.chars().count() >= 4;
        let rest = &line[found.value..];
        let day = dates::find_all(rest).next();
        told && day.is_some_and(|day| {
            let beside = line[..found.start].chars().chain(rest[day.range.end..].chars());
            rest[..day.range.start].trim().is_empty() && beside.count() <= FEW_CHARS
        })
    };
    found().count() >= 2
        && found().any(|found| matches!(found.label, Label::Source | Label::Published | Label::Updated))
        || found().any(dated)
}

/// The label a line is, when it is nothing but a label.
pub(crate) fn lone_label(compact: &str) -> Option<Label> {
    let name = compact.trim_end_matches(':').trim_matches(['[', ']', '【', '】']);
    (name.chars().count() <= 8).then(|| label_of(name)).flatten()
}

#[cfg(test)]
mod tests;
