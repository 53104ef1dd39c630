//! Bodies of the state as a whole: what they issue has no region.

use report::RegionCode;

/// The code that stands for the whole country among the evidence. No division bears it.
pub(super) fn nation() -> Option<RegionCode> {
    "100000".parse().ok()
}

pub(super) fn is_nation(code: RegionCode) -> bool {
    code.number() == 100_000
}

/// How names of central bodies begin.
const BODIES: &str = "国务院 中共中央 中央人民政府 中央军委 中央办公厅 中央纪委 中央组织部 中央宣传部 中央政法委 中央网信办 中央编办 中央机构编制委员会 \
    中央全面依法治国委员会 中央文明委 中央文明办 中央精神文明建设指导委员会 中央综治委 中央农村工作领导小组 \
    全国人民代表大会 全国人大 全国政协 中国人民政治协商会议全国委员会 最高人民法院 最高人民检察院 中国政府网 \
    外交部 国防部 国家发展和改革委员会 国家发展改革委 国家发改委 国家计委 国家经贸委 国家体改委 教育部 国家教委 科学技术部 科技部 国家科委 工业和信息化部 \
    国家民族事务委员会 国家民委 公安部 国家安全部 民政部 司法部 财政部 人力资源和社会保障部 人力资源社会保障部 人社部 劳动和社会保障部 劳动保障部 劳动部 人事部 \
    自然资源部 国土资源部 地质矿产部 生态环境部 环境保护部 住房和城乡建设部 住房城乡建设部 建设部 交通运输部 交通部 铁道部 水利部 农业农村部 农业部 林业部 \
    商务部 对外贸易经济合作部 外经贸部 信息产业部 文化和旅游部 文化部 国家卫生健康委员会 国家卫生健康委 国家卫生计生委 国家卫生和计划生育委员会 卫生部 国家计生委 \
    退役军人事务部 退役军人部 应急管理部 中国人民银行 人民银行 审计署 国务院国资委 国家统计局 国家税务总局 税务总局 海关总署 国家市场监督管理总局 市场监管总局 \
    国家工商行政管理总局 国家工商行政管理局 国家质量监督检验检疫总局 国家质检总局 国家广播电视总局 国家体育总局 国家知识产权局 国家医疗保障局 国家医保局 国家版权局 \
    国家新闻出版署 国家新闻出版广电总局 国家机关事务管理局 国家能源局 国家粮食和物资储备局 国家粮食局 国家烟草专卖局 国家林业和草原局 国家林业局 国家铁路局 \
    中国民用航空局 国家邮政局 国家文物局 国家中医药管理局 国家矿山安全监察局 国家疾病预防控制局 国家外汇管理局 国家药品监督管理局 国家药监局 国家档案局 国家保密局 \
    国家密码管理局 国家互联网信息办公室 国家网信办 国家乡村振兴局 国家信访局 国家数据局 国家金融监督管理总局 中国银行保险监督管理委员会 中国银保监会 中国证券监督管理委员会 \
    中国证监会 中国银监会 中国保监会 银保监会 证监会 中国气象局 中国地震局 中国科学院 中国工程院 国家标准化管理委员会 国家认证认可监督管理委员会 国家移民管理局 国家公务员局 \
    国家环境保护总局 国家环保总局 环保总局 国家安全生产监督管理总局 国家安全监管总局 国家旅游局 国家测绘局 国家海洋局 国家食品药品监督管理总局 国家食品药品监督管理局 \
    国家土地管理局 国家语委 国家档案局 全国老龄工作委员会 全国绿化委员会 全国爱国卫生运动委员会 全国普法办公室 全国总工会 中华全国总工会 共青团中央 全国妇联 \
    中华人民共和国";

/// The central body that a text begins with, as bytes of the text.
///
/// Their branches are not meant: 国家税务总局海原县税务局 is a body of the county. So where a name follows, nothing is
/// found; `place` says whether a text begins with one.
pub(super) fn leading(text: &str, place: impl Fn(&str) -> bool) -> Option<usize> {
    let body = BODIES
        .split_whitespace()
        .filter(|body| text.starts_with(body))
        .max_by_key(|body| body.len())?;
    (!place(&text[body.len()..])).then_some(body.len())
}

/// Bytes of the central body whose branch a text begins with: of 国家税务总局海原县税务局 the first six characters.
pub(super) fn of_branch(text: &str, place: impl Fn(&str) -> bool) -> usize {
    let body = BODIES
        .split_whitespace()
        .filter(|body| text.starts_with(body))
        .max_by_key(|body| body.len());
    body.map(str::len)
        .filter(|end| place(&text[*end..]))
        .unwrap_or_default()
}

/// Document numbers of the central party and government: 国发〔2019〕1号.
pub(super) fn has_number(number: &str) -> bool {
    [
        "国发",
        "国办",
        "国函",
        "国令",
        "国务院令",
        "国阅",
        "国密",
        "中发",
        "中办",
        "中委",
        "厅字〔",
        "厅发〔",
        "财税〔",
        "主席令",
    ]
    .iter()
    .any(|prefix| number.starts_with(prefix))
}

/// Whether a host below `gov.cn` is one of the State Council's or of a body of it: the label before `gov.cn`.
pub(super) fn has_host(label: &str) -> bool {
    const LABELS: &str = "www gov fmprc mod ndrc moe most miit neac seac mps mca moj mof mohrss mnr mlr mee mep mohurd mot mwr moa mofcom mct mcprc nhc nhfpc moh mva mem chinasafety \
        pbc audit sasac chinatax customs samr saic aqsiq nrta sport stats nhsa cnipa sipo ncac nia cidca nea lswz chinagrain tobacco forestry nra caac spb ncha sach satcm \
        chinamine-safety ndcpa cdc safe nmpa cfda sda saac oscca cac nfra cbirc cbrc circ csrc cma cea gqb hmo npc cppcc court spp ccdi";
    LABELS.split_whitespace().any(|known| known == label)
}
