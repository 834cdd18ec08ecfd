#!/bin/sh
# Encodings of pages: what they are found to be, and decoding.
. "${0%/*}/lib.sh"

# is NAME PAGE [CONTENT-TYPE]
is() {
	got=$(printf "$2" | unit html5lib decode ${3:+"$3"} | sed q)
	[ "$got" = "$1" ] || { echo "got $got, wanted $1"; return 1; }
}
# text PAGE UTF-8 [CONTENT-TYPE]
text() {
	got=$(printf "$1" | unit html5lib decode ${3:+"$3"} | sed 1d)
	[ "$got" = "$2" ] || { echo "got $got, wanted $2"; return 1; }
}

ok 'without a word: ASCII is windows-1252, valid UTF-8 is UTF-8' '
	is windows-1252 "abc" && is windows-1252 "caf\351 noir" &&
	is UTF-8 "caf\303\251"'
ok 'UTF-8 that is cut off in a character is still UTF-8' '
	is UTF-8 "\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303"'
ok 'a byte order mark comes before everything and is left out' '
	is UTF-8 "\357\273\277abc" "text/html; charset=koi8-r" &&
	text "\357\273\277abc" abc &&
	text "\377\376a\000b\000=\330\000\336" "ab😀" &&
	text "\376\377\000a" a'
ok 'the header comes before the page' '
	is KOI8-R "<meta charset=utf-8>" "text/html; charset=koi8-r" &&
	is windows-1251 "<meta charset=cp1251>" "text/html; charset=nonsense" &&
	is Shift_JIS "x" "text/html;CHARSET = \"x-sjis\" ; x"'
ok 'meta elements in their forms' '
	is ISO-8859-2 "<meta charset=latin2>" &&
	is ISO-8859-2 "<META a=b CHARSET=\" l2 \" >" &&
	is EUC-JP "<meta content=\"text/html;charset=x-euc-jp\" http-equiv=Content-Type>" &&
	is windows-1252 "<meta content=\"text/html; charset=euc-jp\">" &&
	is windows-1252 "<!-- <meta charset=euc-jp> -->" &&
	is UTF-8 "<meta charset=utf-16>"'
ok 'a label with a NUL byte is none' '
	is windows-1252 "<meta charset=\"koi8-r\000xxxxxxxxxxxxxxxxxx\">"'
ok 'an XML declaration' '
	is EUC-KR "<?xml version=\"1.0\" encoding=\"ks_c_5601-1987\"?><html>"'
ok 'a meta element far from the beginning' '
	{ printf "<p title=\"%%03000d\">\351" 0; printf "<meta charset=iso-8859-5>"; } |
		unit html5lib decode | sed q | grep -x ISO-8859-5'
ok 'UTF-8 that is called latin1 is decoded as UTF-8' '
	text "<meta charset=iso-8859-1>\303\251\303\250" \
		"<meta charset=iso-8859-1>éè"'
ok 'windows-1252, with the controls that it leaves open' '
	text "\200\223x\224 \351\201" "€“x” é$(printf "\302\201")"'
ok 'Cyrillic, Greek, Thai by tables' '
	text "\360\322\311\327\305\324" Привет "x; charset=koi8-r" &&
	text "\317\360\350\342\345\362" Привет "x; charset=windows-1251" &&
	text "\311\344\345" Ιδε "x; charset=iso-8859-7" &&
	text "\241\322\303" การ "x; charset=tis-620"'
ok 'Chinese, Japanese, Korean by iconv' '
	text "\304\343\272\303" 你好 "x; charset=gb2312" &&
	text "\247\101\246\156" 你好 "x; charset=big5" &&
	text "\223\372\226\173" 日本 "x; charset=shift_jis" &&
	text "\306\374\313\334" 日本 "x; charset=euc-jp" &&
	text "\033\$BF|K\\\\\033(B" 日本 "x; charset=iso-2022-jp" &&
	text "\307\321\261\333" 한글 "x; charset=euc-kr"'
ok 'what cannot be decoded is U+FFFD, and what follows is not lost' '
	text "a\377b" "a�b" "x; charset=utf-8" &&
	text "\304\343\377b" "你�b" "x; charset=gb2312" &&
	text "x\304" "x�" "x; charset=euc-kr" &&
	text "\377\376a\000\000\330b\000z" "a�b�"'

tests=$SHARED/data/html5lib-tests/encoding
if [ -d "$tests" ]
then
	ok 'html5lib-tests: every case of encodings' '
		unit html5lib encoding "$tests"/*.dat | tee count &&
		grep -Eq "^([0-9]+) of \\1$" count'
	[ -s count ] && echo "# $(cat count)"
else
	skip 'html5lib-tests' 'there is no shared/data/html5lib-tests'
fi
done_testing
