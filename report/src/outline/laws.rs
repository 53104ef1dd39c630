//! Laws that every outline keeps, whatever the text.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[一二三十]{1,2}[、.][甲乙丙。,]{0,8}",
        "[(（]?[一二十]{1,2}[)）][甲乙丙。,]{0,60}",
        "[\u{3000} ]{0,2}[0-9１]{1,3}[.、][甲乙丙0-9。]{0,6}",
        "[(]?[0-9]{1,2}[)][甲乙丙]{0,6}",
        "[①⑴㈠⒈][甲乙丙]{0,4}",
        "第[一二]{1,2}[章节条][ 甲。]{0,6}",
        "[甲乙丙工作情况问题下一步]{0,50}。?",
        "[甲乙丙]{6,20}",
        "[　 ]{0,2}[一二三四]是[甲乙，。；]{0,12}[一二三四]是[甲乙。]{0,8}",
        "([甲乙]{0,4}[，。；:]?(一|二|三|四)(是|要|、)){1,6}",
        "(首先|其次|最后|第一,|第二,|其一:|其二:)[甲乙。]{0,8}(首先|其次|最后|第一,|第二,)?[甲乙]{0,4}",
        "——[甲乙丙丁]{0,12}",
        "第[一二三](部分|编|分编|篇)[ 甲：]{0,6}",
        "附件[:：]?[0-9.]{0,2}",
        "[0-9]{1,4}",
        "[甲乙]{1,3}\\t[甲乙一、]{0,4}",
        ".{0,20}",
    ];
    proptest::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn sections_nest_and_nothing_is_lost(text in texts()) {
        let sections = outline(&text);
        let chars: Vec<char> = text.chars().collect();
        let end = chars.len();
        let mut joined: String = chars[..sections.first().map_or(end, |first| first.start)].iter().collect();
        for (at, section) in sections.iter().enumerate() {
            prop_assert!(section.start < section.end && section.end <= end);
            prop_assert!(section.level > 0 && !section.path.is_empty());
            for later in &sections[at + 1..] {
                prop_assert!(later.start > section.start);
                // Below it and inside, or behind it.
                let inside = later.level > section.level && later.end <= section.end;
                prop_assert!(later.start >= section.end || inside);
                let below = format!("{}/", section.path);
                prop_assert!(later.start >= section.end || later.path.starts_with(&below));
            }
            // The own text of each section, up to the next heading of any level.
            let next = sections.get(at + 1).map_or(end, |next| next.start);
            joined.extend(&chars[section.start..next]);
        }
        prop_assert_eq!(joined, text);
        let paths: HashSet<_> = sections.iter().map(|section| &section.path).collect();
        prop_assert_eq!(paths.len(), sections.len(), "a path finds one section");
    }

    /// The parts of the text that no smaller section has, put together, are the text.
    #[test]
    fn leaves_and_the_text_between_them_are_the_text(text in texts()) {
        let sections = outline(&text);
        let chars: Vec<char> = text.chars().collect();
        let leaves = sections.iter().enumerate().filter(|(at, section)| {
            sections.get(at + 1).is_none_or(|next| next.start >= section.end)
        });
        let (mut joined, mut at) = (String::new(), 0);
        for (_, leaf) in leaves {
            joined.extend(&chars[at..leaf.start]);
            joined.extend(&chars[leaf.start..leaf.end]);
            at = leaf.end;
        }
        joined.extend(&chars[at..]);
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn headings_stand_where_they_begin(text in texts()) {
        for section in outline(&text) {
            let own: String = text.chars().skip(section.start).take(section.end - section.start).collect();
            let first = own.split('\n').next().unwrap_or_default().replace('\t', " ");
            prop_assert!(first.contains(&section.heading), "{:?} in {:?}", section.heading, first);
            let points = section.is_inline();
            prop_assert!(!points || !own.contains('\n'), "a point ends with its paragraph");
            prop_assert!(!points || own.starts_with(&section.number));
        }
    }

    #[test]
    fn any_text_at_all_is_read(text in any::<String>()) {
        let end = text.chars().count();
        prop_assert!(outline(&text).iter().all(|section| section.start < section.end && section.end <= end));
    }
}
