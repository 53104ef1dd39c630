//! Where the abbreviation of a document number begins.
//!
//! `按照天津市卫健委津卫医政〔2020〕12号` is cited as 津卫医政〔2020〕12号. The characters before the bracket are cut
//! behind the last word that no abbreviation holds (按照, 通知, 人民政府), behind the full name of a body, and behind
//! a particle at the beginning. What is left must look like an abbreviation; if in doubt there is no number.

use std::sync::LazyLock;

use crate::divisions;

/// Longest abbreviation: `联防联控机制综发` and `国卫疾控传防便函` have eight characters.
const LONGEST: usize = 12;

/// Words that no abbreviation holds: it begins behind the last of them.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "根据 按照 依据 依照 遵照 参照 对照 参见 详见 落实 执行 贯彻 确保 关于 废止 \
     出台 印发 下发 转发 制定 发布 以及 通知 意见 通告 公告 批复 决定 办法 方案 \
     规定 细则 措施 若干 纲要 文件 条例 精神 文号 字号 编号 附件 人民政府 省政府 市政府 \
     县政府 区政府 政府办公厅 政府办公室 国务院 办公厅 办公室 委员会 指挥部 领导小组 \
     总局 财政部 教育部 公安部 民政部 司法部 商务部 科技部 水利部 我省 我市 我县 我区 \
     号 的 了 还 要 等 院 该 按"
        .split_whitespace()
        .collect()
});

/// Words that may stand at the beginning of what is left, and are no part of it.
const PARTICLES: [char; 19] = [
    '和', '及', '与', '或', '据', '依', '见', '从', '为', '由', '将', '即', '是', '在', '对', '于', '因',
    '如', '以',
];

/// Organs whose general office (办) may be followed by its department of law (法): 国中医药办法监, 建办法函.
const WITH_OFFICE: [char; 24] = [
    '药', '卫', '环', '建', '财', '教', '科', '商', '农', '水', '林', '交', '民', '公', '安', '文', '体',
    '社', '税', '信', '应', '广', '能', '海',
];

/// Endings that no abbreviation has.
const BAD_ENDINGS: [char; 8] = ['省', '镇', '村', '的', '了', '号', '年', '月'];

/// What is no abbreviation although it may stand alone before a bracket.
const NO_ABBREVIATIONS: [&str; 9] = [
    "公告", "通告", "通知", "附件", "附表", "文件", "编号", "版本", "其他",
];

/// Index at which the abbreviation begins in the Han characters before a bracket; `None` when there is none.
///
/// `after_digit`: a digit stands before these characters.
pub(super) fn begin(chars: &[char], after_digit: bool) -> Option<usize> {
    let mut begin = behind_last_word(chars);
    begin += behind_body(&chars[begin..]);
    if after_digit
        && begin == 0
        && chars
            .first()
            .is_some_and(|c| "年月日号条款项次个届期".contains(*c))
    {
        begin += 1;
    }
    while chars.len() > begin + 2 && PARTICLES.contains(&chars[begin]) && !is_organ(chars[begin + 1]) {
        begin += 1;
    }
    fits(&chars[begin..]).then_some(begin)
}

/// Whether a string can be the whole abbreviation.
pub(super) fn is_plausible(prefix: &str) -> bool {
    let chars: Vec<char> = prefix.chars().collect();
    chars.iter().all(|&c| crate::fold::is_han(c))
        && fits(&chars)
        && behind_last_word(&chars) + behind_body(&chars) == 0
}

fn fits(prefix: &[char]) -> bool {
    // The Supreme Court's own is one character.
    let long_enough = prefix.len() >= 2 || prefix == ['法'];
    let bad = prefix.last().is_none_or(|last| BAD_ENDINGS.contains(last));
    let word: String = prefix.iter().collect();
    let name = NO_ABBREVIATIONS.contains(&word.as_str()) || !divisions().named(&word).is_empty();
    long_enough && prefix.len() <= LONGEST && !bad && !name
}

/// The second character of the numbers of a government, party committee or office: with it 和 is 和县, 即 is 即墨.
fn is_organ(c: char) -> bool {
    matches!(c, '政' | '府' | '委' | '办' | '党')
}

fn behind_last_word(chars: &[char]) -> usize {
    let ends_here = |end: usize| {
        !is_office_of_law(chars, end)
            && WORDS.iter().any(|word| {
                word.chars()
                    .rev()
                    .eq(chars[..end].iter().rev().copied().take(word.chars().count()))
            })
    };
    // Some price bureaus number their announcements like documents: 沪价公告〔2017〕3号.
    let announcement = chars.ends_with(&['公', '告']) && (3..=6).contains(&chars.len());
    let last = if announcement {
        chars.len() - 1
    } else {
        chars.len()
    };
    (1..=last).rev().find(|&end| ends_here(end)).unwrap_or(0)
}

/// Whether the 办法 that ends at `end` is an office and a department, and not the word for a regulation.
fn is_office_of_law(chars: &[char], end: usize) -> bool {
    const LONGEST_ORGAN: usize = 4;
    let Some(organ) = chars[..end].strip_suffix(&['办', '法']) else {
        return false;
    };
    organ.len() <= LONGEST_ORGAN && organ.last().is_some_and(|last| WITH_OFFICE.contains(last))
}

/// Behind the full name of a department that is followed by its abbreviation: `国家发展改革委发改价格`.
///
/// In abbreviations 委, 部, 厅 and 局 stand near the front (`工信部联企业`, `人社厅发`), in full names they do not.
fn behind_body(chars: &[char]) -> usize {
    let ends = |at: usize| match chars[at] {
        '局' => at >= 3 && chars.len() - at > 2,
        '厅' => at >= 3 && chars.len() - at > 3,
        '委' | '部' => at >= 4 && chars.len() - at > 3,
        _ => false,
    };
    (0..chars.len()).rev().find(|&at| ends(at)).map_or(0, |at| at + 1)
}
