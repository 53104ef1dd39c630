//! What is wrong with a parameter, in Chinese: what a form may be filled in with.

/// What parameters are called on the pages; others are called by their names.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("region", "地区"),
    ("year", "报告年度"),
    ("year_from", "起始年度"),
    ("year_to", "截止年度"),
    ("published_from", "发布日期起"),
    ("published_to", "发布日期止"),
    ("genre", "文种"),
    ("issuer_type", "机关类别"),
    ("section", "所在部分"),
    ("level", "地区层级"),
    ("by", "分组"),
    ("measure", "统计"),
    ("as_of", "语料截至"),
    ("example", "现成词典"),
    ("lang", "语言"),
];

pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("{} is no year; write one such as {}", "{} 不是年份，请写成如 {}"),
    (
        "{} is not possible here; `Allow` names what is",
        "此处不能用 {}；答复的 `Allow` 列出可用的方法",
    ),
    (
        "this needs a key of scope {}, sent as `Authorization: Bearer KEY`; `gongbao keys create` makes one",
        "须有 {} 权限的密钥，以 `Authorization: Bearer KEY` 发送；`gongbao keys create` 可创建",
    ),
    (
        "this needs a key of scope {}; yours has scope {}",
        "须有 {} 权限的密钥；所用密钥的权限是 {}",
    ),
    ("{} is no day; write one such as {}", "{} 不是日期，请写成如 {}"),
    (
        "{} is no day (2024-02-27) and no moment with its offset (2024-02-27T08:30:00+08:00)",
        "{} 既不是日期（2024-02-27），也不是带时区的时刻（2024-02-27T08:30:00+08:00）",
    ),
    (
        "nothing was known at {}; the first report was recorded at {}",
        "{} 时还没有收录任何报告，最早的报告收录于 {}",
    ),
    (
        "nothing was recorded yet, so there is no state to answer from",
        "还没有收录任何报告",
    ),
    ("no division has the code {}", "没有代码为 {} 的行政区划"),
    (
        "{} in the address is no percent-encoding; write %25 for the sign itself",
        "网址中的 {} 不是百分号编码；百分号本身请写作 %25",
    ),
    ("it stands more than once", "出现了不止一次"),
    ("{} stands twice", "{} 出现了两次"),
    (
        "the table would have {} rows, more than {}; ask for fewer concepts at a time, for a level, or for \
         fewer regions or years by filters",
        "全表将有 {} 行，超过 {} 行；请减少概念，选定地区层级，或限定地区和年度",
    ),
    ("it is not UTF-8", "不是 UTF-8 编码"),
    ("it is zh or en", "只能是 zh 或 en"),
    ("{} is none of {}", "{} 不是 {} 之一"),
    (
        "unknown parameter {}; did you mean {}?",
        "没有名为 {} 的参数，是否想写 {}？",
    ),
    (
        "unknown parameter {}; nothing can be set here",
        "没有名为 {} 的参数；此处不能设置参数",
    ),
    (
        "unknown parameter {}; known are {}",
        "没有名为 {} 的参数；可用的有 {}",
    ),
    (
        "there is no version {} of this report; its only version is 1",
        "这篇报告没有第 {} 版；它只有第 1 版",
    ),
    (
        "there is no version {} of this report; its versions are 1 to {}",
        "这篇报告没有第 {} 版；它有第 1 至 {} 版",
    ),
    ("no report has the id {}", "没有编号为 {} 的报告"),
    (
        "nothing is at {}; the API is below /api/v1, the pages start at /",
        "{} 处没有内容；网页从 / 开始，接口在 /api/v1 之下",
    ),
    (
        "the address is not UTF-8 after percent-decoding",
        "网址解码后不是 UTF-8",
    ),
    (
        "this report was not known at {}; its first version was recorded at {}",
        "{} 时还没有收录这篇报告；它的第一版收录于 {}",
    ),
    (
        "the cursor does not belong to this request; start again without it",
        "翻页参数 cursor 不属于这次检索，请去掉后重新开始",
    ),
    (
        "the cursor has expired; start again without it",
        "翻页参数 cursor 已过期，请去掉后重新开始",
    ),
    ("the form did not come whole: {}", "表单没有收完整（{}）"),
    (
        "the search took too long; ask for less",
        "检索用时过长，请缩小范围",
    ),
];
