//! What is suggested for which query, and for which nothing is.

use super::*;

fn hints(q: &str, mode: Mode) -> Vec<(usize, String)> {
    let suggestions = suggestions(q, mode).into_iter();
    suggestions.map(|found| (found.position, found.hint)).collect()
}

#[test]
fn slips_are_told_with_their_place_and_what_to_write() {
    for (q, position, hint) in [
        ("法治 or 依法", 3, "write OR in capitals"),
        ("法治 ＯＲ 依法", 3, "of half width"),
        ("法治 And 依法", 3, "AND"),
        ("not 转发", 0, "NOT"),
        ("法治 或 依法", 3, "OR"),
        ("法治 || 依法", 3, "OR"),
        ("法治 和 依法", 3, "leave it out"),
        ("法治 && 依法", 3, "leave it out"),
        ("法治 非 转发", 3, "NOT"),
        ("法治 －转发", 3, "-转发"),
        ("法治 !转发", 3, "NOT 转发"),
        ("+法治 依法", 0, "write 法治"),
        ("（法治 OR 依法） 建设", 0, "( and )"),
        ("＂法治 政府＂", 0, "“…”"),
        ("『法治 政府』", 0, "「…」"),
        ("title：法治", 0, "title:法治"),
        ("标题:法治", 0, "title:法治"),
        ("法治 年份：2023", 3, "year:2023"),
        ("法治 2019..2023", 3, "year:2019..2023"),
        ("\"甲\" near/5 \"乙\"", 4, "NEAR/5"),
        ("法?治", 0, "longer words"),
        ("法治＊", 0, "longer words"),
        ("张** 处罚", 0, "longer words"),
        ("docno:国发(2023)1号", 0, "docno:\"…(…)…\""),
        ("region:朝阳", 0, "北京市朝阳区 110105"),
        ("法治 county:新津县", 3, "510118"),
        ("province:湘", 0, "湖南省 430000"),
    ] {
        let found = hints(q, Mode::Words);
        assert!(
            matches!(&found[..], [(at, said), ..] if *at == position && said.contains(hint)),
            "{q}: {found:?}"
        );
    }
    assert!(hints("“法治”", Mode::Exact)[0].1.contains("leave them out"));
    assert!(hints("法治 朝阳", Mode::Loose)[0].1.contains("211300"));
    for (name, code) in [
        ("襄樊", "湖北省襄阳市 420600"),
        ("新津", "510118"),
        ("新津县", "510118"),
        ("崇文", "110101"),
        ("常宁", "湖南省衡阳市常宁市 430482"),
        ("沪", "上海市 310000"),
    ] {
        let found = hints(&format!("法治 {name}"), Mode::Loose);
        assert!(
            matches!(&found[..], [(3, said)] if said.contains(code)),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn what_is_usual_is_left_alone() {
    for q in [
        "法治 OR 依法",
        "\"法治\" NEAR/5 \"依法\" -转发",
        "国发〔2023〕1号（试行）",
        "（试行）",
        "12:30 PM2.5 1+X 互联网+",
        "title:法治政府 year:2019..2023 region:430482 county:常宁市",
        "营商环境有哪些问题？",
        "是什么?",
        "\"a*b\" 怎么办? 找谁？",
        "或者",
        "和平",
        "《条例》",
        "——加强领导",
        "a-b",
        "region:海原县",
    ] {
        assert_eq!(hints(q, Mode::Words), [], "{q}");
    }
    assert_eq!(hints("a OR b", Mode::Exact), []);
    assert_eq!(hints("和平发展 城区 云 法治", Mode::Loose), []);
}

#[test]
fn suggestions_are_few() {
    assert_eq!(
        suggestions(&"or ".repeat(500), Mode::Words).len(),
        MAX_SUGGESTIONS
    );
}

#[test]
fn pages_are_told_the_same_in_chinese() {
    for (q, message, hint) in [
        ("法治 ＯＲ 依法", "ＯＲ 按普通词语检索", "半角大写 OR"),
        ("法治 或 依法", "或 不是运算符", "OR"),
        ("标题:法治", "标题： 按普通词语检索", "title:法治"),
        ("region:朝阳", "所有行政区划", "北京市朝阳区 110105"),
        ("法治 county:新津县", "按现行名称检索", "510118"),
    ] {
        let found = suggestions(q, Mode::Words).pop().unwrap();
        let chinese = &found.chinese;
        assert!(
            chinese.message.contains(message) && chinese.hint.contains(hint),
            "{q}: {chinese:?}"
        );
    }
}
