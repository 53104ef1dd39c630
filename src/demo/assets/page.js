// Pager of the sample portal: pages are index.html, index_1.html, index_2.html …
function createPageHTML(pageCount, current, name, extension) {
  function link(page, label) {
    var file = name + (page === 0 ? "" : "_" + page) + "." + extension;
    return page === current ? "<b>" + label + "</b> " : '<a href="' + file + '">' + label + "</a> ";
  }
  var html = link(Math.max(current - 1, 0), "上一页");
  for (var page = 0; page < pageCount; page++) html += link(page, page + 1);
  document.write(html + link(Math.min(current + 1, pageCount - 1), "下一页"));
}
