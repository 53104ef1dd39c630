//! Who issued a document, what kind of body that is, and where the page says the text comes from.

use std::sync::LazyLock;

use regex::Regex;
use report::IssuerType;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    evidence::{Finding, Found, Origin, reject},
    genre,
    labels::Label,
    signature::Signature,
};

mod titled;

patterns! {
    /// A line, or a value, that is the name of a public body.
    BODY = r"^(中共)?[\p{Han}]{2,36}(人民政府|政府|国务院|办公室|办公厅|政府办|委员会|管委会|[\p{Han}]局|[\p{Han}][厅署]|[\p{Han}]委|[\p{Han}]院|党组|街道办事处|办事处|领导小组|指挥部"
           r"|总队|支队|大队|中心|联合会|总工会|协会|公司|[县市区州]委|[县市区]政府|纪委监委|政府办公室|合作社|合作社联合社)([(（][\p{Han}]{2,10}[)）])?$";
    GOVERNMENT = r"(人民政府|国务院)$|(人民政府|政府|国务院)(办公室|办公厅)$|政府办$|^[\p{Han}]{0,12}[县市区州省旗盟]政府$|(开发区|高新区|新区|示范区|园区|保税区|景区|度假区|合作区|试验区|实验区|集聚区|集中区|港区|经济区|经开区|科技园|产业园|工业园)(管理委员会|管委会)$";
    TOWNSHIP = r"([\p{Han}]{1,8}(镇|乡|苏木|街道))(人民政府|政府|办事处|党政办公室|党委|党工委|办公室)?$";
    PARTY = r"^中共|(县|市|区|州|省|旗|盟|自治区)委(办公室|办公厅)?$|纪委|纪律检查委员会|党组$|党委$|(依法治|法治建设|依法治理).{0,8}(委员会|领导小组)办公室$"
            r"|(宣传部|组织部|统战部|政法委(员会)?|编办)$";
    /// Congresses, consultative conferences, courts and procuratorates are no part of the government.
    NOT_GOVERNMENT = r"人民代表大会|人大(常委会)?(办公室|办公厅)?$|[省市县区州旗国]人大|政治协商会议|政协|法院$|检察院$";
    MEDIA = r"(报|报社|日报|晚报|晨报|时报|周报|导报|通讯社|社|电视台|广播电台|融媒体中心|融媒|传媒中心|全媒体|新闻网|日报网|在线|网|新闻客户端|杂志|新华社|央视|客户端)$";
    /// A newspaper in a byline.
    REPORTER = r"([\p{Han}]{2,10}(?:报|社|台|网|新闻|融媒))(?:社)?(?:全媒体|融媒体|首席|见习|实习|特约)*(?:记者|通讯员|讯)";
    PLACEHOLDER = r"^(网站名称|网站域名|本站|本站原创|本网|本网站|原创|网络|互联网|转载|未知|其他|无|暂无|空|null|none|undefined|admin|(系统|超级)?管理员|--*|/|(稿件|文章|信息|内容|新闻|默认)?来源|(文章|信息)?作者|栏目名称)$"
                  r"|[$#{}<>%=]|^(请输入|请选择)";
    /// A body named without its place: 县政府办公室, 区司法局.
    SHORT = r"^[我本全]?[省市州县区旗盟乡镇]|^(人民)?政府";
}

/// Whether a line is nothing but the name of a public body.
pub(crate) fn is_body_name(line: &str) -> bool {
    // Nearly every line of a text ends here, before it is copied.
    let is_of_sentences =
        |c| matches!(c, '!'..='\'' | '*'..='~' | '，' | '。' | '、' | '；' | '：' | '“' | '”' | '《' | '》');
    if line.contains(is_of_sentences) {
        return false;
    }
    let compacted = compact(line);
    compacted.chars().count() <= 40 && BODY.is_match(&compacted)
}

