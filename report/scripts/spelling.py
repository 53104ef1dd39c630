#!/usr/bin/env python3
"""Writes ../data/spelling.tsv: how the names of today's divisions are spelled in Pinyin (GB/T 16159), without tones.

    spelling.py        (needs PyPI pypinyin)

One row a division: its code and the syllables of its full name, one for each character, so that the spelling of a
short form is that of its first characters. ü is v, as in addresses. What the dictionary gets wrong is corrected here.
"""

import pathlib

from pypinyin import Style, lazy_pinyin

# Place names whose characters are read in another way than elsewhere.
LOCAL = {
    "六安": "lu an", "六合": "lu he", "六枝": "liu zhi", "蔚县": "yu xian", "浚县": "xun xian", "铅山": "yan shan",
    "乐清": "yue qing", "乐亭": "lao ting", "乐陵": "le ling", "乐都": "le du", "番禺": "pan yu", "东阿": "dong e",
    "单县": "shan xian", "洪洞": "hong tong", "亳州": "bo zhou", "歙县": "she xian", "黟县": "yi xian",
    "涡阳": "guo yang", "荥阳": "xing yang", "荥经": "ying jing", "莘县": "shen xian", "中牟": "zhong mu",
    "牟平": "mu ping", "尉犁": "yu li", "尉氏": "wei shi", "台州": "tai zhou", "大埔": "da bu", "会": "hui",
    "长子": "zhang zi", "宿州": "su zhou", "宿迁": "su qian", "宿松": "su song", "宿城": "su cheng", "宿豫": "su yu",
    "泌阳": "bi yang", "渑池": "mian chi", "犍为": "qian wei", "筠连": "jun lian", "大城": "dai cheng",
    "繁峙": "fan shi", "洮": "tao", "宕昌": "tan chang", "召陵": "shao ling", "南召": "nan zhao", "井陉": "jing xing",
    "枞阳": "zong yang", "黄陂": "huang pi", "重庆": "chong qing", "厦门": "xia men", "朝阳": "chao yang",
    "穆棱": "mu ling", "珲春": "hun chun", "都匀": "du yun", "都江堰": "du jiang yan", "万": "wan", "莎车": "sha che",
    "伽师": "jia shi", "喀什": "ka shi", "阿": "a", "获嘉": "huo jia", "句容": "ju rong", "康乐": "kang le",
    "乐": "le", "长": "chang", "监利": "jian li", "耒阳": "lei yang", "行唐": "xing tang", "曾都": "zeng du",
    "蚌": "beng", "陕西": "shaan xi", "呼和浩特": "hu he hao te", "西藏": "xi zang", "盛泽": "sheng ze",
    "任": "ren", "吕梁": "lv liang", "大堡": "da bao", "瓦": "wa", "柏乡": "bai xiang", "郧": "yun", "什邡": "shi fang",
    "石": "shi", "藏": "zang", "重": "chong", "龟": "gui", "鄱": "po", "阳曲": "yang qu", "侯": "hou", "盖州": "gai zhou",
    "葛": "ge", "车": "che", "解": "xie", "漯河": "luo he", "儋州": "dan zhou", "和": "he", "调": "diao", "扎": "zha",
    "于都": "yu du", "灌": "guan", "冠县": "guan xian", "丽水": "li shui", "华": "hua", "应": "ying", "巴彦淖尔": "ba yan nao er",
    "莫力达瓦": "mo li da wa", "大": "da", "朝": "chao", "费县": "fei xian", "曲": "qu", "给": "ji", "谷": "gu", "无": "wu",
}
BY_LENGTH = sorted(LOCAL, key=len, reverse=True)


def syllables(name):
    out = lazy_pinyin(name, style=Style.NORMAL, v_to_u=False)
    assert len(out) == len(name), name
    done = [False] * len(name)
    for word in BY_LENGTH:
        at = name.find(word)
        if at >= 0 and not any(done[at:at + len(word)]):
            out[at:at + len(word)] = LOCAL[word].split()
            done[at:at + len(word)] = [True] * len(word)
    assert all(s.isascii() and s.islower() for s in out), (name, out)
    return out


def main():
    data = pathlib.Path(__file__).parent.parent / "data"
    with (data / "spelling.tsv").open("w", encoding="utf-8", newline="\n") as file:
        file.write("# Spelling of the names of divisions in Pinyin. Written by ../scripts/spelling.py: do not edit by hand.\n")
        file.write("# code\tone syllable for each character of the full name\n")
        for line in (data / "divisions.tsv").open(encoding="utf-8"):
            row = line.rstrip("\n").split("\t") + [""] * 6
            if not line.startswith("#") and row[2] != "former" and not row[3]:
                file.write(f"{row[0]}\t{' '.join(syllables(row[1]))}\n")


if __name__ == "__main__":
    main()
