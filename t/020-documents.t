#!/bin/sh
# Compressed input, archives, and conversations in every format.
. "${0%/*}/lib.sh"

seq 1 20000 >long.html && echo hello >short.txt && echo ü >ü.html
for c in gzip xz bzip2 zstd lz4; do
	command -v "$c" >/dev/null || { skip "$c" "there is no $c"; continue; }
	ok "$c: recognised by its first bytes, whatever the name" "
		$c -c <long.html >data && unit archive -s data | cmp - long.html &&
		unit archive -s - <data | cmp - long.html
	"
	fails 1 "$c: truncation is an error that states the file and byte" "
		$c -c <long.html >data && n=\$(wc -c <data) &&
		head -c \$((n - 3)) data >cut && unit archive -s cut >/dev/null
	" 'cut: byte [0-9]+: '
	ok "$c: compressed empty input is empty" "
		: | $c -c >data && unit archive -s data | cmp - /dev/null
	"
done
ok 'concatenated gzip members, as in WARC files' '
	{ gzip -c short.txt; gzip -c long.html; } >data &&
	unit archive -s data >out && cat short.txt long.html | cmp - out
'
ok 'gzip inside gzip' 'gzip -c long.html | gzip | unit archive -s - | cmp - long.html'
fails 1 'gzip followed by other data' '
	{ gzip -c short.txt; echo x; } | unit archive -s -
' 'other data after the gzip data'

crc=$(unit archive long.html | cut -f 3)
ok 'a plain file is its own single member' '
	unit archive short.txt | cut -f 1,2,4 >out && printf "short.txt\t6\t1\n" | cmp - out
'
ok 'an empty file is an empty member' '
	: >empty && unit archive empty | cut -f 1,2 >out && printf "empty\t0\n" | cmp - out
'
ok 'tar, compressed tar, tar in tar' '
	tar cf a.tar long.html ü.html && tar czf a.tgz a.tar short.txt &&
	unit archive a.tgz | cut -f 1-3 >out &&
	printf "a.tgz/a.tar/long.html\t108894\t$crc\n" | cat - >want &&
	head -n 1 out | cmp - want && test $(wc -l <out) = 3 &&
	grep -q "^a.tgz/a.tar/ü.html" out
'
ok 'links and directories are skipped' '
	mkdir d && echo x >d/f && ln d/f d/hard && ln -s f d/soft && tar cf l.tar d &&
	test $(unit archive l.tar | wc -l) = 1
'
if command -v python3 >/dev/null; then
ok 'zip, from a file and through a pipe' '
	python3 -c "
