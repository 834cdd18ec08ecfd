# pipelm: one Makefile. make, make check, make demo, make install, make lint,
# make proofs, make bench, make fuzz. SAN=1 builds with the address and
# undefined-behaviour sanitizers, SAN=thread with the thread sanitizer, B=DIR
# builds in another directory, V=1 shows the commands.

PREFIX = /usr/local
DESTDIR =
SAN =
B = build$(if $(SAN),/$(if $(filter thread,$(SAN)),tsan,san))
V =
Q = $(if $V,,@)

CFLAGS = -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wno-unused-parameter -Werror=incompatible-pointer-types \
	-Werror=int-conversion -Werror=implicit-function-declaration
ifeq ($(SAN),thread)
CFLAGS = -O1 -g -fsanitize=thread
else ifneq ($(SAN),)
CFLAGS = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined
endif
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -I. \
	-ffp-contract=off -fno-math-errno $(WARN) $(CFLAGS)
# An optional library is used if its header is installed.
HASH := \#
has = $(shell echo '$(HASH)include <$1>' | $(CC) $2 -E -x c - >/dev/null 2>&1 && echo y)
ifneq ($(call has,brotli/decode.h),)
ALL_CFLAGS += -DHAVE_BROTLI
OPTIONAL += -lbrotlidec
endif
EDIT := $(call has,histedit.h)
ifneq ($(EDIT),)
$B/common/base/lineedit.o: ALL_CFLAGS += -DHAVE_LIBEDIT
OPTIONAL += -ledit
else
$(info chat is built without line editing: no histedit.h (Debian: libedit-dev))
endif
HTTPD := $(call has,microhttpd.h)
ifneq ($(HTTPD),)
OPTIONAL += -lmicrohttpd
else
$(info chatd is not built: no microhttpd.h (Debian: libmicrohttpd-dev))
NOT_BUILT = chatd common/serve/http.c
endif
# mpicc says what it adds to the compiler's command; only trainers are linked with it.
MPICC = mpicc
MPI_COMMAND := $(if $(MPICC),$(shell $(MPICC) -show 2>/dev/null))
MPI_CFLAGS := $(filter -I% -D%,$(MPI_COMMAND))
MPI := $(if $(MPICC),$(call has,mpi.h,$(MPI_CFLAGS)))
ifneq ($(MPI),)
$B/common/train/ranks_mpi.o: ALL_CFLAGS += -DHAVE_MPI $(MPI_CFLAGS)
$B/bin/pretrain $B/bin/sft $B/bin/rltrain: OPTIONAL += \
	$(filter -L% -l% -Wl%,$(MPI_COMMAND))
else
$(info trainers are built for one process: no mpi.h (Debian: libopenmpi-dev))
endif
LDLIBS = $(OPTIONAL) -larchive -lz -lpcre2-8 -ljansson -lxxhash -lpthread -lm

# A program is cmd/NAME.c, or cmd/NAME/main.c with its own files beside it.
PROGS = $(filter-out $(NOT_BUILT),$(sort $(basename $(notdir $(wildcard cmd/*.c))) \
	$(notdir $(patsubst %/,%,$(dir $(wildcard cmd/*/main.c))))))
