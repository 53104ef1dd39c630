//! What parameters and statuses mean, in Chinese. What is not named here is shown in English.

/// What a group of operations is about.
pub(super) fn group(name: &str) -> Option<&'static str> {
    Some(match name {
        "reports" => "检索、阅读和比较报告",
        "coverage" => "地区、门户与收录情况",
        "jobs" => "抓取任务（需要 crawl 权限的密钥）",
        "alerts" => "订阅检索、订阅源与回调（需要任一密钥）",
        "service" => "服务本身",
        _ => return None,
    })
}

/// What a parameter means.
pub(super) fn parameter(name: &str) -> Option<&'static str> {
    Some(match name {
        "q" => "检索式，留空为全部报告",
        "mode" => "词语的匹配方式：words 全部词语，any 任一词语，exact 逐字匹配，loose 近义与繁简",
        "region" => "行政区划代码（六位，或省、市的前两位、四位），含其下级；旧代码按沿革对应；可重复",
        "genre" => "文种；可重复",
        "year" => "报告年度；可重复",
        "year_from" => "报告年度起",
        "year_to" => "报告年度止",
        "published_from" => "发布日期起",
        "published_to" => "发布日期止",
        "issuer_type" => "发文机关类别；可重复",
        "portal" => "门户编号",
        "section" => "整个检索式须落在同一类章节之内；可重复",
        "quality" => "clean 为只要没有质量标记的文本",
        "changed_since" => "此日或此刻以后有变动的报告",
        "as_of" => "按此刻或此日结束时的收录情况作答，也可填以前答复中的 state",
        "format" => "输出格式",
        "bom" => "CSV 开头是否写字节顺序标记（供 Excel 识别）",
        "formula_guard" => "是否在像公式的单元格前加单引号",
        "width" => "左右各显示的字数（折叠后）",
        "sample" => "随机抽取的行数",
        "seed" => "抽样种子，相同种子抽得相同的行",
        "by" => "按什么分别计数",
        "measure" => "reports 看报告数，occurrences 看出现次数",
        "chart" => "图的种类：line 折线，bars 条形，tiles 省级方格；须 format=svg",
        "scale" => "图中的数：share 比例，count 数目；须 format=svg",
        "lang" => "图中文字的语言：zh 中文，en 英文；须 format=svg",
        "sort" => "排序；默认按相关度，无检索式时按发布日期新到旧",
        "limit" => "每页条数",
        "cursor" => "上一页给出的 next_cursor，其余参数须相同，15 分钟内有效",
        "facets" => "要计数的字段，逗号分隔或重复",
        "group" => "duplicates 把重复报告折叠为一条",
        "passages" => "每篇最多显示的段落数",
        "fields" => "所要的字段，用逗号分隔或重复参数",
        "id" => "编号",
        "n" => "版本号，从 1 起",
        "from" => "旧版本号，默认为 to 的前一版",
        "to" => "新版本号，默认为最新",
        "version" => "版本号，默认为最新",
        "alarm" => "有此类警报的门户；可重复",
        "state" => "处于此状态的",
        "after" => "上一页给出的 next",
        "level" => "行政层级",
        "current" => "true 为现行区划，false 为已撤销的",
        "parent" => "直接隶属于此区划的",
        "code" => "区划代码",
        _ => return None,
    })
}

/// What a status means.
pub(super) fn status(status: &str) -> Option<&'static str> {
    Some(match status {
        "200" => "成功",
        "201" => "已建立",
        "202" => "已受理",
        "204" => "已删除",
        "304" => "未改变（与 If-None-Match 相同）",
        "400" => "参数、检索式或请求体有误，detail 说明错在哪里、该怎么写",
        "401" => "需要密钥，或密钥未知、过期、已撤销",
        "403" => "密钥权限不足",
        "404" => "没有找到",
        "410" => "翻页链接已过期，请重新检索",
        "413" => "请求体超过 64 KiB",
        "414" => "网址超过 32 KiB",
        "429" => "请求过于频繁，Retry-After 为须等待的秒数",
        "431" => "请求头过大",
        "500" => "系统故障，日志中有同一请求编号的原因",
        "503" => "繁忙、未就绪或超时，请按 Retry-After 稍后再试",
        _ => return None,
    })
}
