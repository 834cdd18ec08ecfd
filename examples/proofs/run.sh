#!/bin/sh
# run.sh DIR [NAME ...] - runs the proofs, or those named, and makes DIR/index.html
#
# Each leaves its files in DIR/NAME, its part of the page in DIR/NAME/part, and what it
# took in DIR/NAME/seconds. Models that several start from are kept in DIR, so a
# proof that is run again is shorter. Exit 1 if a bar is missed. `make proofs` runs
# all of them with the built programs in PATH.
set -eu
[ $# -ge 1 ] || { echo 'usage: run.sh DIR [NAME ...]' >&2; exit 2; }
here=$(cd "${0%/*}" && pwd)
mkdir -p "$1"
cd "$1"
shift
all='chat probe tools tokens rl nim rlhf best-of made smollm'
for name in ${*:-$all}; do
	[ -e "$here/$name.sh" ] || { echo "run.sh: no proof is called '$name'" >&2; exit 2; }
done

for name in ${*:-$all}; do
	echo "== $name" >&2
	rm -rf "$name"
	mkdir "$name"
	start=$(date +%s)
	status=0
	(cd "$name" && sh "$here/$name.sh" >part.tmp) || status=$?
	case $status in
	0) mv "$name/part.tmp" "$name/part" ;;
	3) ;;	# it has said why it is skipped
	*) exit 1 ;;
	esac
	echo $(($(date +%s) - start)) >"$name/seconds"
done

{
	echo '# How chat models are made: what was said, and whether it holds here'
	echo
	echo 'Each part is a script in examples/proofs that anybody can run: make proofs.'
	echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort -u | head -n 1), \
$(getconf _NPROCESSORS_ONLN) processors."
	echo
	printf '```table\nproof\twhat\t#figure\tbar\treached\t#seconds\n'
	for name in $all; do
		[ -e "$name/part" ] || continue
		awk -v name="$name" -v s="$(cat "$name/seconds")" '
			{ print name "\t" $0 "\t" s }' "$name/verdicts"
	done
	printf '```\n\n'
	for name in $all; do
		[ ! -e "$name/part" ] || cat "$name/part"
	done
} >index.txt
report -o index.html index.txt
missed=0
for name in ${*:-$all}; do
	! grep -H '	NO$' "$name/verdicts" || missed=1
done
exit $missed