SIMD = $(wildcard common/*/*_simd.c)
TILES = $(wildcard common/*/*_amx.c)
LIBSRC = $(filter-out $(SIMD) $(TILES) $(NOT_BUILT),$(wildcard common/*/*.c))
DATA = $(wildcard data/*.bin data/*.html)
TEXTS = $(wildcard common/*/*.css common/*/*.js common/*/*.jinja)
UNITS = $(filter-out t/unit/emulated_% $(if $(filter amx,$(ISAS)),,t/unit/amx.c),$(wildcard t/unit/*.c))
LIBOBJ = $(LIBSRC:%.c=$B/%.o) $(DATA:%=$B/%.o) $(TEXTS:%=$B/%.o)
ifeq ($(shell uname -m),x86_64)
# Compilers before gcc 11 and clang 12 lack the last set's flags.
ifneq ($(shell $(CC) $(shell sh tools/isa.sh amx) -E -x c /dev/null >/dev/null 2>&1 && echo y),)
ISAS := $(shell sh tools/isa.sh)
else
ISAS := $(filter-out amx,$(shell sh tools/isa.sh))
ALL_CFLAGS += -DISA_NO_AMX
endif
simd = $(foreach i,$(filter $(ISAS),$(shell sh tools/isa.sh own $1)),$(patsubst %.c,$B/%.$i.o,$2))
LIBOBJ += $(call simd,fp32,$(SIMD)) \
	$(filter-out %.amx.o,$(call simd,int8,common/kernel/int8_simd.c) \
		$(call simd,bf16,common/kernel/tile_simd.c)) \
	$(if $(filter amx,$(ISAS)),$(TILES:%.c=$B/%.amx.o))
endif
BINS = $(PROGS:%=$B/bin/%)

all: $(BINS)

.SECONDEXPANSION:
$(BINS): $B/bin/%: $$(addprefix $B/,$$(addsuffix .o,$$(basename \
		$$(wildcard cmd/$$*.c cmd/$$*/*.c)))) $B/libpipelm.a
	@mkdir -p $(@D)
	@$(if $V,,echo LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS)

# Test programs, which exercise what no installed program exposes.
$B/unit/%: $B/t/unit/%.o $B/libpipelm.a
	@mkdir -p $(@D)
	@$(if $V,,echo LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS)
# The loops on AMX, with its instructions emulated for any AVX-512.
ifneq ($(filter amx,$(ISAS)),)
EMULATED = $B/t/unit/emulated_amx.$(lastword $(shell sh tools/isa.sh own fp32)).o
$B/unit/amx $B/unit/attention $B/unit/products: $(EMULATED)
endif
units: $(UNITS:t/unit/%.c=$B/unit/%)

$B/libpipelm.a: $(LIBOBJ)
	@rm -f $@
	@$(if $V,,echo AR $@)
	$Q$(AR) rcs $@ $^

$B/%.o: %.c
	@mkdir -p $(@D)
	@$(if $V,,echo CC $@)
	$Q$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The only objects compiled with instruction-set flags, those of
# common/base/isa.h; common/base/cpu.h chooses among them at run time.
# Sanitizers take minutes for what -O3 makes of these loops, and most of them for
# each vector's alignment and the like, of which that of addresses sees what matters.
ifneq ($(SAN),)
SIMD_FLAGS = -O1 -fno-sanitize=alignment,null,object-size,pointer-overflow
# Most of the time of a test is spent in this one.
$B/common/kernel/tile_simd.%.o: SIMD_FLAGS += -O2
else
SIMD_FLAGS = -O3
endif
# An optimizer of clang 14 crashes on this one; its vectors are written out anyway.
ifneq ($(findstring clang,$(shell $(CC) --version 2>&1)),)
$B/common/kernel/attention_simd.%.o: SIMD_FLAGS += -fno-slp-vectorize
endif
define ISA_RULE
$B/%.$1.o: %.c common/base/isa.h
	@mkdir -p $$(@D)
	@$$(if $$V,,echo CC $$@)
	$$Q$$(CC) $$(ALL_CFLAGS) $$(SIMD_FLAGS) $2 -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call ISA_RULE,$i,$(shell sh tools/isa.sh $i))))

# A data file becomes read-only bytes between data_NAME and data_NAME_end; style
# and script of pages and chat templates, between NAME_css and NAME_css_end,
# NAME_js and NAME_js_end, NAME_jinja and NAME_jinja_end.
EMBED = printf '.section .rodata\n.balign 64\n.global %s, %s_end\n%s: .incbin "%s"\n%s_end: .byte 0\n%s\n' \
	$1 $1 $1 $< $1 '.section .note.GNU-stack,"",%progbits' | \
	$(CC) -c -x assembler -o $@ -
$(DATA:%=$B/%.o): $B/data/%.o: data/%
	@mkdir -p $(@D)
	@$(if $V,,echo AS $@)
	$Q$(call EMBED,data_$(basename $*))
