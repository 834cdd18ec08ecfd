#!/bin/sh
# The manual pages: clean, complete, and every example works.
. "${0%/*}/lib.sh"
needs_command mandoc

for page in "$TOP"/man/*.[157]
do
	ok "${page##*/} is clean" "
		mandoc -T lint -W warning '$page' >lint || { cat lint >&2; false; }
	"
	ok "${page##*/} states defaults in brackets" "
		not grep -E '(; |^)by default|[Tt]he default is|^the default[,:]' '$page' >&2
	"
	ok "${page##*/} has no quote within a quote" "
		mandoc -T utf8 '$page' | grep -e '’’' >quotes || true
		not grep . quotes >&2
	"
done

# The long options that --help prints, and those that the page has as items.
in_help() { "$1" --help | sed -n 's/^ *\(-., *\)\{0,1\}--\([a-z0-9-]*\).*/\2/p' | sort -u; }
in_page() {
	sed -n 's/^\.It Fl \(. , \)\{0,1\}-\([a-z0-9-]*\).*/\2/p' "$TOP/man/$1.1" | sort -u
}
# "name (default)" of each option: the text in brackets at the end of its help,
# and anywhere in its item on the page.
defaults_in_help() {
	"$1" --help | awk '
	/^  -.,|^      --/ { print row; row = "" }
	/^ / { row = row " " $0 }
	END { print row }' |
	sed -n 's/^ *\(-., *\)\{0,1\}--\([a-z0-9-]*\) .*(\([^()]*\))$/\2 (\3)/p' |
	tr -s ' ' | sed 's/ --/ -/g'	# .Fl -lr in the page
}
defaults_in_page() {	# PAGE: "name (text)" for each pair of brackets
	awk '
	/^\.It Fl/ { print name, row; name = $NF; row = ""
		for (i = 3; i <= NF; i++) if ($i ~ /^-[a-z]/) { name = substr($i, 2); break } }
	/^\.El/ { print name, row; name = row = "" }
	name == "" || /^\.It/ { next }
	/^\.Pq/ { end = ""; if ($NF == ".") { end = "."; $NF = "" }
		$1 = "("; $0 = $0 ")" end }
	/^\./ { $1 = "" }
	{ gsub(/(^| )(Cm|Li|Ql|Fl|No|Ar)( |$)/, " "); row = row " " $0 }' "$1" |
	sed 's/( */(/g; s/ *)/)/g; s/ \([.,:;]\)/\1/g' | tr -s ' '
}
defaults_agree() {	# PROGRAM
	defaults_in_help "$1" >in_help
	defaults_in_page "$TOP/man/$1.1" >in_page
	while read -r name text; do
		text=${text%)}
		grep "^$name " in_page | grep -qF -e "$text)" -e "$text:" \
			-e "$text;" -e "$text," ||
			{ echo "--$name: the page does not have $text)" >&2; return 1; }
	done <in_help
}
in_order() {
	want='NAME SYNOPSIS DESCRIPTION ENVIRONMENT FILES EXIT STATUS EXAMPLES DIAGNOSTICS SEE ALSO CAVEATS '
	have=$(sed -n 's/^\.Sh //p' "$1" | tr '\n' ' ')
	left=$want
	for s in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'
	do case $have in *"$s "*) ;; *) echo "no $s" >&2; return 1 ;; esac; done
	sed -n 's/^\.Sh //p' "$1" | while read -r s
	do
		case $left in *"$s "*) left=${left#*"$s "} ;; *) echo "$s is out of order" >&2; exit 1 ;; esac
	done
}
# The completions of bash for WORD after PREVIOUS.
completed() {	# PROGRAM WORD PREVIOUS
	n=${n:-2} bash -c '. ./completion
	f=$(complete -p "$1" | sed "s/.*-F \([^ ]*\).*/\1/")
	COMP_CWORD=${n:-2}
	$f "$1" "$2" "$3"
	echo "[${COMPREPLY[*]}]"' completed "$@"
}
for program in "$BUILD"/bin/*
do
	p=${program##*/}
	ok "$p(1) has every option of --help, and no other" "
		in_help $p | grep -v -x -e completion -e help -e version >help.txt
		in_page $p | grep -v -x -e completion -e help -e version >page.txt
		diff help.txt page.txt >&2
	"
	ok "$p: option letters mean the same as in every program" "
		$p --help | sed -n 's/^  -\\(.\\), --\\([a-z-]*\\).*/\\1 \\2/p' >letters
		grep '^[jMsqvmotNn] ' letters >shared
		not grep -vx -e 'j threads' -e 'M memory' -e 's seed' -e 'q quiet' \
			-e 'v verbose' -e 'm model' -e 'o output' -e 't tokenizer' \
			-e 'N samples' -e 'n length' -e 'n count' -e 'n size' -e 'n plan' shared >&2
		test \$(grep -c '^n ' letters) -le 1
	"
	ok "$p(1) states the same defaults as the help, in brackets" "
		defaults_agree $p
	"
	ok "$p(1) has its sections in order" "in_order '$TOP/man/$p.1'"
	ok "$p prints its short help, help, version and completion" "
		$p -h | grep -q '^usage: $p'
		$p --help | grep -q -e --version
		$p --version | grep -q '^$p (pipelm) [0-9]'
		$p --completion | grep -q '^complete '
	"
	ok "$p: short and long help describe it as the page does" "
		is=\$(sed -n 's/^\.Nd //p' '$TOP/man/$p.1')
		test -n \"\$is\"
		$p -h | grep -qxF -e \"\$is\"
		$p --help | grep -qxF -e \"\$is\"
	"
	ok "bash completes the options of $p, and files by its own means" "
		$p --completion >completion
		[ \"\$(completed $p --versi x)\" = '[--version]' ]
		[ \"\$(completed $p '' x)\" = '[]' ]
	"
	ok "the help of $p is at most 80 columns wide" "
		$p --help >help.txt
		$p -h >>help.txt
		awk 'length(\$0) > 80 { print; bad = 1 } END { exit bad }' help.txt >&2
	"
	ok "long help of $p is the text of its source, on lines as full as possible" "
		$p --help | awk '
			/^ *-/ {
				wide = substr(\$0, 29, 2) != \"  \"
				if (text != line) print text >\"long\"
				text = line = wide ? \"\" : substr(\$0, 31)
				next
			}
			/^\$/ || text == \"\" && !wide { text = line = \"\"; next }
			wide && /^ *[a-z0-9|-]+\$/ && /\|/ { next }
			{	sub(/^ */, \"\")
				split(\$0, word, \" \")
				if (!wide && length(line \" \" word[1]) <= 50) {
					print line \" | \" \$0; bad = 1
				}
				text = wide ? \$0 : text \" \" \$0
				line = \$0
				wide = 0 }
			END { print \"every option\" >\"long\"; exit bad }' >&2
		tr '\\000' '\\n' <\"\$BUILD/bin/$p\" | awk '
			NR == FNR { want[\$0] = length(\$0); next }
			{ for (w in want)
				if (substr(\$0, length(\$0) - want[w] + 1) == w)
					delete want[w] }
			END { for (w in want) { print w; bad = 1 } exit bad }
		' long - >&2
	"
	ok "help and version of $p only print; a full disk is reported" "
		for way in -h --help --version --completion; do
			$p \$way >told 2>err
			[ -s told ] && [ ! -s err ]
			status=0; $p \$way >/dev/full 2>err || status=\$?
			[ \$status = 1 ] && grep -q 'cannot write' err
		done
	"
	fails 2 "$p refuses an unknown option with a hint" "
		$p --no-such-option
	" "^$p: there is no option '--no-such-option': try '$p -h'$"
done

ok 'bash completes commands and choices' '
	shard --completion >completion
	[ "$(n=1 completed shard s shard)" = "[split shuffle]" ]
	rltrain --completion >completion
	[ "$(completed rltrain dr --loss)" = "[dr-grpo]" ]
	crawlclean --completion >completion
	[ "$(completed crawlclean w -i)" = "[warc]" ]
'

# Each example runs in a directory with the files of samples.sh.
ok 'the sample files of the examples can be made' '
	sh "$TOP/t/samples.sh" samples >samples.log 2>&1 || {
		tail samples.log >&2; false; }
'
# examples PAGE: the commands of its literal blocks; a line after one that ends
# in \ or | continues it.
examples() {
	awk '
	/^\.Sh /  { here = /EXAMPLES/ }
	/^\.Bd -literal/ { block = here }
	/^\.Ed/ { block = 0 }
	block && (/^\$ / || more) {
		line = $0
		sub(/^\$ /, "", line)
		gsub(/\\e/, "\\", line)
		gsub(/\\&/, "", line)
		gsub(/\\-/, "-", line)
		gsub(/\\\(ga/, "`", line)
		print line
		more = line ~ /(\\|\|)$/
	}' "$1"
}
for page in "$TOP"/man/*.[17]
do
	p=${page##*/}
	[ $p = pipelm.7 ] || [ -x "$BUILD/bin/${p%.1}" ] ||
		{ skip "the examples of $p" 'it was not built'; continue; }
	ok "the examples of $p work" "
		examples '$page' >$p.sh
		test -s $p.sh
		rm -rf run && cp -r samples run && cd run
		sh -e ../$p.sh
	"
done
done_testing
