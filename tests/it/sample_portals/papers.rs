//! Invented reports, and the pages around them.

use std::fmt::Write;

/// One invented report.
#[derive(Clone, Debug)]
pub(super) struct Paper {
    pub(super) title: String,
    /// `2024-02-27`.
    pub(super) date: String,
    pub(super) paragraphs: Vec<String>,
}

const BODIES: &[&str] = &[
    "教育局",
    "公安局",
    "民政局",
    "司法局",
    "财政局",
    "自然资源局",
    "住房和城乡建设局",
    "交通运输局",
    "水务局",
    "农业农村局",
    "商务局",
    "卫生健康局",
    "应急管理局",
    "审计局",
    "市场监督管理局",
    "统计局",
    "医疗保障局",
    "信访局",
    "城市管理局",
    "行政审批局",
];

const CLAUSES: &[&str] = &[
    "坚持把学法用法列入年度工作要点",
    "逐项对照职责清单查找薄弱环节",
    "健全重大事项集体讨论和合法性审查程序",
    "对窗口人员开展业务轮训和跟班学习",
    "通过公开栏和门户网站公布办事指南",
    "规范现场检查记录并落实回访制度",
    "聘请法律顾问参与合同审核",
    "把群众来信来访办结率纳入考核",
    "清理不合时宜的文件并公布目录",
    "与乡镇街道建立案件线索移送机制",
    "组织庭审观摩和以案释法活动",
    "完善轻微违法行为首次不罚事项清单",
    "推动高频事项一次受理分类办结",
    "定期向人大常委会报告工作并接受询问",
    "依托综合平台归集检查结果",
    "对未按期整改的问题挂牌督办",
];

impl Paper {
    /// Report number `n`; all have titles and texts of their own.
    pub(super) fn new(n: usize) -> Self {
        let (body, year) = (BODIES[n % BODIES.len()], 2016 + (n / BODIES.len()) % 9);
        let title = format!("清河县{body}{year}年度法治政府建设情况的报告");
        let date = format!("{}-{:02}-{:02}", year + 1, 1 + n % 4, 1 + n % 28);
        let mut state = n as u64 * 2_654_435_761 + 17;
        let mut next = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 40).unwrap() % bound
        };
        let mut paragraphs = vec![format!(
            "{year}年，县{body}在县委、县政府的领导下，围绕法治政府建设各项任务开展工作，现将有关情况报告如下。"
        )];
        for heading in ["一、主要做法和成效", "二、存在的不足和原因", "三、下一步工作打算"]
        {
            paragraphs.push(heading.to_owned());
            for _ in 0..3 {
                let mut text = String::new();
                for _ in 0..5 {
                    let clause = CLAUSES[next(CLAUSES.len())];
                    let _ = write!(text, "{clause}，全年涉及{}件次；", 3 + next(900));
                }
                text.push_str("有关情况已报送备案。");
                paragraphs.push(text);
            }
        }
        Self {
            title,
            date,
            paragraphs,
        }
    }

    /// The paragraphs in elements.
    pub(super) fn body(&self) -> String {
        self.paragraphs
            .iter()
            .map(|text| format!("<p>{text}</p>\n"))
            .collect()
    }

    /// `202402`.
    pub(super) fn month(&self) -> String {
        self.date[..7].replace('-', "")
    }

    /// `20240227`.
    pub(super) fn day(&self) -> String {
        self.date.replace('-', "")
    }

    /// A row of a list.
    pub(super) fn row(&self, href: &str) -> String {
        format!(
            "<li><span>{}</span><a href=\"{href}\" title=\"{1}\" target=\"_blank\">{1}</a></li>\n",
            self.date, self.title
        )
    }
}

/// What stands above and below on every page.
pub(super) fn page(title: &str, inner: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}_清河县人民政府</title>\
         <meta name=\"SiteName\" content=\"清河县人民政府\"></head><body>\n\
         <div class=\"header\"><a href=\"/\">首页</a><a href=\"/zjqh/\">走进清河</a><a href=\"/ywdt/\">要闻动态</a>\
         <a href=\"/hdjl/\">互动交流</a></div>\n{inner}\n\
         <div class=\"footer\"><a href=\"/wzdt.html\">网站地图</a><a href=\"/lxwm.html\">联系我们</a>\
         <p>主办：清河县人民政府办公室 冀ICP备00000000号-1 网站标识码1305340001</p></div></body></html>"
    )
}

/// The page of a report; `open` and `close` are the container of its text.
pub(super) fn report_page(paper: &Paper, open: &str, close: &str) -> String {
    page(
        &paper.title,
        &format!(
            "<div class=\"position\">您现在的位置：<a href=\"/\">首页</a> &gt; <a href=\"../\">法治政府建设年度报告</a></div>\
             <h1 class=\"title\">{}</h1><div class=\"info\"><span>发布时间：{} 09:12</span><span>来源：县政府办</span></div>\
             {open}{}{close}<div class=\"tail\">扫一扫在手机打开当前页</div>",
            paper.title,
            paper.date,
            paper.body()
        ),
    )
}

/// A list page with these rows, and what stands below them.
pub(super) fn list_page(rows: &str, below: &str) -> String {
    page(
        "法治政府建设年度报告",
        &format!(
            "<div class=\"position\">您现在的位置：<a href=\"/\">首页</a> &gt; <a href=\"/zwgk/\">政务公开</a></div>\
             <div class=\"list\"><ul>\n{rows}</ul></div>{below}"
        ),
    )
}
