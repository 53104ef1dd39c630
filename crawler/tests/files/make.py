#!/usr/bin/env python3
"""Makes the files of this folder. The standard library makes most; `make.py tools` also runs LibreOffice and qpdf."""
import io, os, struct, subprocess, sys, zipfile, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
TITLE = "清河县人民政府关于2023年度法治政府建设情况的报告"
TEXT = [
    ("一、基本情况", "h"),
    ("2023年，清河县坚持以人民为中心，全面推行“双随机、一公开”监管，开展联合抽查85次，检查市场主体327家，群众满意率达96.5%。", "p"),
    ("（一）完善制度体系", "h"),
    ("严格落实重大行政决策法定程序，146件规范性文件均通过合法性审查；办理行政复议案件28件，其中维持19件、撤销3件、调解结案6件。", "p"),
    ("二、存在的问题", "h"),
    ("基层执法力量薄弱的问题仍然存在。", "p"),
    ("三、下一步打算", "h"),
    ("下一步将聚焦短板弱项，抓紧抓实各项工作。", "p"),
]
ROWS = [["项目", "数量（件）", "备注"], ["行政许可", "1024", ""], ["依申请公开", "53", "按时答复"]]


def write(name, data):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)


def packed(parts):
    """A ZIP container whose bytes do not depend on the clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts:
            info = zipfile.ZipInfo("x", (2024, 1, 1, 0, 0, 0))
            info.filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            container.writestr(info, data if isinstance(data, bytes) else data.encode())
    return out.getvalue()


# PDF


def pdf(objects, root=1, trailer=""):
    out, offsets = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body if isinstance(body, bytes) else body.encode())
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, trailer.encode(), xref)
    return bytes(out)


def stream(data, extra=""):
    data = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(data), extra.encode(), data)


def pages(contents, font, extra=()):
    """Objects of a document with one content stream a page; `font` is object 3, what it needs follows."""
    count = len(contents)
    first = 4 + len(extra)
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(count))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>", font, *extra]
    for index, content in enumerate(contents):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> "
            f"/Contents {first + 2 * index + 1} 0 R >>"
        )
        objects.append(stream(content))
    return pdf(objects)


def wrapped(text, width, indent):
    """Lines of a paragraph of full-width characters; ASCII takes half."""
    lines, line, room = [], "", width - 2 * indent
    for c in text:
        need = 0.5 if ord(c) < 128 else 1
        if room < need and c not in "，。；、：":
            lines.append(line)
            line, room = "", width
        line += c
        room -= need
    return lines + [line]


def show(text, x, y, size, encode):
    return f"BT /F {size} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm <{encode(text).hex()}> Tj ET\n"


def report(encode, foot=True, table=True):
    """Content streams of the report, two pages of it."""
    out, content, y = [], "", 760
    half = (595 - 16 * sum(0.5 if ord(c) < 128 else 1 for c in TITLE)) / 2
    content += show(TITLE, half, y, 16, encode)
    y -= 40
    for index, (text, kind) in enumerate(TEXT):
        if index == 4:
            if table:
                content += "0.5 w\n"
                for row in range(len(ROWS) + 1):
                    content += f"90 {y - 24 * row} m 500 {y - 24 * row} l S\n"
                for x in (90, 260, 380, 500):
                    content += f"{x} {y} m {x} {y - 24 * len(ROWS)} l S\n"
                for row, cells in enumerate(ROWS):
                    for x, cell in zip((95, 265, 385), cells):
                        content += show(cell, x, y - 24 * row - 17, 12, encode) if cell else ""
            if foot:
                content += show("- 1 -", 285, 40, 10, encode)
            out.append(content.encode())
            content, y = "", 760
        for number, line in enumerate(wrapped(text, 26, 1)):
            content += show(line, 90 + (0 if number else 32), y, 16, encode)
            y -= 28
    content += show("- 2 -", 285, 40, 10, encode) if foot else ""
    out.append(content.encode())
    return out


def cid_font(encoding, ordering="GB1", to_unicode=""):
    widths = "/W [1 95 500 814 939 500 7716 [500]]" if ordering == "GB1" else "/W [32 126 500]"
    return (
        f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /{encoding} {to_unicode} "
        "/DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
        f"{widths} /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 2 >> >>] >>"
    )


def utf16(text):
    return text.encode("utf-16-be")


def gbk(text):
    return text.encode("gbk")


IDENTITY = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap end end"""


def to_unicode(text):
    chars = sorted({c for c in text})
    blocks = b""
    for at in range(0, len(chars), 100):
        part = chars[at : at + 100]
        blocks += b"%d beginbfchar\n" % len(part)
        blocks += b"".join(b"<%04X> <%04X>\n" % (ord(c), ord(c)) for c in part) + b"endbfchar\n"
    return IDENTITY.replace(b"1 beginbfrange <0000> <FFFF> <0000> endbfrange\n", blocks)


def columns():
    """A gazette in two columns below a head over both."""
    content = show("县政府公报", 240, 790, 18, utf16)
    left = [(f"（{c}）", "") for c in "一二三四五六"]
    for x, side in ((60, "左"), (310, "右")):
        y = 750
        for number, c in enumerate("一二三四五六"):
            text = f"第{c}条　{side}栏的条文写明各级行政机关应当依法履行职责，接受社会监督。"
            for line in wrapped(text, 18, 1):
                content += show(line, x, y, 12, utf16)
                y -= 20
    return [content.encode()]


def pdfs():
    write("unigb-ucs2.pdf", pages(report(utf16), cid_font("UniGB-UCS2-H")))
    write("unigb-utf16.pdf", pages(report(utf16, table=False), cid_font("UniGB-UTF16-H")))
    write("gbk-euc.pdf", pages(report(gbk), cid_font("GBK-EUC-H")))
    write("gb-euc.pdf", pages(report(gbk, table=False), cid_font("GB-EUC-H")))
    everything = TITLE + "".join(text for text, _ in TEXT) + "".join(map("".join, ROWS)) + "-12 "
    font = cid_font("Identity-H", "Identity", "/ToUnicode 4 0 R")
    write("identity.pdf", pages(report(utf16), font, [stream(to_unicode(everything))]))
    write("columns.pdf", pages(columns(), cid_font("UniGB-UCS2-H")))
    image = stream(bytes([255] * 64), "/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray")
    scan = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R >>",
            image, stream(b"q 595 0 0 842 0 0 cm /I Do Q")]
    write("scan.pdf", pdf(scan))
    whole = pages(report(utf16), cid_font("UniGB-UCS2-H"))
    write("truncated.pdf", whole[: len(whole) // 3])


# Office Open XML

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>%s</Types>'
RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx():
    def p(text, more=""):
        return f"<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r>{more}</w:p>"

    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    deleted = '<w:del w:id="1" w:author="a"><w:r><w:delText>此句删去。</w:delText></w:r></w:del>'
    body = p(TITLE) + "".join(p(text, note if index == 1 else deleted if index == 5 else "") for index, (text, _) in enumerate(TEXT[:6]))
    body += "<w:tbl>" + "".join("<w:tr>" + "".join(f"<w:tc>{p(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in ROWS) + "</w:tbl>"
    body += "".join(p(text) for text, _ in TEXT[6:])
    notes = f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0">{p("—")}</w:footnote><w:footnote w:id="2">{p("数据截至2023年12月31日。")}</w:footnote></w:footnotes>'
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    types = f'<Override PartName="/word/document.xml" ContentType="{main}.document.main+xml"/><Override PartName="/word/footnotes.xml" ContentType="{main}.footnotes+xml"/>'
    return packed([
        ("[Content_Types].xml", TYPES % types),
        ("_rels/.rels", RELS % f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'),
        ("word/_rels/document.xml.rels", RELS % f'<Relationship Id="r1" Type="{OFFICE}/footnotes" Target="footnotes.xml"/>'),
        ("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>"),
        ("word/footnotes.xml", notes),
    ])


def xlsx():
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    def cell(place, value, style=0):
        if isinstance(value, str):
            return f'<c r="{place}" s="{style}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
    rows = [[("2023年部门决算公开表", 0)], [("项目", 0), ("金额（万元）", 0), ("完成率", 0), ("日期", 0)],
            [("一般公共服务支出", 0), (12345.6, 2), (0.985, 1), (45291, 3)], [("教育支出", 0), ("", 0), (1.0, 1), (45322, 3)]]
    data = "".join(
        f'<row r="{row}">' + "".join(cell("ABCD"[column] + str(row), value, style) for column, (value, style) in enumerate(cells) if value != "") + "</row>"
        for row, cells in enumerate(rows, 1)
    )
    sheet = f'<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/><sheetData>{data}</sheetData></worksheet>'
    hidden = f'<worksheet xmlns="{main}"><sheetData><row r="1">{cell("A1", "不公开的底稿")}</row></sheetData></worksheet>'
    book = f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="决算表" sheetId="1" r:id="r1"/><sheet name="底稿" sheetId="2" state="hidden" r:id="r2"/></sheets></workbook>'
    styles = f'<styleSheet xmlns="{main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>' + "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in (1, 2))
    return packed([
        ("[Content_Types].xml", TYPES % types),
        ("_rels/.rels", RELS % f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
        ("xl/_rels/workbook.xml.rels", RELS % ("".join(f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in (1, 2)) + f'<Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/>')),
        ("xl/workbook.xml", book), ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", sheet), ("xl/worksheets/sheet2.xml", hidden),
    ])


def ofd():
    ns = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    def code(text, x, y, size):
        steps = " ".join(str(size / 2 if ord(c) < 128 else size) for c in text[:-1])
        if len({ord(c) < 128 for c in text}) == 1 and len(text) > 2:
            steps = f"g {len(text) - 1} {size / 2 if ord(text[0]) < 128 else size}"
        return (f'<ofd:TextObject ID="1" Boundary="{x} {y - size} 180 {size * 1.2}" Font="2" Size="{size}">'
                f'<ofd:TextCode X="0" Y="{size}" DeltaX="{steps}">{text}</ofd:TextCode></ofd:TextObject>')
    body, y = code(TITLE, 35, 30, 5.6), 45
    for text, _ in TEXT:
        for number, line in enumerate(wrapped(text, 26, 1)):
            body += code(line, 30 + (0 if number else 11.2), y, 5.6)
            y += 9.8
    page = f'<ofd:Page {ns}><ofd:Content><ofd:Layer ID="3" Type="Body">{body}</ofd:Layer></ofd:Content></ofd:Page>'
    document = f'<ofd:Document {ns}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'
    root = f'<ofd:OFD {ns} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'
    return packed([("OFD.xml", root), ("Doc_0/Document.xml", document), ("Doc_0/Pages/Page_0/Content.xml", page)])


def with_gbk(parts):
    """An archive whose names are in GBK."""
    names = [(name.encode("gbk"), content) for name, content in parts]
    # Names of the same length take the place.
    places = [f"{index:06}".ljust(len(raw), "_") for index, (raw, _) in enumerate(names)]
    data = packed([(place, content) for place, (_, content) in zip(places, names)])
    for place, (raw, _) in zip(places, names):
        assert data.count(place.encode()) == 2 and len(place) == len(raw), place
        data = data.replace(place.encode(), raw)
    return data


def archive():
    """Names in GBK, an archive inside, and one inside of that, which is not opened."""
    text = "附件内容说明：本件公开发布。\n".encode("gbk")
    inner = with_gbk([("目.txt", text), ("深.zip", packed([("a.txt", text)]))])
    return with_gbk([("一.txt", text), ("二.txt", "第二个文件的内容。\n".encode()), ("内.zip", inner), ("图.jpg", b"\xff\xd8\xff\xe0" + bytes(20))])


def reports():
    """One of each kind that is read; `report.doc` and `sheet.xls` are those of `tools`."""
    names = [("司法局/2023年度报告.docx", "report.docx"), ("决算表.xls", "sheet.xls"), ("公报.pdf", "columns.pdf"),
             ("决算表.xlsx", "sheet.xlsx"), ("旧版.doc", "report.doc"), ("版式.ofd", "report.ofd"), ("损坏.pdf", "truncated.pdf")]
    def content(file):
        with open(os.path.join(HERE, file), "rb") as opened:
            return opened.read()
    return with_gbk([(name, content(file)) for name, file in names])


def rest():
    write("report.docx", docx())
    write("sheet.xlsx", xlsx())
    write("report.ofd", ofd())
    write("bundle.zip", archive())
    write("note.txt", (TITLE + "\n" + TEXT[1][0] + "\n").encode("gbk"))
    write("error.pdf", "<!DOCTYPE html><html><body>您访问的文件不存在</body></html>".encode())
    write("empty.pdf", b"")
    write("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(32))
    write("old.rar", b"Rar!\x1a\x07\x00" + bytes(32))


def tools():
    """What other programs write: LibreOffice (Word 97, Excel 97, PDF), qpdf (object streams, passwords)."""
    def run(*command):
        subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    for source, target in (("report.docx", "doc:MS Word 97"), ("sheet.xlsx", "xls:MS Excel 97"), ("sheet.xlsx", "pdf")):
        run("soffice", "--headless", "--convert-to", target, "--outdir", HERE, source)
    os.replace(os.path.join(HERE, "sheet.pdf"), os.path.join(HERE, "libreoffice.pdf"))
    run("qpdf", "--object-streams=generate", "--linearize", "--deterministic-id", "unigb-ucs2.pdf", "object-streams.pdf")
    run("qpdf", "--encrypt", "", "owner", "256", "--", "gbk-euc.pdf", "no-password.pdf")
    run("qpdf", "--encrypt", "secret", "owner", "256", "--", "gbk-euc.pdf", "password.pdf")


pdfs()
rest()
if sys.argv[1:] == ["tools"]:
    tools()
write("reports.zip", reports())
