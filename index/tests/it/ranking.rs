//! What is better comes first.

use std::time::Instant;

use index::{Mode, Reader, SearchRequest, Writer};
use report::Report;

use crate::support::{SMALL, TestIndex, query, report};

/// Reports that make the words of the others usual ones.
fn others() -> impl Iterator<Item = Report> {
    (0..150).map(|nth| {
        let text =
            format!("第{nth}号\n优化服务。\n改善环境卫生。\n营造氛围,商讨办法。\n怎么办理可以咨询窗口。");
        report(&format!("other-{nth}"), "工作情况", &text)
    })
}

fn order(reports: Vec<Report>, q: &str, mode: Mode) -> Vec<String> {
    let index = TestIndex::new(reports);
    let request = SearchRequest { mode, ..query(q) };
    let hits = index.search(&request).hits;
    hits.iter().map(|hit| hit.report.id.to_string()).collect()
}

fn ranked(reports: Vec<Report>, q: &str, mode: Mode) -> Vec<String> {
    order(others().chain(reports).collect(), q, mode)
}

#[test]
fn words_side_by_side_come_before_words_apart() {
    let apart = "优化。\n办事方便。\n营商。\n环境。\n依法办事,热情服务。";
    let together = "依法办事,热情服务。\n办事方便。\n优化营商环境。";
    for mode in [Mode::Words, Mode::Any] {
        let reports = vec![
            report("a-apart", "通知", apart),
            report("b-together", "通知", together),
        ];
        let found = ranked(reports, "优化 营商 环境", mode);
        assert_eq!(found[..2], ["b-together", "a-apart"], "{mode}");
    }
}

#[test]
fn a_title_comes_before_a_text() {
    let filling = "依法办事,热情服务。".repeat(5);
    for mode in [Mode::Words, Mode::Any] {
        let reports = vec![
            report("a-text", "通知公告", &format!("优化营商环境。\n{filling}")),
            report("b-title", "优化营商环境", &format!("通知公告。\n{filling}")),
        ];
        assert_eq!(
            ranked(reports, "优化营商环境", mode)[..2],
            ["b-title", "a-text"],
            "{mode}"
        );
    }
}

#[test]
fn what_a_question_is_about_counts_more_than_how_it_asks() {
    let reports = vec![
        report("a-asks", "通知", "个人怎么可以办理。"),
        report("b-about", "通知", "个体工商户依法登记。"),
    ];
    let found = ranked(reports, "个体工商户怎么办理", Mode::Any);
    assert_eq!(found[0], "b-about");
}

#[test]
fn the_same_reports_have_the_same_order_in_another_index() {
    let reports: Vec<_> = others().chain([report("x", "优化", "服务")]).collect();
    let backwards: Vec<_> = reports.iter().rev().cloned().collect();
    for q in ["优化服务", "第149号 怎么办"] {
        let request = SearchRequest {
            mode: Mode::Any,
            limit: 100,
            ..query(q)
        };
        let answers = [&reports, &backwards].map(|reports| {
            let dir = tempfile::tempdir().unwrap();
            let mut writer = Writer::open(dir.path(), SMALL).unwrap();
            reports.iter().for_each(|report| writer.upsert(report).unwrap());
            writer.commit(1).unwrap();
            let reader = Reader::open(dir.path()).unwrap();
            let hits = reader.search(&request, Instant::now()).unwrap().hits.into_iter();
            hits.map(|hit| (hit.report.id.to_string(), hit.score.to_bits()))
                .collect::<Vec<_>>()
        });
        assert_eq!(answers[0], answers[1], "{q}");
    }
}
