#!/bin/sh
# make install: every program and page in its place, nothing else.
. "${0%/*}/lib.sh"

ok 'install into DESTDIR and PREFIX' '
	make -s -C "$TOP" B="$BUILD" install DESTDIR="$PWD/root" PREFIX=/opt/x \
		>log 2>&1 || { cat log >&2; false; }
'
ok 'each program is installed and runs' '
	for p in "$BUILD"/bin/*; do
		root/opt/x/bin/${p##*/} --version
	done
'
ok 'each page is installed' '
	for page in "$TOP"/man/*.[157]; do
		n=${page##*.}
		cmp "$page" root/opt/x/share/man/man$n/${page##*/}
	done
'
ok 'uninstall leaves no file' '
	make -s -C "$TOP" B="$BUILD" uninstall DESTDIR="$PWD/root" PREFIX=/opt/x
	test -z "$(find root -type f)"
'
done_testing
