//! Lines of cards and bars, and lines that only look alike.

use super::*;

fn card(line: &str) -> Card {
    shape(line).card
}

fn is_bar(line: &str) -> bool {
    shape(line).is_bar
}

fn read(line: &str) -> Vec<(Label, String)> {
    fields(line)
        .into_iter()
        .map(|field| (field.label, field.value))
        .collect()
}

fn value(line: &str, label: Label) -> Option<String> {
    fields(line)
        .into_iter()
        .find(|field| field.label == label)
        .map(|field| field.value)
}

#[test]
fn cards_without_colons() {
    let line = "索引号 430482001/2023-00346 文号 宁政办发〔2023〕34号 生成日期 2023-07-04 09:56:34";
    assert_eq!(
        read(line),
        [
            (Label::Index, "430482001/2023-00346".to_owned()),
            (Label::Number, "宁政办发〔2023〕34号".to_owned()),
            (Label::Made, "2023-07-04 09:56:34".to_owned())
        ]
    );
    let line = "公开方式 主动公开 所属机构 清河县政府办 责任部门 清河县政府办";
    assert_eq!(value(line, Label::Keeper).as_deref(), Some("清河县政府办"));
}

#[test]
fn cards_in_cells_with_spaced_labels_and_empty_values() {
    let line = "索 引 号：\t430482001/2023-00346\t发布机构：\t清河县政府办公室";
    assert_eq!(value(line, Label::Index).as_deref(), Some("430482001/2023-00346"));
    assert_eq!(value(line, Label::Publisher).as_deref(), Some("清河县政府办公室"));
    let line = "文　　号：\t\t成文日期：\t2023年7月4日\t有 效 性：\t";
    assert_eq!(read(line), [(Label::Signed, "2023年7月4日".to_owned())]);
}

#[test]
fn bars_may_be_glued_and_unclosed() {
    let line = "发布日期:2024-02-27 09:28信息来源:清河区司法局 【字体:";
    assert_eq!(value(line, Label::Published).as_deref(), Some("2024-02-27 09:28"));
    assert_eq!(value(line, Label::Source).as_deref(), Some("清河区司法局"));
    assert_eq!(
        value("发布时间2024-02-27 09:28", Label::Published).as_deref(),
        Some("2024-02-27 09:28")
    );
    let line = "时间：2023-07-04　来源：　浏览次数：35　字体：【大 中 小】";
    assert_eq!(value(line, Label::Published).as_deref(), Some("2023-07-04"));
    assert_eq!(value(line, Label::Source), None);
}

#[test]
fn sentences_have_no_fields() {
    for line in [
        "项目资金来源：财政拨款占六成。",
        "做好信息发布工作，及时更新时间安排",
        "根据文号要求办理",
    ] {
        assert_eq!(read(line), [], "{line}");
        assert_eq!(card(line), Card::No, "{line}");
    }
}

#[test]
fn cards_are_told_from_text() {
    for line in [
        "索引号：430482001/2023-00346",
        "发文机关：清河县人民政府",
        "主题分类\t司法行政\t发文日期\t2023-07-04",
    ] {
        assert_eq!(card(line), Card::Sure, "{line}");
    }
    for line in [
        "公开方式 主动公开 所属机构 清河县政府办",
        "责任单位：县司法局、各乡镇人民政府",
        "公开方式：主动公开",
        "文 号：",
    ] {
        assert_ne!(card(line), Card::No, "{line}");
    }
    assert_eq!(card("责任单位：县司法局、各乡镇人民政府"), Card::Maybe);
    for line in [
        "日期：2021年2月22日",
        "一、责任部门：各乡镇人民政府",
        "索引号是公开目录的编号。",
        "分类施策",
    ] {
        assert_eq!(card(line), Card::No, "{line}");
    }
}

#[test]
fn labels_of_traditional_script_and_after_a_clock_are_read() {
    let line = "發布時間：2020-03-18 來源：縣司法局";
    assert_eq!(value(line, Label::Published).as_deref(), Some("2020-03-18"));
    assert_eq!(value(line, Label::Source).as_deref(), Some("縣司法局"));
    let line = "2021-02-2709:28信息来源:区司法局浏览次数:211【字体:大中小】";
    assert_eq!(value(line, Label::Source).as_deref(), Some("区司法局"));
    let line = "发布时间：2020/03/05 11:30:01 / 作者：法制股 / 来源：清河县司法局 / 点击：88";
    assert_eq!(value(line, Label::Source).as_deref(), Some("清河县司法局"));
}

#[test]
fn one_label_with_its_day_makes_a_bar() {
    for line in [
        "清河县农业农村局 更新时间：2022-05-17",
        "【信息时间：2023-02-10】",
        "发布日期：2024年1月12日 09:28",
    ] {
        assert!(is_bar(line), "{line}");
    }
    for line in [
        "时间：2023年7月4日上午9:00",
        "报名时间：2023-07-04至2023-07-10，逾期不予受理，请相互转告",
        "发布时间：另行通知",
    ] {
        assert!(!is_bar(line), "{line}");
    }
}

#[test]
fn a_value_right_behind_a_label_without_a_colon_must_speak_for_itself() {
    for (line, label, expected) in [
        ("索引号430482001/2023-00346", Label::Index, "430482001/2023-00346"),
        (
            "发文机关清河县人民政府办公室",
            Label::Issuer,
            "清河县人民政府办公室",
        ),
        ("文号清政办发〔2023〕34号", Label::Number, "清政办发〔2023〕34号"),
    ] {
        assert_eq!(value(line, label).as_deref(), Some(expected), "{line}");
    }
    for line in [
        "发文机关标志由发文机关全称加文件二字组成",
        "索引号由县政务公开办统一编制",
        "文号应当按照年度编排",
        "发布机构应当核对内容",
    ] {
        assert!(fields(line).is_empty(), "{line}");
    }
}