/// The issuing body (发文机关): the card's cell, the signature, the body the title begins with, who published it.
///
/// A cell 发布机构 names the issuer on most sites and on some the office that put the page there, so that a signature
/// or a title with the full name of a body comes before it. 责任部门 is the last that is asked.
pub(crate) fn issuer<'d>(
    document: &'d Document<'_>,
    signature: Option<&Signature<'d>>,
) -> Finding<'d, String> {
    let mut rejected = Vec::new();
    let mut cell = |label| {
        let mut cells = document.fields.iter().filter(|field| field.label == label);
        cells.find_map(|field| {
            let body = bodies(&field.value);
            if is_body_name(&first_word(&body)) {
                return Some(Found::new(body, "label", field.words.as_str()));
            }
            let why = "it is not the name of a public body";
            reject(&mut rejected, field.words.as_str(), why);
            None
        })
    };
    let signed = || {
        let signature = signature?;
        let body = signature.body.clone()?;
        Some(Found::new(body, "signature", signature.body_line))
    };
    let titled = || {
        // The title of an interpretation begins with the issuer of what it interprets.
        let title = document
            .title()
            .filter(|title| !genre::is_interpretation(title))?;
        Some(Found::new(titled::issuer(title)?, "title", title))
    };
    let full = |found: &Found<'d, String>| !SHORT.is_match(&found.value);

    let found = cell(Label::Issuer)
        .or_else(|| signed().filter(full))
        .or_else(|| titled().filter(full))
        .or_else(|| cell(Label::Publisher))
        .or_else(signed)
        .or_else(titled)
        .or_else(|| cell(Label::Keeper));
    Finding { found, rejected }
}

/// The names of bodies that a cell begins with: all of a joint document, or the first word.
fn bodies(value: &str) -> String {
    let separators = [' ', '\t', '、', ',', '，', ';', '；'];
    let value = value.trim();
    let mut words = value.split(separators).filter(|word| !word.is_empty());
    if words.all(is_body_name) {
        value.to_owned()
    } else {
        first_word(value)
    }
}

/// Up to the first blank.
fn first_word(value: &str) -> String {
    let word = value
        .split([' ', '\t', '、', ',', '，', ';', '；'])
        .next()
        .unwrap_or_default();
    word.trim().to_owned()
}

/// Where the page says the text comes from (信息来源), or the newspaper of a byline.
pub(crate) fn source<'d>(document: &'d Document<'_>) -> Finding<'d, String> {
    let mut rejected = Vec::new();
    let page = document.page;
    let meta = |name| {
        let content = page.meta(&[name])?;
        Some((content, "meta", Origin::Meta(name, content)))
    };
    // What 国办发〔2017〕47号 asks for; the others are left over from the template as often as not.
    let official = meta("contentsource");
    let others = ["source", "article:author"].into_iter().filter_map(meta);
    let marked = page.marked_source.as_deref();
    let marked = marked.map(|words| (words, "comment", words.into()));
    let labelled = document
        .fields
        .iter()
        .filter(|field| field.label == Label::Source);
    let labelled = labelled.map(|field| (field.value.as_str(), "label", field.words.as_str().into()));
    let mut values = official.into_iter().chain(marked).chain(labelled).chain(others);
    let told = values.find_map(|(value, basis, from)| {
        let source = clean_source(value);
        if source.is_none() {
            reject(&mut rejected, from.clone(), "it names nobody");
        }
        Some(Found::new(source?, basis, from))
    });
    let found = told.or_else(|| newspaper(document));
    Finding { found, rejected }
}

fn clean_source(value: &str) -> Option<String> {
    let value = value
        .trim()
        .trim_start_matches("来源")
        .trim_start_matches([':', '：']);
    let end = [
        "作者", "浏览", "点击", "字体", "字号", "编辑", "发布", "举报", "http",
    ]
    .iter()
    .filter_map(|word| value.find(word))
    .min();
    let value = value[..end.unwrap_or(value.len())]
        .trim_matches(|c: char| c.is_whitespace() || "|【】[]()（）,，;；/".contains(c));
    let chars = value.chars().count();
    let told = (2..=40).contains(&chars) && value.chars().any(char::is_alphabetic);
    (told && !PLACEHOLDER.is_match(value)).then(|| value.to_owned())
}

