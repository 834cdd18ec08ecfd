#!/bin/sh
# lint.sh BUILD - source checks that the compiler does not make
#
# Layers, instruction-set flags, foreign headers, long lines and functions,
# manual pages, shell scripts. Prints what is wrong; exit 1 if anything is.
set -u
build=${1:-build}
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

report() { sed "s|^|lint: $1: |" | tee -a "$bad"; }

# An include only points down; directories of one layer do not include each other.
layers() {
	awk '
	function layer(f) {
		if (f ~ /^common\/base\/err\.h/) return 0
		if (f ~ /^common\/base\//) return 1
		if (f ~ /^common\/format\//) return 2
		if (f ~ /^common\/(kernel|html|filter|dedup|grade|page)\//) return 3
		if (f ~ /^common\/extract\//) return 3.5
		if (f ~ /^common\/(model|token)\//) return 4
		if (f ~ /^common\/(train|sample)\//) return 5
		if (f ~ /^common\/(score|serve)\//) return 5.5
		return 6
	}
	function folder(f) { sub(/\/[^\/]*$/, "", f); return f }
	/^#include "/ {
		split($0, part, "\"")
		to = part[2]
		if (to !~ /\// ) next		# generated, in the same directory
		if (folder(to) == folder(FILENAME)) next
		if (layer(to) >= layer(FILENAME))
			print FILENAME ":" FNR ": includes " to ", which is not below"
	}' common/*/*.[ch] cmd/*.c cmd/*/*.[ch]
}

# One file per external library, so that each stays replaceable.
foreign() {
	grep -nE '#include <(archive|archive_entry|pcre2|jansson|xxhash|pthread|zlib|brotli/decode|histedit|microhttpd|mpi)\.h>' \
		common/*/*.[ch] cmd/*.c cmd/*/*.[ch] |
	grep -vE '^common/format/archive\.c:.*archive|^common/format/regex\.c:.*pcre2|^common/format/jsontree\.c:.*jansson|^common/base/hash\.c:.*(xxhash|zlib)|^common/format/gzip\.c:.*zlib|^common/base/parallel\.c:.*pthread|^common/format/brotli\.c:.*brotli|^common/base/lineedit\.c:.*histedit|^common/serve/http\.c:.*microhttpd|^common/train/ranks_mpi\.c:.*mpi'
}

# Objects without an instruction set of common/base/isa.h in their name contain
# no instructions of AVX or AMX, and no other place sets flags for them.
isa() {
	sets=$(sh tools/isa.sh | sed 's/.*/-e \\.&\\.o$/')
	for o in $(find "$build/common" "$build/cmd" -name '*.o' 2>/dev/null |
		grep -v $sets); do
		objdump -d --no-show-raw-insn "$o" 2>/dev/null |
			grep -qE '%([yz]|t)mm[0-9]' && echo "$o: uses registers of AVX or AMX"
	done
	grep -nE -e '-m(avx|amx|fma|arch|tune|bmi|f16c|prefer)' Makefile
}

long_lines() {
	LC_ALL=C awk '{ s = $0; n = 0; gsub(/[\200-\277]/, "", s)
		for (i = 1; i <= length(s); i++)
			n += substr(s, i, 1) == "\t" ? 8 - n % 8 : 1
		if (n > 100) print FILENAME ":" FNR ": " n " columns" }' \
		$(ls common/*/*.[ch] cmd/*.c cmd/*/*.[ch] | grep -v _table)
}

# Functions of more than 150 lines, files of more than 1,200.
sizes() {
	awk 'FNR == 1 { start = 0 }
	/^{/ { start = FNR }
	/^}/ { if (start && FNR - start > 150)
		print FILENAME ":" start ": a function of " FNR - start " lines"
		start = 0 }' common/*/*.c cmd/*.c cmd/*/*.c
	wc -l common/*/*.[ch] cmd/*.c cmd/*/*.[ch] | grep -v -e _table -e total |
		awk '$1 > 1200 { print $2 ": " $1 " lines" }'
}

manuals() {
	command -v mandoc >/dev/null || { echo 'there is no mandoc' >&2; return; }
	# Names of our own pages are looked up in man/, not in the system.
	for f in man/*.[157]; do
		[ -e "$f" ] && mandoc -T lint -W warning "$f"
	done
	for f in cmd/*; do
		n=${f#cmd/}; n=${n%.c}
		[ -e "man/$n.1" ] || echo "man/$n.1 is missing"
	done
}

# `set -e` ignores a negated command, so that it fails a case only as its last
# command; use `not` of t/lib.sh.
negations() {
	grep -HnE '(^|&&|\|\||;|\bthen|\bdo)[[:space:]]*! ' t/*.t |
		sed 's/^\([^:]*:[0-9]*\):.*/\1: ! convicts nobody: write not/'
}

# A number names one script.
numbers() {
	ls t/*.t | sort -t - -k 1,1 | awk -F '[/-]' '$2 "" == last {
		print $0 ": its number is that of another script" } { last = $2 }'
}

# Two headers with one guard would hide each other.
guards() {
	grep -hE '^#ifndef PIPELM_[A-Z0-9_]*_H$' common/*/*.h cmd/*/*.h t/unit/*.h |
		sort | uniq -d | sed 's/^#ifndef //; s/$/ guards two headers/'
}

# Nobody reads the warnings for what neither all nor units compiles.
warnings() {
	for f in fuzz/*.c bench/*.c; do
		${COMPILE:-cc} -Werror -fsyntax-only "$f" 2>&1 | grep -E '(error|warning):'
	done
}

layers | report layers
warnings | report warnings
guards | report guards
foreign | report foreign
isa | report isa
long_lines | report long
sizes | report sizes
manuals 2>&1 | report manuals
negations | report negations
numbers | report numbers
for f in t/*.t t/*.sh tools/*.sh examples/*.sh bench/*.sh .ci/run; do
	[ ! -e "$f" ] || sh -n "$f" 2>&1
done | report shell
[ ! -s "$bad" ] || exit 1
echo 'lint: no problems found'
