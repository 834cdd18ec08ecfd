#!/bin/sh
# HTML tree construction: cases of our own, then those of html5lib-tests.
. "${0%/*}/lib.sh"

# tree PAGE: its tree on one line, with dots as depth markers.
tree() {
	printf "$1" | unit html5lib dump | sed 's/^| //; s/  /./g' | paste -sd' '
}
# gives PAGE TREE-BELOW-BODY
gives() {
	got=$(tree "$1" | sed 's/.* \.<body> *//')
	[ "$got" = "$2" ] || { echo "got:    $got" "wanted: $2"; return 1; }
}

ok 'the empty page has html, head and body' '
	[ "$(tree "")" = "<html> .<head> .<body>" ]'
ok 'a paragraph ends where the next begins' '
	gives "<p>a<p>b" "..<p> ...\"a\" ..<p> ...\"b\""'
ok 'formatting is reopened in the next block' '
	gives "<p><b>a<p>b" "..<p> ...<b> ....\"a\" ..<p> ...<b> ....\"b\""'
ok 'misnested formatting: the adoption agency' '
	gives "<b>1<p>2</b>3" \
		"..<b> ...\"1\" ..<p> ...<b> ....\"2\" ...\"3\""'
ok 'text in a table moves before it' '
	gives "<table>x<tr><td>y" \
		"..\"x\" ..<table> ...<tbody> ....<tr> .....<td> ......\"y\""'
ok 'references are decoded and joined to the text around them' '
	gives "a&amp;b&#x41;&copy&notit;" "..\"a&bA©¬it;\""'
ok 'attributes: without a value, duplicate, in capitals' '
	gives "<A HREF=x href=y Hidden>" "..<a> ...hidden=\"\" ...href=\"x\""'
ok 'without scripting the content of noscript is elements' '
	gives "<body><noscript><i>x" "..<noscript> ...<i> ....\"x\""'
ok 'SVG names get their capitals; HTML tags end SVG' '
	gives "<svg><lineargradient/><p>x" \
		"..<svg svg> ...<svg linearGradient> ..<p> ...\"x\""'
ok 'after the end of a frameset page only comments and noframes are kept' '
	[ "$(tree "<frameset></frameset></html><!--a-->x<p>y<noframes>z</noframes>")" = \
		"<html> .<head> .<frameset> .<noframes> ..\"z\" <!-- a -->" ]'
ok 'a doctype after the body changes nothing: a comment goes to the end' '
	[ "$(tree "<p>x</body><!doctype html><!--a-->")" = \
		"<html> .<head> .<body> ..<p> ...\"x\" .<!-- a -->" ]'
ok 'newlines: CR LF and CR are LF' '
	[ "$(printf "<pre>\r\na\r\nb\rc" | unit html5lib dump | sed -n 5,7p |
		paste -sd_)" = "|       \"a_b_c\"" ]'
ok 'NUL bytes do not end a page' '
	gives "a\000b<svg>\000" "..\"ab\" ..<svg svg> ...\"�\""'