$(TEXTS:%=$B/%.o): $B/%.o: %
	@mkdir -p $(@D)
	@$(if $V,,echo AS $@)
	$Q$(call EMBED,$(subst .,_,$(notdir $<)))

# ---- tests, checks, the demo ----

# Both processors of the smallest machine; make -jN builds with N instead.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j2)
PROVE = prove -j2 --timer
# The longest first, or one process waits for it at the end.
LONGEST = t/900-manuals.t
TESTS = $(LONGEST) $(filter-out $(LONGEST),$(sort $(wildcard t/*.t)))
# deps announces and installs what building and testing need and the system
# lacks. It does nothing if nothing is missing, and DEPS= turns it off.
DEPS = deps
deps:
	@sh tools/deps.sh build
check: $(DEPS)
	@$(MAKE) $(JOBS) --no-print-directory all units
	PIPELM_BUILD=$B $(if $(SAN),ASAN_OPTIONS=detect_leaks=0) $(PROVE) $(TESTS)
lint:
	@COMPILE='$(CC) $(ALL_CFLAGS)' sh tools/lint.sh $B
demo: $(DEPS)
	@$(MAKE) $(JOBS) --no-print-directory all
	PATH="$(abspath $B)/bin:$$PATH" QUICK=$(QUICK) sh examples/demo.sh demo
# Each claim about chat models as a run and a page; PROOFS names some of them.
PROOFS =
proofs: $(DEPS)
	@$(MAKE) $(JOBS) --no-print-directory all
	PATH="$(abspath $B)/bin:$$PATH" sh examples/proofs/run.sh $B/proofs $(PROOFS)
	@echo $B/proofs/index.html
bench: all $(patsubst bench/%.c,$B/bench/%,$(wildcard bench/*.c))
	PATH="$(abspath $B)/bin:$$PATH" BUILD=$B sh bench/run.sh
$B/bench/%: $B/bench/%.o $B/libpipelm.a
	@$(if $V,,echo LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS)

# Runs each fuzz target for FUZZ_SECONDS, two at a time; fuzz/run.sh chooses
# the compiler and describes the procedure.
FUZZ_SECONDS = 20
FUZZ = $(filter-out driver,$(basename $(notdir $(wildcard fuzz/*.c))))
FUZZ_LINK =
FUZZ_DRIVER =
fuzz:
	@$(if $(DEPS),sh tools/deps.sh fuzz)
	@$(MAKE) --no-print-directory all
	@sh fuzz/run.sh $(FUZZ_SECONDS) $B $(FUZZ)
$(FUZZ:%=$B/fuzz-%): $B/fuzz-%: $B/fuzz/%.o $(FUZZ_DRIVER) $B/libpipelm.a
	@$(if $V,,echo LD $@)
	$Q$(CC) $(CFLAGS) $(FUZZ_LINK) $(LDFLAGS) -Wl,--wrap=exit -o $@ $^ $(LDLIBS)

install: all
	for d in bin share/man/man1 share/man/man5 share/man/man7; do \
		install -d $(DESTDIR)$(PREFIX)/$$d; done
	install $(BINS) $(DESTDIR)$(PREFIX)/bin
	for n in 1 5 7; do for f in man/*.$$n; do [ ! -e $$f ] || \
		install -m 644 $$f $(DESTDIR)$(PREFIX)/share/man/man$$n; done; done
uninstall:
	for p in $(PROGS); do rm -f $(DESTDIR)$(PREFIX)/bin/$$p; done
	for f in man/*.[157]; do rm -f \
		$(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$${f##*/}; done
clean:
	rm -rf build

-include $(LIBOBJ:.o=.d) $(EMULATED:.o=.d) $(patsubst %.c,$B/%.d,$(wildcard cmd/*.c cmd/*/*.c t/unit/*.c fuzz/*.c))
.PHONY: all units deps check lint demo proofs bench fuzz install uninstall clean
.SECONDARY: $(patsubst bench/%.c,$B/bench/%.o,$(wildcard bench/*.c))
.DELETE_ON_ERROR:
