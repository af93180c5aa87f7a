# reconnect: see README.md.  `make` builds, `make check` tests, `make demo`
# shows; on a fresh machine check and demo install what is missing first.

VERSION = $(shell sed -n 's/.*RC_VERSION "\(.*\)"/\1/p' lib/base/version.h)
PREFIX = /usr/local
BUILD = build
BIN = bin
CFLAGS = -O2 -g

LIBS = libcurl libcjson libcrypto lmdb expat
TOOLS = $(patsubst bin/%.c,%,$(sort $(wildcard bin/*.c)))
DAEMONS = rc-httpd rc-sandbox
# libmicrohttpd is linked into the daemons alone.
DAEMON_SRC = lib/sys/httpd%.c lib/job/serve%.c lib/job/sandbox%.c
ALL_SRC = $(wildcard lib/*/*.c)
LIB_SRC = $(filter-out $(DAEMON_SRC),$(ALL_SRC))
SRV_SRC = $(filter $(DAEMON_SRC),$(ALL_SRC))
LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/%.o)
SRV_OBJ = $(SRV_SRC:%.c=$(BUILD)/%.o)
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*.c))
BENCH = $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%,$(wildcard tests/bench/*.c))
BATS = $(wildcard tests/tools/*.bats)
TESTS = $(UNIT) $(BATS)
# Loaded into the tools by the tests of faults.
PRELOADS = $(patsubst tests/fault/%.c,$(BUILD)/tests/fault/%.so,$(wildcard tests/fault/*.c))
HELPERS = $(patsubst tests/tools/%.c,$(BUILD)/tests/tools/%,$(wildcard tests/tools/*.c)) \
	$(PRELOADS)

WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wvla -Wformat=2 -Wundef
ALL_CPPFLAGS = -D_GNU_SOURCE -iquote lib \
	$(shell pkg-config --cflags $(LIBS) 2>/dev/null) $(CPPFLAGS)
ALL_CFLAGS = -std=c11 $(WARN) -fstack-protector-strong -fno-common -pthread \
	$(CFLAGS)
LIB_LDLIBS = $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lcsv -lm
SRV_LDLIBS = -lmicrohttpd
PROVE = prove --exec tests/run-one --timer --jobs $(shell nproc)

.PHONY: all deps check check-fault check-interop lint asan tsan fuzz bench \
	demo install uninstall dist clean format
.DELETE_ON_ERROR:
.SECONDARY:

all: $(TOOLS:%=$(BIN)/%)

$(BUILD)/libreconnect.a: $(LIB_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/libreconnect-srv.a: $(SRV_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(DAEMONS:%=$(BIN)/%): $(BIN)/%: $(BUILD)/bin/%.o $(BUILD)/libreconnect-srv.a \
    $(BUILD)/libreconnect.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(SRV_LDLIBS) $(LIB_LDLIBS)

$(BIN)/%: $(BUILD)/bin/%.o $(BUILD)/libreconnect.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LDLIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libreconnect-srv.a \
    $(BUILD)/libreconnect.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(SRV_LDLIBS) $(LIB_LDLIBS)

$(PRELOADS): $(BUILD)/%.so: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -std=c11 $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libreconnect-srv.a \
    $(BUILD)/libreconnect.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(SRV_LDLIBS) $(LIB_LDLIBS)

deps:
	@tests/deps

check: deps
	@$(MAKE) check-now

.PHONY: check-now units
units: $(UNIT) $(HELPERS) $(BENCH)

check-now: all units
	@RC_BUILD=$(abspath $(BUILD)) RC_BIN=$(abspath $(BIN)) $(PROVE) $(TESTS)

check-fault: all units
	@RC_BUILD=$(abspath $(BUILD)) RC_BIN=$(abspath $(BIN)) \
	    $(PROVE) $(wildcard tests/fault/*.bats)

check-interop: all units
	@tests/deps interop
	@RC_BUILD=$(abspath $(BUILD)) RC_BIN=$(abspath $(BIN)) \
	    $(PROVE) $(wildcard tests/interop/*.bats)

# The same tests with other eyes: each sanitizer has objects of its own, and
# tests that cannot run under it see RC_SANITIZER.  Of gcc's libubsan only the
# static one writes where tests/run-one looks.
asan:
	@RC_SANITIZER=address $(MAKE) -s check-now BUILD=build/asan \
	    BIN=build/asan/bin CFLAGS="-O1 -g -fsanitize=address,undefined \
	    -fno-omit-frame-pointer -fno-sanitize-recover=all" \
	    LDFLAGS=-static-libubsan

# What has threads imports, sends, serves, hashes or sorts.
THREADED = $(filter $(BUILD)/tests/unit/job_s% \
	$(BUILD)/tests/unit/sys_hasher $(BUILD)/tests/unit/text_pack \
	$(BUILD)/tests/unit/sys_http% $(BUILD)/tests/unit/sys_store% \
	tests/tools/rc-import% tests/tools/rc-send% tests/tools/rc-httpd%, \
	$(UNIT) $(BATS))
tsan:
	@RC_SANITIZER=thread $(MAKE) -s check-now TESTS='$$(THREADED)' \
	    BUILD=build/tsan BIN=build/tsan/bin \
	    CFLAGS="-O1 -g -fsanitize=thread"

lint:
	@tests/deps lint
	@CPPFLAGS="$(ALL_CPPFLAGS)" WARN="$(WARN)" tests/lint

FUZZ_SECONDS = 20
fuzz:
	@tests/deps lint
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run

bench: all units
	@RC_BUILD=$(abspath $(BUILD)) RC_BIN=$(abspath $(BIN)) tests/bench/run

demo: deps
	@$(MAKE) -s all
	@RC_BIN=$(abspath $(BIN)) examples/demo

format:
	clang-format -i $(wildcard bin/*.c lib/*/*.[ch] tests/*/*.c)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 $(TOOLS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	for n in 1 5 7; do \
	    install -m 644 man/*.$$n $(DESTDIR)$(PREFIX)/share/man/man$$n; done

uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/bin/%)
	for page in $(notdir $(wildcard man/*.[157])); do \
	    rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page; done

dist:
	git archive --prefix=reconnect-$(VERSION)/ -o reconnect-$(VERSION).tar.gz HEAD

clean:
	rm -rf build $(TOOLS:%=bin/%) reconnect-*.tar.gz

-include $(ALL_SRC:%.c=$(BUILD)/%.d) $(TOOLS:%=$(BUILD)/bin/%.d) \
	$(UNIT:%=%.d) $(BENCH:%=%.d) $(HELPERS:%=%.d)
