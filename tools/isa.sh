#!/bin/sh
# isa.sh [NAME | own fp32|int8|bf16] - the instruction sets of common/base/isa.h,
# for the Makefile and lint.sh: their names, the compiler flags of one, or the names
# of those with loops of their own for such products
awk -v name="${1:-}" -v kind="${2:-}" '
BEGIN { column["fp32"] = 5; column["int8"] = 6; column["bf16"] = 7 }
/^\tX\(/ {
	split($0, part, /[(,] */)
	if (name == "" || (name == "own" && part[2] == part[column[kind]]))
		print part[2]
	on = name != "" && part[2] == name
	if (on) printf "-DISA=%s -DISA_WIDTH=%s", part[2], part[4]
}
on {
	for (s = $0; match(s, /"-[^"]*"/); s = substr(s, RSTART + RLENGTH))
		printf " %s", substr(s, RSTART + 1, RLENGTH - 2)
}
END { if (name != "" && name != "own") print "" }' "${0%/*}/../common/base/isa.h"
