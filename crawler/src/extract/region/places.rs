//! Names of divisions in a text, each with the divisions it can mean.
//!
//! A name right behind that of its superior is one place with it: 巴中市巴州区, 北京朝阳区. Short forms (常宁, 恩施)
//! count in front of a superior's child, and where a text begins with one and goes on as after a name.

use std::sync::LazyLock;

use regex::Regex;
use report::{Region, RegionCode, divisions};

use super::super::boilerplate::patterns;

/// A name in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes of the text, superiors included.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Every division, current or old, that it can mean; see [`meant`].
    pub(super) codes: Vec<RegionCode>,
    /// It is a short form.
    pub(super) short: bool,
}

patterns! {
    /// What follows a name at the beginning of a title or of a body's name, and hardly a word.
    AFTER = r"^(:|(19|20)\d{2}|二[〇○零]|[省市县区州旗盟]?(委|人大|政协|纪委|监委)|人民|政府|司法|法院|检察院|公安|财政|统计|审计|民政|教育|卫生|农业|水利|交通|住房|自然资源|生态环境"
            r"|市场监督|市场监管|调查总?队|海关|监管局|税务局|中心支行|监管分局|发展和改革|发改|人力资源|应急|文化|退役|医疗保障|税务|关于|印发|法治政府|依法行政|政务)";
}

patterns! {
    /// From the name of one division to that of the next, where their bodies act together: 人民政府、
    BODY_THEN = r"^(委员会|委|人民政府|政府|\p{Han}{0,12}?(局|厅|办公厅|办公室))[、,，和与]?$";
    /// A body, behind the name of its division.
    BODY = r"^(委|人民政府|政府|[^关于的]{0,12}?(局|厅|办公厅|办公室))";
}

/// Short forms that are words as well, of which nothing follows when they stand alone.
const WORDS: &str = "平安 和平 新华 朝阳 城区 东区 西区 新城 长安 向阳 东风 前进 先锋 光明 公安 合作 大方 富裕 兴业 同心 安定 安居 定日 复兴 宏伟 工农 振兴 \
    新兴 无为 友好 丰满 延长 开化 三元 东方 中方 会同 会理 前锋 动力 南部 回民 城中 城北 城南 城东 城西 城关 市中 市南 市北 市郊 东郊 西郊 南郊 北郊 大兴 大观 天元 \
    天心 天涯 太白 富民 平乐 平定 平房 平果 平远 新建 新民 新源 方城 民乐 民和 民权 桃源 桥头 水城 永定 江岸 江北 江南 江东 河东 河西 港口 港北 洞口 渡口 清水 \
    清流 清新 灯塔 爱民 白云 石门 石棉 矿区 郊区 红旗 红星 绿园 胜利 解放 赤水 路北 路南 运河 进贤 通道 钢城 铁东 铁西 长子 集贤 露天 青山 高台 老城 西湖 \
    太平 翠屏 文昌 龙门 麒麟 鼓楼 莲花 莲池 芙蓉 凤凰 金山 金水 金台 星子 月湖 未央 普定 普格 资源 资溪 比如 加查 五台 三门 三江 三都 三台 二道 二七 正安 正定 \
    永安 永兴 永丰 永平 永和 永福 兴安 兴国 兴隆 兴文 长兴 长乐 长白 太和 太湖 仁和 仁化 万年 万安 万全 建国 建始 建昌 四方 站前 高新 海港 滨江 湖滨 公园 \
    上街 下关 交口 交城 双桥 九里 九龙 开平 开发 安康 中心 城郊 保安 团结 文明 文化 幸福 繁荣 中山 南山 西山 东山 北山 山城 新市 海上 河口 河间 港南 民生";

/// Whether a short form is an everyday word.
pub(super) fn is_word(short: &str) -> bool {
    WORDS.split_whitespace().any(|word| word == short)
}

