#!/bin/sh
# Encodings of pages: detection and decoding.
. "${0%/*}/lib.sh"

fffd=$(printf "\357\277\275")

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

ok 'without a declaration: ASCII is windows-1252, valid UTF-8 is UTF-8' '
	is windows-1252 "abc" && is windows-1252 "caf\351 noir" &&
	is UTF-8 "caf\303\251"'
ok 'UTF-8 truncated within a character is still UTF-8' '
	is UTF-8 "\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303"'
ok 'a byte order mark takes precedence and is dropped' '
	is UTF-8 "\357\273\277abc" "text/html; charset=koi8-r" &&
	text "\357\273\277abc" abc &&
	text "\377\376a\000b\000=\330\000\336" "ab😀" &&
	text "\376\377\000a" a'
ok 'the HTTP header takes precedence over the page' '
	is KOI8-R "<meta charset=utf-8>" "text/html; charset=koi8-r" &&
	is windows-1251 "<meta charset=cp1251>" "text/html; charset=nonsense" &&
	is Shift_JIS "x" "text/html;CHARSET = \"x-sjis\" ; x"'
ok 'meta elements in all their forms' '
	is ISO-8859-2 "<meta charset=latin2>" &&
	is ISO-8859-2 "<META a=b CHARSET=\" l2 \" >" &&
	is EUC-JP "<meta content=\"text/html;charset=x-euc-jp\" http-equiv=Content-Type>" &&
	is windows-1252 "<meta content=\"text/html; charset=euc-jp\">" &&
	is windows-1252 "<!-- <meta charset=euc-jp> -->" &&
	is UTF-8 "<meta charset=utf-16>"'
ok 'a label with a NUL byte is invalid' '
	is windows-1252 "<meta charset=\"koi8-r\000xxxxxxxxxxxxxxxxxx\">"'
ok 'an XML declaration' '
	is EUC-KR "<?xml version=\"1.0\" encoding=\"ks_c_5601-1987\"?><html>"'
ok 'a meta element far from the beginning' '
	{ printf "<p title=\"%%03000d\">\351" 0; printf "<meta charset=iso-8859-5>"; } |
		unit html5lib decode | sed q | grep -x ISO-8859-5'
ok 'UTF-8 declared as latin1 is decoded as UTF-8' '
	text "<meta charset=iso-8859-1>\303\251\303\250" \
		"<meta charset=iso-8859-1>éè"'
ok 'valid UTF-8 is UTF-8 whatever the label says' '
	is UTF-8 "<p>\316\261\316\262\316\263\316\264 caf\303\251" "x; charset=gbk" &&
	is UTF-8 "<meta charset=shift_jis>caf\303\251" &&
	is UTF-8 "\320\237\321\200\320\270" "x; charset=utf-16" &&
	is UTF-8 "\320\237\321\200\320\270" "x; charset=iso-2022-kr"'
ok 'two characters valid in both encodings are decoded as declared' '
	text "<p>\303\244\303\202 " "<p>盲脗 " "x; charset=gbk"'
ok 'one non-ASCII byte makes a page windows-1252; pure ASCII keeps its label' '
	text "A na\357ve plan" "A naïve plan" &&
	text "10 \2445 \251 2001" "10 ¤5 © 2001" &&
	text "It\222s done" "It’s done" &&
	text "Don\222t say you\222ll, he\222d \223do\224 it, it\222s Ann\222s" \
		"Don’t say you’ll, he’d “do” it, it’s Ann’s" &&
	is KOI8-R abc "x; charset=koi8-r" && is Big5 "<meta charset=big5>abc"'
ok 'a single word suffices to detect another alphabet' '
	text "<title>\317\360\350\342\345\362, \354\350\360</title>" \
		"<title>Привет, мир</title>" &&
	text "\320\322\311\327\305\324, \315\311\322" "привет, мир" &&
	text "\223\372\226\173\202\314\216\122" "日本の山" &&
	text "\304\343\272\303\243\254\312\300\275\347" "你好，世界"'