import zipfile
z = zipfile.ZipFile(\"a.zip\", \"w\", zipfile.ZIP_DEFLATED)
z.write(\"long.html\"); z.write(\"ü.html\")
z.close()"
	unit archive a.zip | cut -f 3 >out && unit archive - <a.zip | cut -f 3 | cmp - out &&
	head -n 1 out | grep -q "$crc" && unit archive a.zip | grep -q "a.zip/ü.html"
'
else skip zip 'there is no python3 to make one'; fi
ok 'the members of a Debian package are its data files' '
	mkdir p && cp long.html p && tar cf data.tar -C p . && gzip -n data.tar &&
	: >control && tar czf control.tar.gz control && echo 2.0 >debian-binary &&
	printf "!<arch>\n" >x.deb &&
	for f in debian-binary control.tar.gz data.tar.gz; do
		printf "%-16s%-12s%-6s%-6s%-8s%-10s\`\n" $f 0 0 0 100644 $(wc -c <$f)
		cat $f; test $(($(wc -c <$f) % 2)) = 0 || echo
	done >>x.deb
	unit archive x.deb | cut -f 1,3 >out &&
	printf "x.deb/data.tar.gz/long.html\t$crc\n" | cmp - out
'
# Containers of every kind: made by libarchive's writers or, for formats that it
# only reads, by hand from the description of the format.
for format in 7zip cpio newc iso9660 pax ustar gnutar xar zip; do
	unit mkarchive $format long.html short.txt >c.$format 2>err || {
		skip "$format" "$(cat err)"; continue; }
	ok "$format: both files are complete" "
		unit archive c.$format | cut -f 1-3 | tr A-Z a-z >out
		test \$(wc -l <out) = 2
		grep -q '^c.$format/.*long.html.*	108894	$crc\$' out
		grep -q '^c.$format/.*short.txt.*	6	' out
	"
done
cat >hand.py <<'END'
import binascii, struct, sys
kind, name = sys.argv[1:]
data = open(name, 'rb').read()[:30000]
crc, n = binascii.crc32(data), name.encode()
def vint(i):
    return bytes([i]) if i < 128 else bytes([i & 127 | 128]) + vint(i >> 7)
if kind == 'cab':
    file = struct.pack('<IIHHHH', len(data), 0, 0, 0x5000, 0, 32) + n + b'\0'
    start = 36 + 8 + len(file)
    block = struct.pack('<IHH', 0, len(data), len(data)) + data
    out = struct.pack('<4sIIIIIBBHHHHH', b'MSCF', 0, start + len(block), 0, 44, 0, 3, 1, 1, 1, 0, 0, 0)
    out += struct.pack('<IHH', start, 1, 0) + file + block
elif kind == 'rar':
    def head(type, flags, rest):
        h = struct.pack('<BHH', type, flags, 7 + len(rest)) + rest
        return struct.pack('<H', binascii.crc32(h) & 0xffff) + h
    out = b'Rar!\x1a\7\0' + head(0x73, 0, bytes(6)) + head(0x74, 0x8000, struct.pack(
        '<IIBIIBBHI', len(data), len(data), 3, crc, 0x5c210000, 20, 0x30, len(n), 0o100644) + n)
    out += data + head(0x7b, 0x4000, b'')
else:
    def head(body):
        h = vint(len(body)) + body
        return struct.pack('<I', binascii.crc32(h)) + h
    file = vint(2) + vint(2) + vint(len(data)) + vint(4) + vint(len(data)) + vint(0o100644)
    file += struct.pack('<I', crc) + vint(0) + vint(1) + vint(len(n)) + n
    out = b'Rar!\x1a\7\1\0' + head(vint(1) + vint(0) + vint(0)) + head(file) + data
    out += head(vint(5) + vint(0) + vint(0))
sys.stdout.buffer.write(out)
END
head -c 30000 long.html >part.html
part=$(unit archive part.html | cut -f 3)
for format in cab rar rar5; do
	ok "$format: the file is complete" "
		python3 hand.py $format part.html >c.$format
		unit archive c.$format | cut -f 1-3 >out
		printf 'c.$format/part.html\t30000\t$part\n' | cmp - out
	"
done
fails 1 'a truncated tar file' '
	tar cf a.tar long.html && head -c 50000 a.tar | unit archive -' 'Truncated tar'
fails 1 'a directory' 'unit archive .' 'is a directory'

conv() {	# LINE RESULT
	printf '%s\n' "$1" | unit conversation >got
	printf '%s\n' "$2" | cmp - got
}
ok 'messages, content parts joined' '
	conv "{\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{\"role\":\"user\",\"content\":\"q\\n\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]}" \
		"system:\"S\" user:\"q\\n\" -> assistant:\"ab\""
'
ok 'a bare list' '
	conv "[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]" \
		"user:\"q\" -> assistant:\"a\""
'
ok 'ShareGPT' '
	conv "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"gpt\",\"value\":\"a\"}]}" \
		"user:\"q\" -> assistant:\"a\""
'
ok 'Alpaca with and without input' '
	conv "{\"instruction\":\"add\",\"input\":\"1 2\",\"output\":\"3\"}" \
		"user:\"add\\n\\n1 2\" => assistant:\"3\""
	conv "{\"instruction\":\"add\",\"input\":\"\",\"output\":\"3\"}" "user:\"add\" => assistant:\"3\""
'
ok 'prompt with completion, and prompt alone' '
	conv "{\"prompt\":\"p\",\"completion\":\" c\"}" "plain user:\"p\" => assistant:\" c\""
	conv "{\"id\":3,\"prompt\":\"p\",\"answer\":\"x\"}" "plain user:\"p\" => "
'
ok 'preference pairs: strings, lists with and without the prompt, transcripts' '
	conv "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\"}" \
		"plain user:\"p\" => assistant:\"c\" / assistant:\"r\""
	l() { printf "%s" "[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"$1\"}]"; }
	conv "{\"prompt\":\"q\",\"chosen\":$(l a),\"rejected\":$(l b)}" \
		"plain user:\"q\" => assistant:\"a\" / assistant:\"b\""
	conv "{\"chosen\":$(l a),\"rejected\":$(l b)}" "user:\"q\" => assistant:\"a\" / assistant:\"b\""
	conv "{\"chosen\":\"\\n\\nHuman: hi\\n\\nAssistant: yo\\n\\nHuman: x\\n\\nAssistant: good\",\"rejected\":\"\\n\\nHuman: hi\\n\\nAssistant: yo\\n\\nHuman: x\\n\\nAssistant: bad\"}" \
		"user:\"hi\" assistant:\"yo\" user:\"x\" => assistant:\"good\" / assistant:\"bad\""
'
ok 'trees: the best answer at each node, a branch for each user turn' '
	n() { printf "%s" "{\"text\":\"$2\",\"role\":\"$1\",\"rank\":$3,\"replies\":[$4]}"; }
	a=$(n assistant g1 null); b=$(n assistant g2 1),$(n assistant g0 0)
	f=$(n prompter f1 null "$a"),$(n prompter f2 null "$b"),$(n prompter f3 null)
	t=$(n prompter q null "$(n assistant a1 1),$(n assistant a0 0 "$f")")
	conv "{\"prompt\":$t}" "user:\"q\" assistant:\"a0\" user:\"f1\" -> assistant:\"g1\"
user:\"q\" assistant:\"a0\" user:\"f2\" -> assistant:\"g0\""
	conv "$t" "$(cat got)"
'
ok 'a null key counts as missing, since tables give every column in each line' '
	m="[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]"
	conv "{\"chosen\":null,\"rejected\":null,\"messages\":$m}" "user:\"q\" -> assistant:\"a\""
	conv "{\"messages\":null,\"conversations\":$m}" "user:\"q\" -> assistant:\"a\""
	conv "{\"messages\":null,\"instruction\":null,\"prompt\":\"p\",\"completion\":\"c\"}" \
		"plain user:\"p\" => assistant:\"c\""
	conv "{\"instruction\":\"add\",\"input\":null,\"output\":null}" "user:\"add\" => "
	conv "{\"prompt\":null,\"chosen\":$m,\"rejected\":$m,\"messages\":null}" \
		"user:\"q\" => assistant:\"a\" / assistant:\"a\""
'
ok 'so does a null key of a message' '
	conv "[{\"role\":null,\"from\":\"human\",\"content\":null,\"value\":\"q\"}]" "user:\"q\" -> "
'
fails 1 'a call in a form that no template renders' '
	echo "[{\"role\":\"assistant\",\"content\":\"x\",\"function_call\":{\"name\":\"f\"}}]" | unit conversation
' 'tool_calls is the one for templates'
fails 1 'the input of an instruction is not a string' '
	echo "{\"instruction\":\"add\",\"input\":[1,2],\"output\":\"3\"}" | unit conversation
' "byte 30: 'input' is not a string"
ok 'a role has at most 32 characters' '
	r=abcdefghijklmnopqrstuvwxyzabcdef
	l() { echo "{\"messages\":[{\"role\":\"$1\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"y\"}]}"; }
	{ l $r; l ${r}g; } | unit conversation >out 2>err
	test $(wc -l <out) = 1
	grep -q "^$r:" out
'
ok 'invalid conversations are counted' '
	for l in "{\"messages\":[{\"role\":\"us er\",\"content\":\"x\"}]}" "{\"foo\":1}" 3 \
		"{\"messages\":[]}" "{\"messages\":[{\"role\":\"user\"}]}" \
		"{\"messages\":5}" "[{\"role\":\"user\",\"content\":5}]" \
		"{\"prompt\":\"x\",\"chosen\":\"y\"}" "{\"prompt\":\"x\"}"; do
		printf "%s\n" "$l"
	done | unit conversation >out 2>err
	test $(wc -l <out) = 1 && grep -q "skipped 8 invalid .* of 9 lines" err
'
ok 'escapes in a key are decoded, and another key of the same length is not matched' '
	printf "%s\n" "{\"\\u0074exx\":\"no\",\"\\u0074ext\":\"yes\",\"\\u0074exy\":\"no\"}" |
		docs -d >got
	echo yes | cmp - got
'
done_testing
