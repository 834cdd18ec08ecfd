#!/bin/sh
# Web archives from other software: as many records, pages and bytes of HTML as
# warcio and fastwarc find.
. "${0%/*}/lib.sh"
needs_shared data/warc/counts.tsv

counts=$SHARED/data/warc/counts.tsv
value() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' st; }
count_of() {	# FILE NAME: a field of counts.tsv
	awk -F '\t' -v f="$1" -v k="$2" 'NR == 1 { for (i = 1; i <= NF; i++)
		c[$i] = i } $1 == f { print $c[k] }' "$counts"
}
for f in $(cut -f 1 "$counts" | sed 1d)
do
	case $f in
	*.wet.gz | *clipped* | *brotli*) continue ;;	# below
	esac
	ok "$f: records, pages, bytes" "
		crawlclean -q -x --stats st '$SHARED/data/warc/$f' >out
		test \"\$(value records)\" = '$(count_of "$f" warcio_records)'
		test \"\$(value pages)\" = '$(count_of "$f" warcio_html)'
		test \"\$(value bytes)\" = '$(count_of "$f" warcio_html_bytes)'
	"
done
ok 'extracted text in a WET file is a page' '
	crawlclean -q -x --stats st "$SHARED/data/warc/cc-whirlwind.warc.wet.gz" >out
	test "$(value records)" = 2
	test "$(wc -l <out)" = 1
'
ok 'brotli is read, or counted as unreadable if built without its library' '
	crawlclean -q -x --stats st "$SHARED/data/warc/ukwa-te-brotli.warc.gz" >out
	test "$(value unreadable) $(value bytes)" = "0 246" ||
		test "$(value unreadable)" = 1
'
fails 1 'a clipped archive: complete records are kept, the rest is an error' '
	crawlclean -x "$SHARED/data/warc/resiliparse-clipped.warc.gz" >out || {
		test "$(wc -l <out)" = 1 || echo wrong; exit 1; }
' 'cut off'
done_testing