ok 'nonstandard labels are read as intended' '
	is windows-1251 "<meta charset=cp-1251>\344\340" &&
	is windows-1251 "<meta charset=win-1251>\344\340" &&
	is windows-1251 "\344\340" "x; charset=windows1251" &&
	is ISO-8859-2 "<meta charset=iso8859_2>\261" &&
	is Shift_JIS "<meta charset=Shift-JIS>\202\240" &&
	is UTF-8 "<meta charset=utf8mb4>\303\251" &&
	is windows-1252 "<meta charset=\"nonsense\">abc"'
ok 'a label that the text contradicts is overridden' '
	russian="\337 \337\357\357\357 \361\362\340\360\373\351 \344\356\354 \363 \360\345\352\350"
	text "<meta charset=iso-8859-1>$russian" \
		"<meta charset=iso-8859-1>Я Яппп старый дом у реки" &&
	text "$russian" "Я Яппп старый дом у реки" "x; charset=utf-8" &&
	text "$russian" "Я Яппп старый дом у реки" "x; charset=gbk"'
ok 'if header and meta element disagree, the text decides' '
	russian="\361\362\340\360\373\351 \344\356\354 \363 \360\345\352\350"
	text "<meta charset=windows-1251>$russian" \
		"<meta charset=windows-1251>старый дом у реки" "x; charset=koi8-r" &&
	text "<meta charset=koi8-r>$russian" \
		"<meta charset=koi8-r>старый дом у реки" "x; charset=windows-1251"'
ok 'UTF-16 without a mark, UTF-32 with one' '
	text "<\000p\000>\000h\000\351\000" "<p>hé" &&
	text "\000<\000p\000>\000h\000\351" "<p>hé" &&
	text "\377\376\000\000a\000\000\000\000\366\001\000" "a😀" &&
	text "\000\000\376\377\000\000\000a\000\001\366\000" "a😀" &&
	text "\377\376a\000\000\334b\000" "a${fffd}b" &&
	is UTF-16LE "?\004@\0048\0042\0045\004B\004 \000<\0048\004@\004,\000 \000?\004>\004:\0040\004" "x; charset=koi8-r"'
ok 'neither stray zero bytes nor binary data make a page UTF-16' '
	is windows-1252 "abc\000defghijklmnopqrstuvwxyz and so on to the end" &&
	is windows-1252 "a page of plain text b\001c\002d with a zero byte\000 and so on" &&
	is windows-1252 "\001\000\002\000\003\000\004\000\005\000\006\000" &&
	is UTF-8 "caf\303\251 \000\000 \303\251\303\251\303\251"'
ok 'ISO-2022-JP is recognised by its escape sequences' '
	text "<p>\033\$BF|K\\\\\033(B</p>" "<p>日本</p>" &&
	text "<meta charset=utf-8>\033\$BF|K\\\\\033(B" "<meta charset=utf-8>日本" &&
	is windows-1252 "\033[1mbold\033[0m" && is windows-1252 "\033\$B\001"'
ok 'a few invalid bytes in UTF-8 become U+FFFD and do not trigger guessing' '
	text "\303\251\303\250\303\240\303\271\303\264\303\242\303\252\303\256\303\273 \351" \
		"éèàùôâêîû $fffd"'
ok 'in a page of two encodings the larger part decides' '
	{ printf "<p>Старый дом у реки давно пустует, и окна его забиты</p>"
	printf "<p>\361\362\340\360\373\351 \344\356\354</p>"; } |
		unit html5lib decode >out
	sed q out | grep -x UTF-8
	grep -q "Старый дом у реки давно пустует" out
	{ printf "<p>\361\362\340\360\373\351 \344\356\354 \363 \360\345\352\350</p>"
	printf "<p>дом</p>"; } | unit html5lib decode | grep -q "старый дом у реки"'
ok 'windows-1252, with the controls it leaves unassigned' '
	text "\200\223x\224 \351\201" "€“x” é$(printf "\302\201")"'
ok 'Cyrillic, Greek and Thai single-byte tables' '
	text "\360\322\311\327\305\324" Привет "x; charset=koi8-r" &&
	text "\317\360\350\342\345\362" Привет "x; charset=windows-1251" &&
	text "\311\344\345" Ιδε "x; charset=iso-8859-7" &&
	text "\241\322\303" การ "x; charset=tis-620"'
