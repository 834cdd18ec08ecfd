#!/bin/sh
# The HTML tokenizer: states visible in the tree, then html5lib-tests.
. "${0%/*}/lib.sh"

# The first node or attribute in the body of PAGE.
first() { printf "$1" | unit html5lib dump | sed -n '/<body>/{n;s/^|  *//;p;}'; }
# The content of the comment at the start of PAGE.
comment() { printf "$1" | unit html5lib dump | sed -n '1s/^| <!-- \(.*\) -->$/[\1]/p'; }

ok 'a less-than sign that does not begin a tag is text' '
	[ "$(first "a < b <3")" = "\"a < b <3\"" ]'
ok 'an end tag without a name is dropped; one starting with a digit is a comment' '
	[ "$(first "a</>b")" = "\"ab\"" ] &&
	[ "$(comment "</1>")" = "[1]" ]'
ok 'a tag cut off by the end of the page is dropped' '
	[ "$(first "x<p class=a")" = "\"x\"" ] &&
	[ "$(first "x<p class=\"a>")" = "\"x\"" ]'
ok 'the ways in which comments end' '
	[ "$(comment "<!--a-->")" = "[a]" ] &&
	[ "$(comment "<!-->")" = "[]" ] && [ "$(comment "<!--->")" = "[]" ] &&
	[ "$(comment "<!--a--!>")" = "[a]" ] &&
	[ "$(comment "<!--a--->")" = "[a-]" ] &&
	[ "$(comment "<!--a--")" = "[a]" ] && [ "$(comment "<!a>")" = "[a]" ]'
ok 'references in values stay undecoded before an equals sign or a letter' '
	printf "<a href=\"?a=1&copy=2&amp;b&lt;&copyx\">" |
		unit html5lib dump | grep -Fq "href=\"?a=1&copy=2&b<&copyx\""'
ok 'numeric references: 0, surrogates, too large, windows-1252' '
	[ "$(first "&#0;&#xD800;&#x110000;&#99999999999;&#x80;")" = \
		"\"����€\"" ]'
ok 'a named reference whose two characters are longer than its name' '
	[ "$(first "&nGt;&nLt;")" = "\"≫⃒≪⃒\"" ]'
ok 'the longest matching name counts' '
	[ "$(first "&notin;&notit;&amp")" = "\"∉¬it;&\"" ]'
ok 'references are decoded in title but not in style' '
	printf "<title>a&amp;<b></title><style>a&amp;<b></style>" |
		unit html5lib dump >out &&
	grep -Fq "\"a&<b>\"" out && grep -Fq "\"a&amp;<b>\"" out'
ok 'a script ends at its own end tag, not at that of an escaped inner script' '
	printf "<script><!-- <script> </script> --></script><p>" |
		unit html5lib dump >out &&
	grep -Fq "\"<!-- <script> </script> -->\"" out && grep -q "<p>" out'
ok 'CDATA sections are text in SVG, comments in HTML' '
	printf "<svg><![CDATA[a<b]]>c</svg><![CDATA[d]]>" |
		unit html5lib dump >out &&
	grep -Fq "\"a<bc\"" out && grep -Fq "<!-- [CDATA[d]] -->" out'
ok 'quirks mode: a table closes a paragraph only outside it' '
	printf "<!DOCTYPE html><p><table>" | unit html5lib dump |
		grep -q "^|     <table>" &&
	printf "<p><table>" | unit html5lib dump | grep -q "^|       <table>"'

tests=$SHARED/data/html5lib-tests/tokenizer
if [ -d "$tests" ]
then
	# xmlViolation tests a conversion to XML, which is not implemented.
	ok 'html5lib-tests: every case of the tokenizer' '
		set --
		for i in "$tests"/*.test; do
			case $i in */xmlViolation.test) continue ;; esac
			set -- "$@" "$i"
		done
		unit html5lib tokens "$@" | tee count &&
		grep -Eq "^([0-9]{4}) of \\1$" count'
	[ -s count ] && echo "# $(cat count)"
else
	skip 'html5lib-tests' 'there is no shared/data/html5lib-tests'
fi
done_testing
