#!/bin/sh
# deps.sh build|fuzz|ci - lists what is missing, then installs it with apt
#
# build: what compiling and `make check` need; fuzz: also clang with libFuzzer;
# ci: also Python virtual environments, and what the tools in examples need. Each
# need is detected by a file or a command, so that apt is not called if nothing is
# missing. Without apt, or without permission to use it, the list is printed and
# the exit status is 1.
set -eu

missing=
need() {	# PACKAGE TEST...: a package, and a command that detects it
	package=$1; shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}
header() {	# FILE: whether the compiler finds the header
	echo "#include <$1>" | ${CC:-cc} -E -x c - >/dev/null 2>&1
}
command_there() { command -v "$1"; }

if ! command_there "${CC:-cc}" >/dev/null; then
	missing=' gcc libc6-dev zlib1g-dev libarchive-dev libpcre2-dev libjansson-dev libxxhash-dev libbrotli-dev libedit-dev libmicrohttpd-dev'
else
	need libc6-dev header stdlib.h
	need zlib1g-dev header zlib.h
	need libarchive-dev header archive.h
	# pcre2.h requires the character width to be defined first
	need libpcre2-dev sh -c 'printf "#define PCRE2_CODE_UNIT_WIDTH 8\n#include <pcre2.h>\n" | ${CC:-cc} -E -x c -'
	need libjansson-dev header jansson.h
	need libxxhash-dev header xxhash.h
	need libbrotli-dev header brotli/decode.h
	need libedit-dev header histedit.h
	need libmicrohttpd-dev header microhttpd.h
fi
# mpi.h is not where the compiler looks, and mpicc knows where.
need libopenmpi-dev command_there mpicc
need openmpi-bin command_there mpirun
need perl command_there prove
need mandoc command_there mandoc
need groff-base command_there groff
need python3 command_there python3
need curl command_there curl
has_fuzzer() {
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -fsanitize=fuzzer -x c -o /dev/null -
}
case ${1:-build} in
fuzz)	# the name of the runtime package contains the version of clang
	has_fuzzer 2>/dev/null || for package in clang libclang-rt-dev; do
		apt-cache show $package >/dev/null 2>&1 && missing="$missing $package"
	done ;;
ci)	need python3-venv python3 -c 'import ensurepip'
	need sqlite3 command_there sqlite3	# for examples/tools
	need bubblewrap command_there bwrap ;;
esac

[ -n "$missing" ] || exit 0

if ! command_there apt-get >/dev/null; then
	echo "deps: this system has no apt. Please install what Debian calls:" >&2
	echo "	$missing" >&2
	exit 1
fi
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command_there sudo >/dev/null; then
	as_root=sudo
else
	echo "deps: neither root nor sudo; please install:$missing" >&2
	exit 1
fi

echo "deps: installs with apt-get, since they are missing:$missing (make DEPS= does not)"
install='apt-get install -y -q --no-install-recommends'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The existing package list is tried first: it is often good enough, and updating
# it takes longer than the rest.
DEBIAN_FRONTEND=noninteractive $as_root $install $missing >"$log" 2>&1 || {
	echo 'deps: updating the package lists'
	$as_root apt-get update -q >"$log" 2>&1 &&
	DEBIAN_FRONTEND=noninteractive $as_root $install $missing >"$log" 2>&1
} || {
	tail -n 5 "$log" >&2
	echo "deps: apt-get failed; please install:$missing" >&2
	exit 1
}
echo 'deps: done'