ok 'Chinese, Japanese, Korean' '
	text "\304\343\272\303" 你好 "x; charset=gb2312" &&
	text "\247\101\246\156" 你好 "x; charset=big5" &&
	text "\223\372\226\173" 日本 "x; charset=shift_jis" &&
	text "\306\374\313\334" 日本 "x; charset=euc-jp" &&
	text "\033\$BF|K\\\\\033(B" 日本 "x; charset=iso-2022-jp" &&
	text "\307\321\261\333" 한글 "x; charset=euc-kr"'
ok 'the euro sign of GBK, four-byte sequences of gb18030, and its gaps' '
	text "\200 5" "€ 5" "x; charset=gbk" &&
	text "\201\060\204\066" "¥" "x; charset=gb18030" &&
	text "\224\071\374\066" "😀" "x; charset=gb18030" &&
	text "\201\065\364\067" "$(printf "\356\237\207")" "x; charset=gb18030" &&
	text "\343\062\232\066" "${fffd}" "x; charset=gb18030" &&
	text "\201\060a" "${fffd}0a" "x; charset=gb18030" &&
	text "\377x" "${fffd}x" "x; charset=gb18030"'
ok 'Big5 with the Hong Kong supplementary characters' '
	text "\207\100\210\142\210\144" "䏰Ê̄Ê̌" "x; charset=big5" &&
	text "\210\243\210\245\372\100" "ê̄ê̌𠕇" "x; charset=big5-hkscs"'
ok 'EUC-JP: JIS X 0212 and half-width katakana' '
	text "\217\260\241\216\261" "丂ｱ" "x; charset=euc-jp" &&
	text "\217\260x" "${fffd}x" "x; charset=euc-jp" &&
	text "\217\260" "$fffd" "x; charset=euc-jp"'
ok 'Shift_JIS: half-width katakana, private use, 0x80' '
	text "\261\360\100" "ｱ$(printf "\356\200\200")" "x; charset=shift_jis" &&
	text "\200" "$(printf "\302\200")" "x; charset=shift_jis" &&
	text "\201{\240" "＋${fffd}" "x; charset=shift_jis"'
ok 'ISO-2022-JP: Roman, katakana, and invalid sequences' '
	text "\033(J\\\\~\033(I1\033(B1" "¥‾ｱ1" "x; charset=iso-2022-jp" &&
	text "\033(B\033(Ba" "${fffd}a" "x; charset=iso-2022-jp" &&
	text "\033\$B0" "$fffd" "x; charset=iso-2022-jp" &&
	text "\033x\351" "${fffd}x$fffd" "x; charset=iso-2022-jp"'
ok 'undecodable bytes become U+FFFD, and what follows is not lost' '
	text "a\377b" "a�b" "x; charset=utf-8" &&
	text "\304\343\377b" "你�b" "x; charset=gb2312" &&
	text "x\304" "x�" "x; charset=euc-kr" &&
	text "\377\376a\000\000\330b\000z" "a�b�"'

if command -v python3 >/dev/null
then
	ok '45 texts in 29 languages are decoded correctly, whether labelled wrongly or not' '
		python3 "$TOP/t/charset.py" "$BUILD/unit/charset" \
			"$TOP/t/charset-texts.tsv" .95'
	ok 'every character of the East Asian encodings that Python has' '
		python3 "$TOP/t/charset.py" "$BUILD/unit/charset" --tables'
else
	skip 'texts and tables' 'there is no python3'
fi
samples=$SHARED/data/lang/dev.tsv
if [ -n "${T_LONG:-}" ] && [ -f "$samples" ]
then
	ok '1,404 software texts in all their encodings: at least 93% are decoded correctly' '
		python3 "$TOP/t/charset.py" "$BUILD/unit/charset" "$samples" .93'
else
	skip '1,404 texts' 'T_LONG=1 runs it, with shared/data/lang'
fi

tests=$SHARED/data/html5lib-tests/encoding
if [ -d "$tests" ]
then
	ok 'html5lib-tests: every encoding case' '
		unit html5lib encoding "$tests"/*.dat | tee count &&
		grep -Eq "^([0-9]+) of \\1$" count'
	[ -s count ] && echo "# $(cat count)"
else
	skip 'html5lib-tests' 'there is no shared/data/html5lib-tests'
fi
done_testing
