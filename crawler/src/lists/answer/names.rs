//! Names by which systems call the parts of their answers: without `-` and `_`, in lower case.

/// Names of a row's title, the better first.
pub(super) const TITLE: &[&str] = &[
    "title",
    "titleo",
    "doctitle",
    "articletitle",
    "newstitle",
    "infotitle",
    "showtitle",
    "maintitle",
    "fulltitle",
    "titlename",
    "subject",
    "bt",
    "wjbt",
    "xxmc",
    "wjmc",
    "filename",
    "name",
];

/// Names of a row's address, the better first.
pub(super) const LINK: &[&str] = &[
    "url",
    "posturl",
    "link",
    "linkurl",
    "href",
    "docpuburl",
    "puburl",
    "htmlurl",
    "articleurl",
    "detailurl",
    "staticurl",
    "pageurl",
    "viewurl",
    "visiturl",
    "infourl",
    "newsurl",
    "contenturl",
    "weburl",
    "linkto",
    "urlpath",
    "htmlpath",
    "lj",
];

/// Names of a row's date of publication, the better first.
pub(super) const DATE: &[&str] = &[
    "publishedtimestr",
    "publishedtime",
    "displaypublishtime",
    "firstpublishtime",
    "publishtime",
    "publishdate",
    "pubdate",
    "pubtime",
    "docreltime",
    "releasetime",
    "releasedate",
    "fbdate",
    "fbrq",
    "fbsj",
    "createdat",
    "createtime",
    "createdate",
    "infodate",
    "showdate",
    "showtime",
    "issuedate",
    "date",
    "time",
    "docpubtime",
    "addtime",
    "inputtime",
    "updatetime",
    "updatedat",
];

/// Names of the number of all rows.
pub(super) const TOTAL: &[&str] = &[
    "total",
    "totalcount",
    "totalnum",
    "totalnumber",
    "totalrecord",
    "totalrecords",
    "totalrow",
    "totalrows",
    "totalelements",
    "totalsize",
    "recordcount",
    "recordtotal",
    "recordstotal",
    "rowcount",
    "postcount",
    "allcount",
    "itemcount",
    "records",
];

/// Names of a number that may be of all rows or of those of one page.
pub(super) const TOTAL_OR_ROWS: &[&str] = &["count", "num"];

/// Names of the number of pages.
pub(super) const PAGES: &[&str] = &[
    "pages",
    "pagecount",
    "totalpage",
    "totalpages",
    "totalpagecount",
    "pagetotal",
    "pagetotalcount",
    "maxpage",
    "allpage",
];

/// Names of the number of rows on a page.
pub(super) const SIZE: &[&str] = &["pagesize", "rows", "size", "perpage", "limit", "pagerows"];

/// Objects beside the rows that say something about the pages.
pub(super) const ABOUT: &[&str] = &[
    "classify",
    "page",
    "pager",
    "paging",
    "pageinfo",
    "pagebean",
    "pagination",
    "pagemodel",
    "pagevo",
    "meta",
];

/// Names of a row's id, from which some systems make its address.
pub(super) const ID: &[&str] = &[
    "id",
    "articleid",
    "docid",
    "infoid",
    "newsid",
    "contentid",
    "manuscriptid",
];
