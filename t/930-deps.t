#!/bin/sh
# make check announces in one line what it installs; DEPS= turns that off.
. "${0%/*}/lib.sh"

# A compiler that lacks two headers, and an apt-get that only prints its arguments.
mkdir stub
cat >stub/cc <<'X'
#!/bin/sh
text=$(cat)
case $text in *archive.h* | *xxhash.h*) exit 1 ;; esac
X
cat >stub/apt-get <<'X'
#!/bin/sh
echo "apt-get $*" >>"$HOME/order"
X
printf '#!/bin/sh\n"$@"\n' >stub/sudo
for f in mandoc prove groff mpicc mpirun; do printf '#!/bin/sh\n' >stub/$f; done
chmod +x stub/*
deps() { env PATH="$PWD/stub:$PATH" CC=cc sh "$TOP/tools/deps.sh" build; }

ok 'the packages are named in one line before anything is installed' '
	sed "s/^echo/cat \"\$HOME\/out\" >\"\$HOME\/before\"; &/" stub/apt-get >x
	mv x stub/apt-get && chmod +x stub/apt-get
	deps >"$HOME/out" 2>&1
	test "$(cat "$HOME/before")" = "deps: installs with apt-get, since they are missing: libarchive-dev libxxhash-dev (make DEPS= does not)"
	grep "install.* libarchive-dev libxxhash-dev$" "$HOME/order"
	test $(wc -l <"$HOME/order") = 1
'
ok 'nothing is printed or done if nothing is missing' '
	rm "$HOME/order" && printf "#!/bin/sh\ncat >/dev/null\n" >stub/cc
	deps >out 2>&1
	test ! -s out && test ! -e "$HOME/order"
'
if command -v make >/dev/null; then
for target in check demo fuzz; do
	ok "make $target runs it, but not with DEPS=" "
		make -n -C '$TOP' $target B='$BUILD' >with 2>&1 || true
		make -n -C '$TOP' $target B='$BUILD' DEPS= >without 2>&1 || true
		grep -q 'tools/deps.sh' with && not grep -q 'tools/deps.sh' without
		test -s without
	"
done
fi
done_testing
