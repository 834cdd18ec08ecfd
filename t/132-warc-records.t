#!/bin/sh
# Generated web archives with every kind of record: crawlclean finds what was
# written; with T_LONG=1 warcio finds it too.
. "${0%/*}/lib.sh"
needs_command python3

# make.py NAME: writes NAME.warc, and NAME.warc.gz with one member per record.
# Records of all types; pages of several status codes and content types;
# NAME.want lists the pages: address, date and a word that only this page has.
cat >make.py <<'END'
import gzip, sys
name = sys.argv[1]
plain, packed, want = open(name + '.warc', 'wb'), open(name + '.warc.gz', 'wb'), open(name + '.want', 'w')
count = 0
def record(kind, block, url=None, more=''):
    global count
    count += 1
    head = f'WARC/1.{count % 2}\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{count:036d}>\r\n' \
        f'WARC-Date: 2026-02-{count % 28 + 1:02d}T0{count % 10}:00:00Z\r\n' + more
    if url:
        head += f'WARC-Target-URI: {url}\r\n'
    data = f'{head}Content-Length: {len(block)}\r\n\r\n'.encode() + block + b'\r\n\r\n'
    plain.write(data)
    packed.write(gzip.compress(data, 6, mtime=0))
    return f'2026-02-{count % 28 + 1:02d}T0{count % 10}:00:00Z'
def page(word):
    return (f'<!doctype html><html><head><title>{word}</title></head><body><p>The {word} of this '
        'page is found nowhere else, and the sentence around it is long enough for a text.</p>'
        f'<p>A second paragraph says that the {word} was seen again on the following day.</p>'
        '</body></html>').encode()
http = 'Content-Type: application/http; msgtype=response\r\n'
def response(url, head, body, word):
    date = record('response', f'HTTP/1.1 {head}\r\n\r\n'.encode() + body, url, http)
    if word:
        print(url, date, word, sep='\t', file=want)
def chunked(data, sizes):
    out, at = b'', 0
    for n in sizes:
        out += f'{len(data[at:at + n]):x};x=y\r\n'.encode() + data[at:at + n] + b'\r\n'
        at += n
    return out + f'{len(data[at:]):X}\r\n'.encode() + data[at:] + b'\r\n0\r\nTrailer: x\r\n\r\n'
record('warcinfo', b'software: by hand\r\n', None, 'Content-Type: application/warc-fields\r\n')
for i in range(40):
    url = f'http://host{i % 7}.example/dir/{i}?q=\u00e4'.encode().decode()
    word = 'quince' + ''.join(chr(97 + int(d)) for d in f'{i:03d}')
    record('request', b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', url, http)
    html = 'Content-Type: text/html; charset=utf-8'
    body = page(word)
    if i % 8 == 0:
        response(url, f'200 OK\r\n{html}', body, word)
    elif i % 8 == 1:
        response(url, f'200 OK\r\n{html}\r\nTransfer-Encoding: chunked', chunked(body, [1, 16, 100]), word)
    elif i % 8 == 2:
        response(url, f'200 OK\r\nContent-Encoding: gzip\r\n{html}', gzip.compress(body, mtime=0), word)
    elif i % 8 == 3:
        response(url, '200 OK\r\nContent-Type: image/png', b'\x89PNG\r\n\x1a\n' + body, None)
    elif i % 8 == 4:
        response(url, f'200 OK\r\ncontent-TYPE:TEXT/HTML\r\nX-Folded: a\r\n b', body, word)
    elif i % 8 == 5:
        record('revisit', b'HTTP/1.1 304 Not Modified\r\n\r\n', url, http)
    elif i % 8 == 6:
        record('metadata', b'fetchTimeMs: 5\r\n', url, 'Content-Type: application/warc-fields\r\n')
    else:
        response(url, f'200 OK\r\n{html}\r\nTransfer-Encoding: chunked\r\nContent-Encoding: deflate',
                 chunked(__import__('zlib').compress(body), [10, 20]), word)
print(count)
END
python3 make.py a >count

# The documents in the format of NAME.want; a truncated page may lack its word.
cat >list.py <<'END'
import json, re, sys
for d in map(json.loads, sys.stdin):
    m = d['metadata']
    for word in re.findall('quince[a-j]+', d['text'])[:1]:
        print(m['url'], m['date'], word, sep='\t')
END
value() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' st; }
for f in a.warc a.warc.gz
do
	ok "$f: every page with its address, date and text; all records counted" "
		crawlclean -q -x --stats st $f >docs
		python3 list.py <docs | diff a.want - >&2
		test \"\$(value records)\" = \"\$(cat count)\"
		test \"\$(value pages)\" = 25
	"
done
ok 'so it is with any number of threads' '
	crawlclean -q -x -j 1 a.warc.gz >one
	crawlclean -q -x -j 3 a.warc.gz | cmp - one
'
ok 'two concatenated archives, of either kind' '
	cat a.warc a.warc | crawlclean -q -x | wc -l >n
	cat a.warc.gz a.warc.gz | crawlclean -q -x | wc -l >>n
	test "$(tr "\n" " " <n)" = "50 50 "
'
for f in a.warc a.warc.gz
do
	ok "$f truncated anywhere: the pages before the cut, a message, exit 1" "
		size=\$(wc -c <$f)
		for part in 1 2 3 4 5 6 7 8 9; do
			head -c \$((size * part / 10 - 3)) $f >cut
			status=0
			crawlclean -q -x cut >docs 2>err || status=\$?
			test \$status = 1
			grep -Eq '^crawlclean: .*(cut off|lost)' err
			python3 list.py <docs >got
			n=\$(wc -l <got)
			test \$n -ge \$((25 * part / 10 - 2)) && test \$n -le 25
			head -n \$n a.want | cmp - got
		done
	"
done
if [ -n "${T_LONG:-}" ]; then
	venv warcio
	ok 'warcio finds as many records and responses' '
		"$venv/bin/python" -c "
from warcio.archiveiterator import ArchiveIterator
for name in \"a.warc\", \"a.warc.gz\":
	kinds = [r.rec_type for r in ArchiveIterator(open(name, \"rb\"))]
	assert len(kinds) == $(cat count) and kinds.count(\"response\") == 30"
	'
fi
done_testing