/// Names in a text, from the left.
pub(super) fn places(text: &str) -> Vec<Place> {
    let mut out: Vec<Place> = Vec::new();
    for found in divisions().find_names(text) {
        let (start, end) = (found.range.start, found.range.end);
        if let Some(last) = out.last_mut().filter(|last| last.end == start) {
            let narrowed = below(&found.codes, &last.codes);
            if !narrowed.is_empty() {
                (last.end, last.codes) = (end, narrowed);
                continue;
            }
        }
        let from = out.last().map_or(0, |last| last.end);
        let own = start;
        let (start, codes) = with_short_superior(text, from, start, found.codes);
        if start == own && text[..end].ends_with("新区") && ends_with_stem(&text[from..own]) {
            continue;
        }
        out.push(Place {
            start,
            end,
            codes,
            short: false,
        });
    }
    out
}

/// The name that a text begins with: a full one, or a short one if the text goes on as after a name.
pub(super) fn leading(text: &str) -> Option<Place> {
    let first = places(text).into_iter().next();
    if let Some(first) = first.filter(|first| first.start == 0) {
        return Some(first);
    }
    let (mut end, mut codes) = stem_at(text)?;
    let mut word = is_word(&text[..end]);
    // 湖南常宁, 北京朝阳: the pair says what neither would alone.
    while let Some((more, below)) = stem_at(&text[end..])
        .map(|(more, inner)| (more, below(&inner, &codes)))
        .filter(|(_, below)| !below.is_empty())
    {
        (end, codes, word) = (end + more, below, false);
    }
    let codes = topmost(current_or_all(&codes));
    (AFTER.is_match(&text[end..]) && !word).then_some(Place {
        start: 0,
        end,
        codes,
        short: true,
    })
}

/// The divisions whose bodies a text names together from its beginning, when these lie apart (清河县人民政府、平川县人民政府),
/// and the places they are named at. None of them is more meant than the others.
pub(super) fn joint(text: &str, year: Option<i32>) -> Option<(Vec<RegionCode>, usize)> {
    const MOST: usize = 8;
    let all = places(text);
    let first = all.first().filter(|place| place.start == 0)?;
    let mut end = first.end;
    let mut codes = meant(&text[..end], &first.codes, year);
    let mut count = 1;
    for place in all.iter().skip(1).take(MOST) {
        if !BODY_THEN.is_match(&text[end..place.start]) || !BODY.is_match(&text[place.end..]) {
            break;
        }
        codes.extend(meant(&text[place.start..place.end], &place.codes, year));
        (end, count) = (place.end, count + 1);
    }
    codes.sort_unstable();
    codes.dedup();
    let table = divisions();
    let apart = |code: &RegionCode| {
        let related = |other: &RegionCode| table.is_within(*code, *other) || table.is_within(*other, *code);
        codes.iter().any(|other| !related(other))
    };
    (count > 1 && codes.iter().any(apart)).then_some((codes, count))
}

/// The longest short form that a text begins with: where it ends, and what it can mean.
pub(super) fn short_at(text: &str) -> Option<(usize, Vec<RegionCode>)> {
    let (end, codes) = stem_at(text)?;
    Some((end, topmost(current_or_all(&codes))))
}

fn stem_at(text: &str) -> Option<(usize, Vec<RegionCode>)> {
    const LONGEST: usize = 8;
    let chars = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let ends: Vec<usize> = chars.take(LONGEST).skip(1).collect();
    ends.into_iter().rev().find_map(|end| {
        let codes = divisions().stem(&text[..end]);
        (!codes.is_empty()).then(|| (end, codes.to_vec()))
    })
}

/// 长沙 is said of the city, not of the county of that name in it.
fn topmost(mut codes: Vec<RegionCode>) -> Vec<RegionCode> {
    if let [first, rest @ ..] = &codes[..]
        && rest.iter().all(|code| divisions().is_within(*code, *first))
    {
        codes.truncate(1);
    }
    codes
}

fn current_or_all(codes: &[RegionCode]) -> Vec<RegionCode> {
    let current: Vec<RegionCode> = codes.iter().copied().filter(|code| is_current(*code)).collect();
    if current.is_empty() {
        codes.to_vec()
    } else {
        current
    }
}

pub(super) fn is_current(code: RegionCode) -> bool {
    divisions().get(code).is_some_and(|region| region.current)
}

