#!/usr/bin/env python3
"""Generates the labels and tables of the Encoding Standard from the files in its
repository (github.com/whatwg/encoding): labels and single-byte tables as C on
standard output, the East Asian indexes in a file.

	python3 tools/gen-charset-table.py DIRECTORY data/encodings.bin \
		>common/html/charset_table.h
"""
import json
import struct
import sys

# The other encodings, with their decoders.
OTHERS = {
	"UTF-8": "UTF8", "UTF-16LE": "UTF16LE", "UTF-16BE": "UTF16BE",
	"replacement": "REPLACEMENT", "x-user-defined": "USER",
	"GBK": "GB18030", "gb18030": "GB18030", "Big5": "BIG5",
	"EUC-JP": "EUC_JP", "ISO-2022-JP": "ISO_2022_JP",
	"Shift_JIS": "SHIFT_JIS", "EUC-KR": "EUC_KR",
}
# The number of pointers of each index, in file order.
INDEXES = {"gb18030": 23940, "big5": 19782, "euc-kr": 23750, "jis0208": 11280,
	"jis0212": 8836}


def index(directory, name):
	base = "iso-8859-8" if name == "ISO-8859-8-I" else name.lower()
	table = [0] * 128
	with open("%s/index-%s.txt" % (directory, base)) as f:
		for line in f:
			if line.strip() and line[0] != "#":
				pointer, code = line.split()[:2]
				table[int(pointer)] = int(code, 16)
	return table


def wide(directory, name):
	table = [0] * INDEXES[name]
	with open("%s/index-%s.txt" % (directory, name)) as f:
		for line in f:
			if line.strip() and line[0] != "#":
				pointer, code = line.split()[:2]
				table[int(pointer)] = int(code, 16)
	return table


def write_indexes(directory, out):
	"""A u16 per pointer; for Big5 then a bit per pointer, set for U+2xxxx."""
	with open(out, "wb") as f:
		for name in INDEXES:
			for c in wide(directory, name):
				f.write(struct.pack("<H", c & 0xffff))
		bits = bytearray((INDEXES["big5"] + 7) // 8)
		for i, c in enumerate(wide(directory, "big5")):
			bits[i // 8] |= (c > 0xffff) << i % 8
		f.write(bits)


def print_ranges(directory):
	print("/* Four bytes of gb18030: a pointer, and the code point that is"
		" there. */")
	print("static const struct range {\n\tuint32_t pointer, code;\n"
		"} gb18030_ranges[] = {")
	with open(directory + "/index-gb18030-ranges.txt") as f:
		for line in f:
			if line.strip() and line[0] != "#":
				pointer, code = line.split()[:2]
				print("\t{ %s, %#06x }," % (pointer, int(code, 16)))
	print("};\n")


def main():
	with open(sys.argv[1] + "/encodings.json") as f:
		groups = json.load(f)
	encodings = [e for g in groups for e in g["encodings"]]
	print("/* charset_table.h - encodings, their labels and tables, for"
		" charset_decode.c only\n *\n * Written by tools/gen-charset-table.py from"
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
	print("};\n")
	print_ranges(sys.argv[1])
	print("static const struct encoding encodings[] = {")
	for e in encodings:
		n = e["name"]
		if n in OTHERS:
			print('\t{ "%s", %s, NULL },' % (n, OTHERS[n]))
		else:
			print('\t{ "%s", SINGLE, single_byte[%d] },'
				% (n, single.index(n)))
	print("};\n\nstatic const struct label {\n\tconst char *label;\n"
		"\tint encoding;\n} labels[] = {")
	labels = sorted((l, i) for i, e in enumerate(encodings)
		for l in e["labels"])
	for l, i in labels:
		print('\t{ "%s", %d },' % (l, i))
	print("};")
	write_indexes(sys.argv[1], sys.argv[2])


main()
