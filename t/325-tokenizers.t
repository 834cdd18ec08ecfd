#!/bin/sh
# tokenizer.json files found in practice: ids are those of Hugging Face's
# tokenizers, or the construct is refused by name. t/tokenizers_parity.py has the
# cases.
. "${0%/*}/lib.sh"

parity() { python3 "$TOP/t/tokenizers_parity.py" facts "$1"; }

ok 'files like those of released models give the ids of tokenizers' 'parity world'
ok 'so does every kind of step, added token and vocabulary' 'parity kinds'
ok "patterns in Oniguruma's syntax do so or are refused" 'parity syntax'

bpe-train -q -n 256 -r -o bytes.json "$TOP/README" 2>/dev/null
sed 's/"normalizer": null/"normalizer": {"type": "NFC"}/' bytes.json >nfc.json
ok 'NFC equals that of Python for every character and for unusual mark orders' '
	python3 - <<END
import unicodedata
chars = [chr(c) for c in range(1, 0x110000) if not 0xd800 <= c < 0xe000
         and unicodedata.category(chr(c)) not in ("Cn", "Co")]
marks = [c for c in chars if unicodedata.combining(c)]
text = "".join(chars) + "".join("a" + c + "\u0323\u0301 " for c in chars)
text += "".join("e" + marks[i * 7 % len(marks)] + marks[i * 31 % len(marks)] +
                marks[i * 113 % len(marks)] for i in range(20000))
text += "".join(chr(0x1100 + i % 21) + chr(0x1160 + i % 23) + chr(0x11a7 + i % 30)
                for i in range(20000)) + "".join(chars[::-1])
open("in", "w", newline="").write(text)
open("want", "w", newline="").write(unicodedata.normalize("NFC", text))
END
	tokenize -q -t nfc.json -r in | tokenize -t nfc.json -d >got
	cmp want got
	differ in got
'
ok 'invalid UTF-8 bytes pass NFC unchanged and block composition' '
	printf "e\314\201e\377\314\201\314\303" >in
	tokenize -q -t nfc.json -r in | tokenize -t nfc.json -d >got
	printf "\303\251e\377\314\201\314\303" | cmp - got
'
# Only characters older than the tables of any Python, so that programs agree: \w
# of Rust is alphabetic characters, marks, digits, connectors and joiners.
ok 'a single_word token matches between any characters but \w' '
	PYTHONUTF8=1 python3 - <<END
import json
from unicodedata import category, ucd_3_2_0
d = json.load(open("bytes.json"))
d["added_tokens"].append({"id": 257, "content": "XY", "single_word": True,
    "lstrip": False, "rstrip": False, "normalized": False, "special": False})
json.dump(d, open("words.json", "w"))
with open("in", "w", newline="") as text, open("want", "w") as want:
    for c in map(chr, range(0x20, 0x110000)):
        joiner = c in "\u200c\u200d"
        if ucd_3_2_0.category(c)[0] == "C" and not joiner:
            continue
        word = joiner or category(c)[0] in "LM" or "\u24b6" <= c <= "\u24e9" \
            or category(c) in ("Nd", "Nl", "Pc")
        for s in (c + "XY ", " XY" + c):
            text.write(s + "\n")
            want.write("%04x %s\n" % (ord(c), "part" if word else "whole"))
END
	tokenize -q -t words.json -a -r in | awk -v RS=" 10( |\n)" "
		{ print / 257 / || /^257 / || / 257\$/ ? \"whole\" : \"part\" }" >got
	head -n "$(wc -l <want)" got | paste -d" " want - |
		awk "\$2 != \$3 { print; bad = 1 } END { exit bad }" >&2
	grep -q part got
	grep -q whole got
'
if [ -z "${T_LONG:-}" ]; then
	skip 'the library itself gives the same ids' 'T_LONG=1 runs it'
	done_testing
fi
venv tokenizers
for part in world kinds syntax; do
	ok "$part: the library itself gives the same ids" "
		'$venv/bin/python' '$TOP/t/tokenizers_parity.py' tokenizers $part"
done
done_testing
