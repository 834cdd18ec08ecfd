#!/usr/bin/env python3
"""Writes the labels and single-byte tables of the Encoding Standard from the
files that its repository (github.com/whatwg/encoding) holds.

	python3 tools/gen-charset-table.py DIRECTORY >common/text/charset_table.h
"""
import json
import sys

# The other encodings: how they are decoded, and the names that C libraries
# have for them, the best first.
OTHERS = {
	"UTF-8": ("UTF8", ""), "UTF-16LE": ("UTF16LE", ""),
	"UTF-16BE": ("UTF16BE", ""), "replacement": ("REPLACEMENT", ""),
	"x-user-defined": ("USER", ""),
	"GBK": ("ICONV", "GB18030"), "gb18030": ("ICONV", "GB18030"),
	"Big5": ("ICONV", "BIG5-HKSCS BIG5"),
	"EUC-JP": ("ICONV", "EUC-JP-MS EUC-JP"),
	"ISO-2022-JP": ("ICONV", "ISO-2022-JP"),
	"Shift_JIS": ("ICONV", "CP932 SHIFT_JIS"),
	"EUC-KR": ("ICONV", "CP949 UHC EUC-KR"),
}


def index(directory, name):
	base = "iso-8859-8" if name == "ISO-8859-8-I" else name.lower()
	table = [0] * 128
	with open("%s/index-%s.txt" % (directory, base)) as f:
		for line in f:
			if line.strip() and line[0] != "#":
				pointer, code = line.split()[:2]
				table[int(pointer)] = int(code, 16)
	return table


def main():
	with open(sys.argv[1] + "/encodings.json") as f:
		groups = json.load(f)
	encodings = [e for g in groups for e in g["encodings"]]
	print("/* charset_table.h - encodings, their labels and tables, for"
		" charset.c only\n *\n * Written by tools/gen-charset-table.py from"
		" the Encoding Standard; change that.\n */")
	single = [e["name"] for e in encodings if e["name"] not in OTHERS]
	print("/* Code points of the bytes 0x80..0xff; 0: none. */")
	print("static const uint16_t single_byte[%d][128] = {" % len(single))
	for n in single:
		print("\t{ /* %s */" % n)
		t = index(sys.argv[1], n)
		for i in range(0, 128, 8):
			print("\t" + " ".join("%#06x," % c for c in t[i:i + 8]))
		print("\t},")
	print("};\n\nstatic const struct encoding encodings[] = {")
	for e in encodings:
		n = e["name"]
		if n in OTHERS:
			print('\t{ "%s", %s, "%s", NULL },' % ((n,) + OTHERS[n]))
		else:
			print('\t{ "%s", SINGLE, "", single_byte[%d] },'
				% (n, single.index(n)))
	print("};\n\nstatic const struct label {\n\tconst char *label;\n"
		"\tint encoding;\n} labels[] = {")
	labels = sorted((l, i) for i, e in enumerate(encodings)
		for l in e["labels"])
	for l, i in labels:
		print('\t{ "%s", %d },' % (l, i))
	print("};")


main()