/// The newspaper of a reporter named above or at the beginning of the text.
fn newspaper<'d>(document: &'d Document<'_>) -> Option<Found<'d, String>> {
    let mut first = document.lines().map(|(line, _)| line.text.as_str()).take(3);
    first.find_map(|line| {
        let head: String = line.chars().take(60).collect();
        let paper = REPORTER.captures(&head)?.get(1)?.as_str();
        let paper = paper.trim_start_matches("本报讯");
        let named = !matches!(paper, "本报" | "本社" | "本台" | "本网");
        named.then(|| Found::new(paper.to_owned(), "byline", line))
    })
}

/// What kind of body the issuer is, the first of joint ones; of a text without one, whether its source is a medium.
pub(crate) fn kind<'d>(issuer: Option<&str>, source: Option<&str>) -> Option<Found<'d, IssuerType>> {
    let Some(issuer) = issuer else {
        let source = source.filter(|source| is_medium(source))?;
        return Some(Found::new(IssuerType::Media, "source", source.to_owned()));
    };
    Some(Found::new(kind_of(issuer), "issuer", issuer.to_owned()))
}

fn kind_of(issuer: &str) -> IssuerType {
    let first = issuer.split(['、', ' ', ',', '，']).next();
    let issuer = compact(first.filter(|first| is_body_name(first)).unwrap_or(issuer));
    if PARTY.is_match(&issuer) {
        IssuerType::Party
    } else if NOT_GOVERNMENT.is_match(&issuer) {
        IssuerType::Other
    } else if TOWNSHIP.is_match(&issuer) {
        IssuerType::Township
    } else if GOVERNMENT.is_match(&issuer) {
        IssuerType::Government
    } else if is_medium(&issuer) {
        IssuerType::Media
    } else if is_body_name(&issuer) {
        IssuerType::Department
    } else {
        IssuerType::Other
    }
}

/// Whether a source is a newspaper, broadcaster or news site.
pub(crate) fn is_medium(source: &str) -> bool {
    let source = compact(source);
    MEDIA.is_match(&source) && !source.contains("政府") && !source.contains("合作社")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_and_their_kinds() {
        for (name, expected) in [
            ("清河县人民政府", IssuerType::Government),
            ("清河县人民政府办公室", IssuerType::Government),
            ("清河县政府办", IssuerType::Government),
            ("清河经济技术开发区管理委员会", IssuerType::Government),
            ("清河县司法局", IssuerType::Department),
            ("清河县发展和改革委员会", IssuerType::Department),
            ("清河县城关镇人民政府", IssuerType::Township),
            ("清河县解放路街道办事处", IssuerType::Township),
            ("中共清河县委全面依法治县委员会办公室", IssuerType::Party),
            ("清河县委", IssuerType::Party),
            ("清河县旅游度假区管理委员会", IssuerType::Government),
            ("全国人民代表大会常务委员会", IssuerType::Other),
            ("清河县人大常委会", IssuerType::Other),
            ("清河县人民检察院", IssuerType::Other),
            ("清河日报社", IssuerType::Media),
            ("县政府", IssuerType::Government),
            ("清河县人民政府、清河县人民武装部", IssuerType::Government),
            ("清河县财政局、清河县人民政府办公室", IssuerType::Department),
            ("中共清河县委 清河县人民政府", IssuerType::Party),
        ] {
            assert_eq!(kind_of(name), expected, "{name}");
        }
        let medium = kind(None, Some("清河法治报")).unwrap();
        assert_eq!((medium.value, medium.basis), (IssuerType::Media, "source"));
        assert_eq!(kind(None, Some("清河县司法局")), None);
    }

    #[test]
    fn a_cell_holds_all_bodies_of_a_joint_document() {
        for (cell, expected) in [
            ("清河县人民政府", "清河县人民政府"),
            ("清河县财政局、清河县司法局", "清河县财政局、清河县司法局"),
            ("清河县财政局 清河县司法局", "清河县财政局 清河县司法局"),
            ("清河县司法局 打印", "清河县司法局"),
        ] {
            assert_eq!(bodies(cell), expected);
        }
    }

    #[test]
    fn sources_are_cleaned() {
        assert_eq!(clean_source("来源：清河日报").as_deref(), Some("清河日报"));
        assert_eq!(clean_source("清河区司法局 【").as_deref(), Some("清河区司法局"));
        assert_eq!(clean_source("本站原创"), None);
        assert_eq!(clean_source("网站名称"), None);
    }
}