/// Whether a name stands behind another place: 茂名滨海新区 is not 滨海新区 of 天津.
fn ends_with_stem(before: &str) -> bool {
    let tails = before.char_indices().rev().take(4).skip(1);
    tails
        .map(|(at, _)| divisions().stem(&before[at..]))
        .any(|codes| codes.iter().any(|code| is_current(*code)))
}

/// Takes in short forms of superiors that stand right before a name: 南京鼓楼区, 湖南衡阳常宁市.
fn with_short_superior(
    text: &str,
    from: usize,
    start: usize,
    codes: Vec<RegionCode>,
) -> (usize, Vec<RegionCode>) {
    const LONGEST: usize = 6;
    let (mut start, mut codes) = (start, codes);
    for _ in 0..2 {
        let before = &text[from..start];
        let begins: Vec<usize> = before
            .char_indices()
            .rev()
            .take(LONGEST)
            .map(|(at, _)| at)
            .collect();
        let found = begins.iter().rev().find_map(|at| {
            let narrowed = below(&codes, divisions().stem(&before[*at..]));
            (!narrowed.is_empty()).then_some((from + at, narrowed))
        });
        match found {
            Some(found) => (start, codes) = found,
            None => break,
        }
    }
    (start, codes)
}

/// Those of the codes that lie, or lay, below one of the others.
pub(super) fn below(codes: &[RegionCode], others: &[RegionCode]) -> Vec<RegionCode> {
    if others.is_empty() {
        return Vec::new();
    }
    let mut above: Vec<RegionCode> = others.to_vec();
    above.extend(others.iter().flat_map(|code| divisions().today(*code)));
    let is_below = |code: &RegionCode| {
        let todays = divisions().today(*code);
        let own = std::iter::once(*code).chain(todays);
        own.flat_map(|code| divisions().ancestors(code).into_iter().skip(1))
            .any(|code| above.contains(&code))
    };
    codes.iter().copied().filter(is_below).collect()
}

/// What a name means today, for a document of a certain year: the division that bears it, and what became of those
/// that bore it in that year.
///
/// Of several old bearers of a name that nobody bears today, the ones that still bore it in that year, or else lately.
pub(super) fn meant(name: &str, codes: &[RegionCode], year: Option<i32>) -> Vec<RegionCode> {
    /// Without a year, documents are taken to be as old as this or younger.
    const LATELY: i32 = 2023;
    /// From about this year on governments have published on the web.
    const WEB: i32 = 2000;
    let table = divisions();
    let regions = || codes.iter().filter_map(|code| table.get(*code));
    let current: Vec<&Region> = regions().filter(|region| region.current).collect();
    // Who bears the name today goes before who once bore it.
    let bears = |region: &&Region| name.ends_with(region.name);
    let any_bears = current.iter().any(bears);
    let current = current.iter().filter(|region| !any_bears || bears(region));
    let until = |from: i32| {
        let lasted = regions().filter(move |region| {
            !region.current
                && region.until.is_some_and(|until| i32::from(until) >= from)
                && year.is_none_or(|year| region.since.is_none_or(|since| i32::from(since) <= year))
        });
        let codes: Vec<RegionCode> = lasted.map(|region| region.code).collect();
        codes
    };
    let mut out: Vec<RegionCode> = current.map(|region| region.code).collect();
    let mut old = until(year.unwrap_or(LATELY));
    if out.is_empty() && old.is_empty() {
        old = until(WEB.min(year.unwrap_or(WEB)));
    }
    if out.is_empty() && old.is_empty() {
        old = codes.to_vec();
    }
    for code in old.iter().flat_map(|code| today(*code)) {
        if !out.contains(&code) {
            out.push(code);
        }
    }
    out
}

/// Today's codes for a code; when nothing is known of what became of it, the division it lay in.
pub(super) fn today(code: RegionCode) -> Vec<RegionCode> {
    let successors = divisions().today(code);
    if !successors.is_empty() {
        return successors;
    }
    let above = divisions()
        .ancestors(code)
        .into_iter()
        .find(|code| is_current(*code));
    above.into_iter().collect()
}