# A page and its tree according to html5lib, a line each.
cat >nul <<'END'
a\000b|<html> .<head> .<body> .."ab"
<p\000q>x|<html> .<head> .<body> ..<p�q> ..."x"
<p a\000b=1>x|<html> .<head> .<body> ..<p> ...a�b="1" ..."x"
<p a=1\000 b='\000' c="\000">x|<html> .<head> .<body> ..<p> ...a="1�" ...b="�" ...c="�" ..."x"
<!--a\000b-->|<!-- a�b --> <html> .<head> .<body>
<!\000-->|<!-- �-- --> <html> .<head> .<body>
<!DOCTYPE ht\000ml>|<!DOCTYPE ht�ml> <html> .<head> .<body>
<title>a\000b</title>|<html> .<head> ..<title> ..."a�b" .<body>
<textarea>\000a</textarea>|<html> .<head> .<body> ..<textarea> ..."�a"
<style>a\000</style>|<html> .<head> ..<style> ..."a�" .<body>
<script>\000a<!--\000--></script>|<html> .<head> ..<script> ..."�a<!--�-->" .<body>
<plaintext>a\000|<html> .<head> .<body> ..<plaintext> ..."a�"
<svg>\000\000a\000\000\000</svg>|<html> .<head> .<body> ..<svg svg> ..."��a���"
<svg><![CDATA[\000\000a\000\000\000]]></svg>|<html> .<head> .<body> ..<svg svg> ..."��a���"
<svg>\000a</svg>|<html> .<head> .<body> ..<svg svg> ..."�a"
<svg><![CDATA[\000a\000]]>\000|<html> .<head> .<body> ..<svg svg> ..."�a��"
<math><mi>\000a</mi>\000</math>|<html> .<head> .<body> ..<math math> ...<math mi> ...."a" ..."�"
<table>\000<tr>\000a|<html> .<head> .<body> .."a" ..<table> ...<tbody> ....<tr>
<select>\000<option>a\000|<html> .<head> .<body> ..<select> ...<option> ...."a"
<frameset>\000</frameset>|<html> .<head> .<frameset>
&#0;&\000amp;|<html> .<head> .<body> .."�&amp;"
</p\000>x|<html> .<head> .<body> .."x"
<a/\000=b>|<html> .<head> .<body> ..<a> ...�="b"
END
ok 'NUL bytes are dropped or replaced, depending on the context' '
	n=0
	while IFS="|" read -r page want; do
		got=$(tree "$page")
		[ "$got" = "$want" ] || { echo "$page" "got:    $got" "wanted: $want" >&2; exit 1; }
		n=$((n + 1))
	done <nul
	[ $n = 23 ]
'
ok 'the content of a template is a separate tree' '
	printf "<template><td>x" | unit html5lib dump | grep -q "content"'
ok 'a fragment: a row in the context of tbody' '
	[ "$(printf "<td>x" | unit html5lib dump tbody | paste -sd" ")" = \
		"| <tr> |   <td> |     \"x\"" ]'
ok 'selectedcontent copies the selected option, but not one that contains it' '
	gives "<select><button><selectedcontent></button><option>x" \
		"..<select> ...<button> ....<selectedcontent> .....\"x\" ...<option> ....\"x\"" &&
	gives "<select><option>x<selectedcontent>" \
		"..<select> ...<option> ....\"x\" ....<selectedcontent>"'

# Cases of our own in the format of html5lib-tests. The trees are html5lib 1.1's,
# or the standard's for what is newer: templates, rtc and hr in select.
ok '118 pages and fragments have the trees of html5lib' '
	unit html5lib tree "$TOP/t/trees.dat" >count || { cat count >&2; false; }
	grep -qx "236 of 236" count	# once per scripting flag
'

# Hostile pages: quadratic time would not finish here.
hostile() {
	awk -v n="$2" "BEGIN { for (i = 0; i < n; i++) printf $1 }" >page &&
		timeout 30 "$BUILD/unit/html5lib" count <page
}
ok 'a million nested div' '
	hostile "\"<div>\"" 1000000'
ok 'half a million nested tables' '
	hostile "\"<table><td>\"" 500000'
ok 'many open formatting elements, each with its own attribute' '
	hostile "\"<b id=%d>\", i" 300000'
ok 'formatting elements reopened in each paragraph' '
	hostile "i < 500 ? \"<font a\" i \">\" : \"<p>x\"" 300000'
ok 'misnested links' '
	hostile "\"<a><div><p>\"" 200000'
ok 'a tag of 200,000 attributes' '
	hostile "i ? \" a\" i \"=1\" : \"<p\"" 200000'
ok 'nested templates' '
	hostile "\"<template>\"" 200000'
ok 'lists and headings left open' '
	hostile "\"<ul><li><h1><a>\"" 200000'
ok 'a select with many options and selectedcontent' '
	hostile "i ? \"<option selected>x\" : \"<select><button><selectedcontent></button>\"" 200000'
ok 'end tags of elements that are not open' '
	hostile "i < 600 ? \"<span>\" : \"</i></p></x>\"" 300000'

tests=$SHARED/data/html5lib-tests/tree-construction
if [ -d "$tests" ]
then
	ok 'html5lib-tests: every case of tree construction' '
		unit html5lib tree "$tests"/*.dat | tee count &&
		grep -Eq "^([0-9]{4}) of \\1$" count'
	[ -s count ] && echo "# $(cat count) (each scripting flag apart)"
else
	skip 'html5lib-tests' 'there is no shared/data/html5lib-tests'
fi
done_testing
