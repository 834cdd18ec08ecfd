#!/bin/sh
# What -o writes to: links stay and their targets are written, a file keeps its
# mode and owner, pipes and devices are written in place.
. "${0%/*}/lib.sh"

doc 1 "new text" >in
copy() { dedup -q -j 1 "$@" in; }
mode() { ls -ln "$1" | cut -c 1-10; }

ok 'a symbolic link stays and its target is written' '
	mkdir d && echo old >d/file && ln -s d/file link
	copy -o link && cmp in d/file && test -L link
	test "$(readlink link)" = d/file && test "$(ls d)" = file
'
ok 'chains of relative and absolute links are followed' '
	mkdir -p a/b c && echo old >c/file
	ln -s ../../c/file a/b/second && ln -s "$PWD/a/b/second" a/first && ln -s a/first chain
	copy -o chain && cmp in c/file
	test -L chain && test -L a/first && test -L a/b/second && test "$(ls c)" = file
'
ok 'a missing target is created where the link points' '
	mkdir e && ln -s e/new dangling
	copy -o dangling && cmp in e/new && test -L dangling && test "$(ls e)" = new
'
ok 'a link into an existing directory is followed' '
	mkdir f && ln -s f dir
	copy -o dir/file && cmp in f/file
'
fails 1 'a link into a missing directory is an error' '
	ln -s nowhere/new lost && copy -o lost
' '^dedup: lost: cannot create: No such file'
fails 1 'so is a loop of links' '
	ln -s two one && ln -s one two && copy -o one
' '^dedup: one: cannot write: Too many levels'
fails 1 'so is a link to a directory' 'mkdir g; ln -s g h; copy -o h' '^dedup: h: is a directory'
ok 'a failing run leaves target and link unchanged, and no other files behind' '
	mkdir i && echo old >i/file && ln -s i/file j
	not dedup -q -o j missing 2>err && test "$(cat i/file)" = old
	test -L j && test "$(ls i)" = file
'
ok 'a file keeps its mode; a new one gets its mode from the umask' '
	for m in 600 640 664 755; do
		echo old >kept && chmod $m kept && want=$(mode kept)
		copy -o kept && cmp in kept && test "$(mode kept)" = "$want"
	done
	rm -f fresh && (umask 027; copy -o fresh) && test "$(mode fresh)" = -rw-r-----
'
ok 'the target of a link keeps its mode' '
	echo old >secret && chmod 600 secret && ln -s secret open
	copy -o open && cmp in secret && test "$(mode secret)" = -rw-------
'
if [ "$(id -u)" = 0 ]; then
ok 'a file keeps its owner if we may change ownership' '
	echo old >theirs && chown 12345:54321 theirs && chmod 640 theirs
	copy -o theirs && cmp in theirs
	ls -ln theirs | grep -q "^-rw-r-----.* 12345 54321 "
'
ok 'root keeps the mode of a file that its owner may not write' '
	echo old >ro && chmod 444 ro && copy -o ro && cmp in ro && test "$(mode ro)" = -r--r--r--
'
if command -v setpriv >/dev/null; then
ok 'a file that we may not write is not replaced' '
	chmod 711 "$SCRATCH" "$SCRATCH/work" && mkdir pub && chmod 777 pub
	echo old >pub/ro && chmod 444 pub/ro && ln -s pub/ro rolink && cp in pub
	for name in pub/ro rolink; do
		not setpriv --reuid 12345 --clear-groups "$BUILD/bin/dedup" -o $name <in 2>err
		grep "$name: cannot write: Permission denied" err
	done
	test "$(cat pub/ro)" = old && test "$(ls pub)" = "in
ro"
'
fi
else
fails 1 'a file that we may not write is not replaced' '
	echo old >ro && chmod 444 ro && copy -o ro
' '^dedup: ro: cannot write: Permission denied'
fi
ok '/dev/null and a link to it are written in place' '
	ln -s /dev/null hole && copy -o /dev/null && copy -o hole
	test -L hole && test -c /dev/null
'
ok '/dev/stdout is standard output, whether a pipe or a partly written file' '
	copy -o /dev/stdout | cmp in -
	echo first >log && { echo second; copy -o /dev/stdout; } >>log
	{ echo first; echo second; cat in; } | cmp - log
	ln -s /dev/stdout tome && copy -o tome | cmp in - && test -L tome
	{ echo second; copy -o tome; } >log2 && { echo second; cat in; } | cmp - log2
'
ok 'other descriptors are written at their current offset' '
	{ echo before; copy -o /dev/fd/5 5>&1; echo after; } >log
	{ echo before; cat in; echo after; } | cmp - log
	copy -o /dev/stderr 2>err && cmp in err
'
fails 1 'a closed descriptor is an error' 'copy -o /dev/fd/9 9>&-' \
	'^dedup: /dev/fd/9: cannot create: Bad file descriptor'
fails 2 'two outputs cannot both be standard output' 'copy --clusters /dev/stdout' \
	'clusters -: documents go to standard output'
ok 'a FIFO is written in place, through a link too' '
	mkfifo pipe && ln -s pipe pipelink
	for name in pipe pipelink; do
		cat pipe >got & copy -o $name; wait $!
		cmp in got && test -p pipe
	done
	test -L pipelink
'
ok 'programs that check outputs before the work follow the same rules' '
	mkdir k && ln -s k/tok.json later
	bpe-train -q -n 256 -o later in 2>err && test -s k/tok.json && test -L later
	ln -s three four && ln -s four three
	not bpe-train -q -n 256 -o three in 2>err && grep "three: cannot create: Too many levels" err
'
done_testing
