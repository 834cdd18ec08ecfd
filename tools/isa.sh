#!/bin/sh
# isa.sh [NAME|own] - the instruction sets of common/base/isa.h, for the Makefile
# and lint.sh: their names, the compiler flags of one, or the names of those with
# loops of their own for all kernels
awk -v name="${1:-}" '
/^\tX\(/ {
	split($0, part, /[(,] */)
	if (name == "" || (name == "own" && part[2] == part[5])) print part[2]
	on = name != "" && part[2] == name
	if (on) printf "-DISA=%s -DISA_WIDTH=%s", part[2], part[4]
}
on {
	for (s = $0; match(s, /"-[^"]*"/); s = substr(s, RSTART + RLENGTH))
		printf " %s", substr(s, RSTART + 1, RLENGTH - 2)
}
END { if (name != "" && name != "own") print "" }' "${0%/*}/../common/base/isa.h"
