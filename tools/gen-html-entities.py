#!/usr/bin/env python3
"""Generates the table of HTML named character references from Python's own.

	python3 tools/gen-html-entities.py >common/html/entities_table.h
"""
from html.entities import html5

BITS = 13


def hash32(name):
	"""FNV-1a, as in entities.c."""
	h = 2166136261
	for c in name.encode():
		h = (h ^ c) * 16777619 & 0xffffffff
	return (h ^ h >> 15) & (1 << BITS) - 1


def octets(text):
	return "".join("\\x%02x" % b for b in text.encode())


def main():
	names = sorted(html5)
	slots = [0] * (1 << BITS)
	for i, n in enumerate(names):
		h = hash32(n)
		while slots[h]:
			h = (h + 1) % len(slots)
		slots[h] = i + 1
	print("/* entities_table.h - named character references, for"
		" entities.c only\n *\n * Written by"
		" tools/gen-html-entities.py; change that.\n */")
	print("#define ENTITY_BITS %d" % BITS)
	print("#define ENTITY_LONGEST %d\n" % max(map(len, names)))
	print("static const struct entity {\n\tconst char *name;\n"
		"\tchar utf8[7];\n} entities[] = {")
	for n in names:
		print('\t{ "%s", "%s" },' % (n, octets(html5[n])))
	print("};\n\nstatic const uint16_t entity_slots[1 << ENTITY_BITS] = {")
	for i in range(0, len(slots), 12):
		print("\t" + " ".join("%d," % s for s in slots[i:i + 12]))
	print("};")


main()
