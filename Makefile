# fedgate. `make help` says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

# ---- how to build: make BUILD=build/asan SANITIZE=address,undefined CC=clang ...; COVERAGE=1 counts for gcov what runs
BUILD    ?= build
SANITIZE ?=
COVERAGE ?=
CC       ?= cc

WARNINGS := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wimplicit-fallthrough -Wvla \
	-Wshadow -Wstrict-prototypes -Wundef -Wmissing-prototypes -Werror
HARDENED := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-strict-overflow \
	-fno-delete-null-pointer-checks -ftrivial-auto-var-init=zero -fPIE
IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)
ifneq ($(IS_CLANG),0)
HARDENED += -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
endif
ifneq ($(COVERAGE),)
OPTIMISE := -O0 --coverage -w
LDFLAGS  += --coverage
else ifeq ($(SANITIZE),)
OPTIMISE := -O2 -D_FORTIFY_SOURCE=3
else
OPTIMISE := -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS  += -fsanitize=$(SANITIZE)
endif
CFLAGS   ?= -g
CPPFLAGS += -D_GNU_SOURCE -Igateway -isystem $(BUILD)/gen
override CFLAGS += -std=c11 $(OPTIMISE) $(HARDENED) $(WARNINGS)
override LDFLAGS += -pie -Wl,--as-needed -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
LDLIBS := -levent_core -lnghttp2 -lssl -lcrypto -lprotobuf-c -lsodium -lyaml -ljansson -lexpat -lsqlite3 -lseccomp -lm

# For hundreds of programs of tests; what ships is linked by the system's own.
QUICK_LINK := $(if $(shell command -v ld.lld),-fuse-ld=lld)

# ---- what there is to build: one archive a module, as gateway/layers.txt lists them
MODULES := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' gateway/layers.txt)
define module_rules
SRC_$(1) := $$(sort $$(wildcard gateway/$(1)/*.c gateway/$(1)/*/*.c))
OBJ_$(1) := $$(SRC_$(1):%.c=$$(BUILD)/obj/%.o)
USES_$(1) := $$(shell sed -n 's/^$(1): *//p' gateway/layers.txt)
$$(BUILD)/lib/$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	@$$(AR) rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call module_rules,$(m))))
# The generated contract belongs to message/.
GEN_C := $(BUILD)/gen/fedgate/v1/fedgate.pb-c.c $(BUILD)/gen/google/protobuf/timestamp.pb-c.c \
	$(BUILD)/gen/google/protobuf/duration.pb-c.c $(BUILD)/gen/grpc/health/v1/health.pb-c.c
OBJ_message += $(GEN_C:%.c=%.o)
$(BUILD)/lib/message.a: $(GEN_C:%.c=%.o)

# A module with everything below it, top first, for the linker.
reverse = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
archives = $(foreach m,$(call reverse,$(filter $(1),$(MODULES))),$(BUILD)/lib/$(m).a)
closure = $(sort $(1) $(foreach m,$(1),$(foreach u,$(USES_$(m)),$(call closure,$(u)))))

PROGRAMS := $(BUILD)/bin/fedgate $(BUILD)/bin/fedgatectl $(BUILD)/bin/fedgate-agent
all: $(PROGRAMS) ## builds build/bin/fedgate, fedgatectl and fedgate-agent

$(BUILD)/obj/%.o: %.c | generated
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Generated code is not ours to warn about.
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	@$(CC) -I$(BUILD)/gen $(filter-out $(WARNINGS),$(CFLAGS)) -c $< -o $@

# What browsers load of the console is built into it: one array a file.
ASSETS := $(wildcard gateway/console/assets/*)
ASSETS_INC := $(BUILD)/gen/console_assets.inc
$(BUILD)/obj/gateway/console/assets.o: $(ASSETS_INC)
$(ASSETS_INC): $(ASSETS) gateway/console/embed
	@mkdir -p $(@D)
	@echo "  GEN  $@"
	@gateway/console/embed $(ASSETS) > $@

.PHONY: generated
generated: $(GEN_C) $(ASSETS_INC)
PROTO_INCLUDE := /usr/include
$(BUILD)/gen/%.pb-c.c: proto/%.proto
	@command -v protoc-c > /dev/null || { echo "protoc-c is missing: packaging/deps.sh build installs what the build needs"; exit 1; }
	@mkdir -p $(BUILD)/gen
	@echo "  GEN  $<"
	@protoc-c -Iproto -I$(PROTO_INCLUDE) --c_out=$(BUILD)/gen $*.proto
$(BUILD)/gen/google/protobuf/%.pb-c.c: $(PROTO_INCLUDE)/google/protobuf/%.proto
	@mkdir -p $(BUILD)/gen
	@protoc-c -I$(PROTO_INCLUDE) --c_out=$(BUILD)/gen google/protobuf/$*.proto

# ---- programs: gateway/main/<name>.c, with everything that main/ may use
MAIN_fedgate       := fedgate
MAIN_fedgatectl    := fedgatectl
MAIN_fedgate-agent := fedgate_agent
define program_rules
$(BUILD)/bin/$(1): $(BUILD)/obj/gateway/main/$(MAIN_$(1)).o $$(call archives,$$(filter-out main,$$(call closure,main)))
	@mkdir -p $$(@D)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(LDLIBS) -o $$@
endef
$(foreach p,fedgate fedgatectl fedgate-agent,$(eval $(call program_rules,$(p))))

# ---- the client library: the public functions of gateway/client/client.h, and nothing else to be linked with
VERSION := $(shell sed -n 's/^.define FEDGATE_VERSION "\(.*\)"$$/\1/p' gateway/main/version.h)
CLIENT_ABI := 0
CLIENT := $(BUILD)/lib/libfedgate-client
CLIENT_OBJ := $(patsubst $(BUILD)/%,$(BUILD)/pic/%,$(foreach m,$(call closure,client),$(OBJ_$(m))))
.PHONY: client
client: $(CLIENT).so.$(CLIENT_ABI) $(CLIENT).a ## the client library, shared and static, in build/lib/
$(BUILD)/pic/obj/%.o: %.c | generated
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(filter-out -fPIE,$(CFLAGS)) -fPIC -MMD -MP -c $< -o $@
$(BUILD)/pic/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	@$(CC) -I$(BUILD)/gen $(filter-out $(WARNINGS) -fPIE,$(CFLAGS)) -fPIC -c $< -o $@
$(CLIENT).so.$(CLIENT_ABI): $(CLIENT_OBJ) packaging/client.map
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(filter-out -pie,$(LDFLAGS)) -shared -Wl,-soname,$(@F) -Wl,-z,defs \
		-Wl,--version-script=packaging/client.map $(CLIENT_OBJ) $(LDLIBS) -o $@
# One object, in which the names of all that is inside are its own.
$(CLIENT).a: $(CLIENT_OBJ)
	@mkdir -p $(@D)
	@echo "  AR   $@"
	@$(LD) -r $^ -o $(@:.a=.o)
	@$(OBJCOPY) --wildcard --keep-global-symbol='fedgate_[a-z]*' $(@:.a=.o)
	@rm -f $@
	@$(AR) rcs $@ $(@:.a=.o)
OBJCOPY ?= objcopy

.PHONY: check-abi abi-renew
check-abi: $(CLIENT).so.$(CLIENT_ABI) ## the client library's functions, structures and numbers against packaging/client.abi; abi-renew: records what is new
	@CC='$(CC)' tests/check-abi $< $(CLIENT_ABI)
abi-renew: $(CLIENT).so.$(CLIENT_ABI)
	@CC='$(CC)' tests/check-abi $< $(CLIENT_ABI) --renew
# ---- end of the client library

# ---- unit tests: tests/unit/<module>/test_*.c, each a program of its own, linked with its module and what that may use
.SECONDARY: # objects of tests are kept
# A test's own code runs once: compilers need not make it fast (0.2 s a file instead of 1.0), what it tests is built as ever.
$(BUILD)/obj/tests/unit/%.o: override CFLAGS += -O0 -U_FORTIFY_SOURCE
TESTS := $(foreach m,$(MODULES),$(patsubst tests/unit/%.c,$(BUILD)/test/%,$(wildcard tests/unit/$(m)/test_*.c)))
# tests/house/ runs the engines of all roles in one process, on a virtual clock.
HOUSE := $(BUILD)/lib/house.a
$(HOUSE): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/house/*.c))
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^
$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests/house
SUPPORT_process := $(HOUSE)
# tests/oracle/ decides by the book, for comparison.
ORACLE := $(BUILD)/lib/oracle.a
$(ORACLE): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/oracle/*.c))
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^
SUPPORT_policy := $(ORACLE)
# Chains are compared with those of report/, and the door is closed behind the index.
BESIDE_search := report sandbox
define test_rules
$(BUILD)/test/$(1)/%: $(BUILD)/obj/tests/unit/$(1)/%.o $$(SUPPORT_$(1)) $$(call archives,$$(call closure,$(1) $$(BESIDE_$(1)) $$(if $$(SUPPORT_$(1)),json)))
	@mkdir -p $$(@D)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $$(LDFLAGS) $$(QUICK_LINK) $$^ $$(LDLIBS) -lcmocka -o $$@
endef
$(foreach m,$(MODULES),$(eval $(call test_rules,$(m))))

# ---- fuzz: fuzz/README.md tells about the harnesses, each fuzz/<name>.c but these
HARNESSES := $(filter-out fuzz replay ask,$(patsubst fuzz/%.c,%,$(wildcard fuzz/*.c)))
FUZZ := $(HARNESSES:%=$(BUILD)/fuzz/%)
# AFL++ and libFuzzer bring their own main; without them replay.c runs files.
FUZZ_DRIVER := $(if $(findstring afl-,$(CC))$(findstring fuzzer-no-link,$(SANITIZE)),,$(BUILD)/obj/fuzz/replay.o)
FUZZ_LINK := $(if $(FUZZ_DRIVER),,-fsanitize=fuzzer)
$(FUZZ): $(BUILD)/fuzz/%: $(BUILD)/obj/fuzz/%.o $(FUZZ_DRIVER) $(BUILD)/lib/fuzz.a $(call archives,$(call closure,service ledger keeper vault report client formats console))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(QUICK_LINK) $(FUZZ_LINK) $^ $(LDLIBS) -o $@

$(BUILD)/lib/fuzz.a: $(BUILD)/obj/fuzz/fuzz.o $(BUILD)/obj/fuzz/ask.o
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^
$(BUILD)/obj/fuzz/ask.o: fuzz/seeds/policy/small

.PHONY: fuzz fuzz-replay fuzz-coverage fuzz-grow fuzz-programs
fuzz-programs: $(FUZZ)
	@:
fuzz fuzz-grow: SECONDS := 60
# With its comparisons instrumented too, for afl-fuzz -c.
fuzz:
	@AFL_QUIET=1 AFL_LLVM_CMPLOG=1 $(MAKE) --no-print-directory BUILD=build/afl CC=afl-clang-fast SANITIZE=address,undefined fuzz-programs
	@fuzz/run build/afl/fuzz $(SECONDS) $(HARNESSES)
fuzz-replay:
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=address,undefined fuzz-programs
	@fuzz/replay build/asan/fuzz $(HARNESSES)
fuzz-coverage: ## how much of each parser the fuzz seeds reach; fails below 90 % of one
	@$(MAKE) --no-print-directory BUILD=build/coverage CC=gcc COVERAGE=1 fuzz-programs
	@fuzz/coverage build/coverage $(HARNESSES)
fuzz-grow:
	@$(MAKE) --no-print-directory BUILD=build/libfuzzer CC=clang SANITIZE=address,undefined,fuzzer-no-link fuzz-programs
	@$(MAKE) --no-print-directory BUILD=build/coverage CC=gcc COVERAGE=1 fuzz-programs
	@fuzz/grow build/libfuzzer/fuzz build/coverage $(SECONDS) $(HARNESSES)
# ---- end of fuzz

# ---- bench: tests/bench/README.md tells what is measured, and how
BENCH_LOAD := $(BUILD)/bench/load
$(BENCH_LOAD): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/bench/*.c)) $(call archives,$(call closure,client))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lmosquitto -lnats -lrabbitmq -lpthread -o $@

# Connections, as many as wanted, that say hello and then nothing.
BENCH_CONNECT := $(BUILD)/bench/connect
$(BENCH_CONNECT): $(patsubst %,$(BUILD)/obj/tests/bench/%.o,connect/connect connect/hello common tls) $(call archives,base)
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Sessions and watchers that are judged again.
BENCH_JUDGED := $(BUILD)/bench/judged
$(BENCH_JUDGED): $(patsubst %,$(BUILD)/obj/tests/bench/%.o,judged/judged common contract fedgate footage) $(call archives,$(call closure,client))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# A party that floods.
BENCH_FLOOD := $(BUILD)/bench/flood
$(BENCH_FLOOD): $(patsubst %,$(BUILD)/obj/tests/bench/%.o,flood/flood common contract fedgate) $(call archives,$(call closure,client))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Counts allocations inside of a server.
BENCH_ALLOCATED := $(BUILD)/bench/allocated.so
$(BENCH_ALLOCATED): tests/bench/allocated/preload.c
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CPPFLAGS) $(filter-out -fPIE,$(CFLAGS)) -fPIC -shared $< -o $@

# Decisions and compilation, with generated sets.
BENCH_POLICY := $(BUILD)/bench/policy
$(BENCH_POLICY): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/bench/policy/*.c) tests/bench/guard/allocations.c) $(call archives,$(call closure,policy))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Destruction, by the engines of ledger and keeper.
BENCH_DESTRUCTION := $(BUILD)/bench/destruction
$(BENCH_DESTRUCTION): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/bench/destruction/*.c)) $(call archives,$(call closure,ledger keeper))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# The index of the log.
BENCH_SEARCH := $(BUILD)/bench/search
$(BENCH_SEARCH): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/bench/search/*.c)) $(call archives,$(call closure,console))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# What a message takes in instructions and allocations, by the engines of all roles.
GUARD := $(BUILD)/bench/guard
$(GUARD): $(patsubst %,$(BUILD)/obj/tests/bench/%.o,guard/measure guard/allocations alert clip common contract footage) \
		$(HOUSE) $(call archives,$(call closure,process json))
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(BUILD)/obj/tests/bench/guard/%.o $(BUILD)/obj/tests/bench/policy/%.o $(BUILD)/obj/tests/bench/connect/%.o $(BUILD)/obj/tests/bench/judged/%.o $(BUILD)/obj/tests/bench/flood/%.o: CPPFLAGS += -Itests/bench -Itests/bench/guard

.PHONY: guard guard-renew guard-where
guard: $(GUARD) ## counts what an alert and live video take in instructions, against what is recorded; guard-renew: records it; guard-where: who allocates
	@BUILD=$(BUILD) CC='$(CC)' tests/bench/guard/run
guard-renew: $(GUARD)
	@BUILD=$(BUILD) CC='$(CC)' tests/bench/guard/run --renew
guard-where: $(GUARD)
	@BUILD=$(BUILD) tests/bench/guard/run --where alerts
	@BUILD=$(BUILD) tests/bench/guard/run --where video

# All but the client of the other brokers, which needs their libraries.
BENCH_OWN := $(BENCH_CONNECT) $(BENCH_JUDGED) $(BENCH_FLOOD) $(BENCH_ALLOCATED) $(BENCH_POLICY) $(BENCH_DESTRUCTION) $(BENCH_SEARCH)
.PHONY: bench-programs
bench-programs: $(BENCH_OWN)

.PHONY: bench bench-quick
bench: ## the gateway against mosquitto, NATS JetStream, RabbitMQ, HAProxy and nginx, in an hour
bench-quick: ## most of it in two minutes
bench bench-quick:
	@packaging/deps.sh bench
	@$(MAKE) --no-print-directory all bench-programs $(BENCH_LOAD)
	@BUILD=$(BUILD) tests/bench/run $(if $(filter bench-quick,$@),--quick)
.PHONY: bench-readme
bench-readme: ## puts the figures of the last run, build/bench.json, into the tables of README.md
	@BUILD=$(BUILD) tests/bench/readme
# ---- end of bench

.PHONY: unit unit-% layers fmt clean help
unit: $(TESTS) $(if $(SANITIZE),,$(GUARD)) ## the unit tests and the scenarios in virtual time; unit-MODULE: those of one module
	@tests/run-units $(TESTS)
tests_of = $(filter $(BUILD)/test/$(1)/%,$(TESTS))
unit-%:
	$(if $(filter $*,$(MODULES)),,$(error gateway/layers.txt has no module $*))
	@$(if $(call tests_of,$*),$(MAKE) --no-print-directory $(call tests_of,$*))
	@$(if $(call tests_of,$*),tests/run-units $(call tests_of,$*),echo "unit tests: none in tests/unit/$*")

SLOW := $(foreach m,$(MODULES),$(patsubst tests/unit/%.c,$(BUILD)/test/%,$(wildcard tests/unit/$(m)/slow_*.c)))
.PHONY: test-slow
test-slow: ## faults on real file systems, in five minutes, of the ledger and of a whole gateway: ext4 shut down under load, the n-th call failing, a full one; then judges and check-deb; as root, else it says what it skips
	@for what in test judges deb-test; do packaging/deps.sh $$what || exit; done
	@$(MAKE) --no-print-directory -j$(JOBS) all $(SLOW) $(BUILD)/test/ledger/test_prefixes
	@echo "the packages are built meanwhile: $(BUILD)/deb-test.log"
	@nice packaging/check-deb $(BUILD)/deb-test build > $(BUILD)/deb-test.log 2>&1 & built=$$!; trap 'kill $$built' INT TERM; failed=0; \
	BUILD=$(abspath $(BUILD)) tests/run-slow $(BUILD)/test/ledger/test_prefixes $(SLOW) -- $(notdir $(wildcard tests/e2e/slow_*.py)) || failed=1; \
	wait $$built || { cat $(BUILD)/deb-test.log; failed=1; }; exit $$failed
	@$(MAKE) --no-print-directory judges
	@packaging/check-deb $(BUILD)/deb-test look

.PHONY: watched
watched: WATCHED := 100000
watched: all ## a carrier with 100,000 watched persons on one connection, all with a key that lives at once; test-slow has it with 20,000
	@WATCHED=$(WATCHED) BUILD=$(abspath $(BUILD)) tests/run-e2e slow_watched.py

.PHONY: judges report
judges: ## tools that are not ours judge a real gateway: testssl.sh, sslscan, gnutls-cli, h2load, hyperframe, buf, grpc-js, promtool; report: writes tests/REPORT.md
report:
judges report:
	@packaging/deps.sh judges
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@BUILD=$(abspath $(BUILD)) tests/judges/run $(if $(filter report,$@),--report tests/REPORT.md)

.PHONY: oracle
oracle: PAIRS := 20000
oracle: SEED := 1
oracle: $(BUILD)/test/policy/test_diff_oracle $(BUILD)/test/policy/test_oracle ## policy diff and decisions against tests/oracle/ for longer; PAIRS=20000 SEED=7
	@DIFF_PAIRS=$(PAIRS) DIFF_SEED=$(SEED) $(BUILD)/test/policy/test_diff_oracle
	@ORACLE_PAIRS=$(PAIRS)000 ORACLE_SEED=$(SEED) $(BUILD)/test/policy/test_oracle

.PHONY: model
model: ## the protocol between edge, ledger and keeper, and destruction, explored with spin; CRASHES=2: through two crashes
	@tests/model/run

.PHONY: policy-test
policy-test: all ## the tests of the shipped policy set, which cover all of its clauses and conditions
	@$(BUILD)/bin/fedgatectl policy test --lang en --quiet --coverage-min 100 policy

.PHONY: symbols
symbols: $(MODULES:%=$(BUILD)/lib/%.a) ## no name is defined in two modules
	@tests/check-symbols gateway/layers.txt $(BUILD)/lib

layers: ## the rules of gateway/layers.txt: who may include what
	@tests/check-layers gateway/layers.txt

# ---- documents: what the programs say of themselves is the source
.PHONY: man docs
MAN := $(wildcard packaging/man/*.in)
man: all ## the manual pages, in build/man/
	@packaging/man/make-pages $(BUILD)/bin $(BUILD)/man $(MAN)
docs: man ## README, manual pages, completion, every path and command that a document names, against tree and programs
	@mandoc -T lint -W warning $(MAN:packaging/man/%.in=$(BUILD)/man/%)
	@packaging/completion/check $(BUILD)/bin
	@packaging/check-install $(BUILD)
	@$(MAKE) --no-print-directory check-abi
	@tests/check-docs $(BUILD)/bin
	@tests/check-commands $(BUILD)/bin $(BUILD)/man
	@echo "documents: in order"

# ---- where a system has it: make install PREFIX=/usr DESTDIR=package
.PHONY: install uninstall
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INSTALLED := $(DESTDIR)$(PREFIX)
LIBRARIES := $(DESTDIR)$(LIBDIR)
HEADERS := $(INSTALLED)/include/fedgate
COMPLETIONS := $(INSTALLED)/share/bash-completion/completions
DOC := $(INSTALLED)/share/doc/fedgate
SHARE := $(INSTALLED)/share/fedgate
PAGES = $(patsubst packaging/man/%.in,%,$(MAN))
page_path = $(INSTALLED)/share/man/man$(subst .,,$(suffix $(1)))/$(1)
install: man client ## programs, library, manual pages, completion, the policy set as an example; PREFIX=/usr/local, DESTDIR=
	install -d $(INSTALLED)/bin $(COMPLETIONS) $(DOC) $(HEADERS) $(LIBRARIES)/pkgconfig $(sort $(dir $(foreach p,$(PAGES),$(call page_path,$(p)))))
	install -m 755 $(PROGRAMS) $(INSTALLED)/bin
	$(foreach p,$(PAGES),install -m 644 $(BUILD)/man/$(p) $(call page_path,$(p)) &&) true
	install -m 644 packaging/completion/fedgate $(COMPLETIONS)/fedgate
	ln -sf fedgate $(COMPLETIONS)/fedgatectl
	install -m 644 packaging/completion/fedgate $(COMPLETIONS)/fedgate-agent
	install -m 644 README.md LICENSE CHANGELOG.md SECURITY.md packaging/OPERATING.md packaging/CONSOLE.md $(DOC)
	install -D -m 644 packaging/prometheus/fedgate.rules.yaml $(SHARE)/prometheus/fedgate.rules.yaml
	install -D -m 644 packaging/grafana/fedgate.json $(SHARE)/grafana/fedgate.json
	for file in $$(find policy -type f); do install -D -m 644 "$$file" $(DOC)/examples/"$$file" || exit 1; done
	install -d $(DOC)/examples/answer
	install -m 644 packaging/answer/*.settings $(DOC)/examples/answer
	install -m 644 gateway/client/client.h $(HEADERS)/client.h
	install -D -m 644 proto/fedgate/v1/fedgate.proto $(HEADERS)/v1/fedgate.proto
	install -m 644 $(CLIENT).so.$(CLIENT_ABI) $(CLIENT).a $(LIBRARIES)
	ln -sf $(notdir $(CLIENT)).so.$(CLIENT_ABI) $(LIBRARIES)/$(notdir $(CLIENT)).so
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' packaging/fedgate-client.pc.in \
		> $(LIBRARIES)/pkgconfig/fedgate-client.pc
	chmod 644 $(LIBRARIES)/pkgconfig/fedgate-client.pc
uninstall: ## removes what install put there
	rm -f $(patsubst $(BUILD)/%,$(INSTALLED)/%,$(PROGRAMS)) $(foreach p,$(PAGES),$(call page_path,$(p)))
	rm -f $(COMPLETIONS)/fedgate $(COMPLETIONS)/fedgatectl $(COMPLETIONS)/fedgate-agent
	rm -f $(LIBRARIES)/$(notdir $(CLIENT)).* $(LIBRARIES)/pkgconfig/fedgate-client.pc
	rm -rf $(DOC) $(HEADERS) $(SHARE)
# ---- end of install

# ---- Debian packages: packaging/debian/
.PHONY: deb check-deb
deb: ## Debian packages of gateway, agent and client library, in build/deb/
	@packaging/deps.sh deb
	@packaging/make-deb $(BUILD)/deb
check-deb: ## builds them twice, looks at them, installs, upgrades and removes them in a fresh Debian; as root, else it says what it skips
	@packaging/deps.sh deb-test
	@packaging/check-deb $(BUILD)/deb-test
# ---- end of Debian packages

# ---- end to end: the built programs, with clients that are not ours; kill -9, round after round (KILL_ROUNDS=50)
.PHONY: e2e demo run test
e2e: all client ## the built programs over real sockets, with python3-grpcio, openssl and kill -9; E2E=test_tls.py: one file
	@BUILD=$(abspath $(BUILD)) tests/run-e2e $(E2E)

# The edge's threads, with the thread sanitizer: their mail, known chains, the server, and a whole gateway with four workers.
.PHONY: tsan
THREADED := crypto/test_known_chains net/test_mailbox net/test_server base/test_shared base/test_aside journal/test_ahead
tsan: ## what threads do to each other: units and a gateway with four workers, with the thread sanitizer
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=build/tsan SANITIZE=thread all $(THREADED:%=build/tsan/test/%)
	@for t in $(THREADED); do build/tsan/test/$$t > build/tsan/test/$$t.log 2>&1 || { cat build/tsan/test/$$t.log; exit 1; }; done
	@BUILD=$(abspath build/tsan) tests/run-e2e test_threads.py

# What the sanitizers do not see: bytes that were never set, with the engines of all roles and the system's libraries as they are.
.PHONY: memcheck
memcheck: $(GUARD) ## alerts and video through the engines of all roles, under valgrind's memcheck
	@for script in "alerts 60" "video 40"; do \
		valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
			$(GUARD) policy $${script% *} tests/data/cctv-20s.ts $${script#* } > /dev/null || exit 1; \
	done; echo "memcheck: nothing to say"

# ---- what a newcomer does
JOBS := $(shell nproc)
# Deadlocks of leak detection and a process that nobody may trace: leaks are looked for in the unit tests.
SANITIZED := BUILD=build/asan SANITIZE=address,undefined
demo: ## installs what is missing, builds, plays the five services through a gateway and shows what happened
	@packaging/deps.sh build
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@/usr/bin/python3 tests/demo/demo.py build/demo

PORT ?= 8443
run: ## installs what is missing, builds, runs a development gateway until Ctrl-C; PORT=8443
	@packaging/deps.sh build
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@tests/demo/run-gateway build/run $(PORT)

# These look at clients, programs of others and what documents print more than at the gateway: once is enough.
ONCE := test_bench.py test_carrier.py test_media.py test_metrics.py test_operating.py test_quickstart.py test_spool.py
test: ## installs what is missing, builds, runs every test
	@packaging/deps.sh test
	@$(MAKE) --no-print-directory layers format
	@$(MAKE) --no-print-directory -j$(JOBS) docs
	@$(MAKE) --no-print-directory -j$(JOBS) all bench-programs unit
	@$(MAKE) --no-print-directory symbols policy-test
	@$(MAKE) --no-print-directory model
	@$(MAKE) --no-print-directory guard memcheck
	@echo "with AddressSanitizer and UndefinedBehaviorSanitizer:"
	@$(MAKE) --no-print-directory -j$(JOBS) $(SANITIZED) all unit
	@$(MAKE) --no-print-directory tsan
	@$(MAKE) --no-print-directory -j$(JOBS) fuzz-replay
	@$(MAKE) --no-print-directory -j$(JOBS) fuzz-coverage
	@$(MAKE) --no-print-directory e2e
	@ASAN_OPTIONS=detect_leaks=0 KILL_ROUNDS=10 EDGE_WORKERS=3 $(MAKE) --no-print-directory $(SANITIZED) e2e \
		E2E="$(filter-out $(ONCE),$(notdir $(wildcard tests/e2e/test_*.py)))"
	@echo "all tests passed"

# ---- for those who change it
.PHONY: lint format analyze compile_commands.json
lint: ## clang-format, clang-tidy, gcc's analyzer, both compilers without a warning
	@packaging/deps.sh test
	@$(MAKE) --no-print-directory format analyze compile_commands.json
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@$(MAKE) --no-print-directory -j$(JOBS) CC=clang BUILD=build/clang all tidy
	@echo "lint: nothing to say"

format: # whether it is formatted
	@clang-format --dry-run -Werror $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

analyze: generated ## what gcc's analyzer says, less tests/analyzer/allowed, where each entry has a reason
	@tests/analyzer/run $(CPPFLAGS)

# Every C file of the tree; clients of the benchmark's peers where the headers are, which `deps.sh bench` brings.
C_FILES := $(wildcard $(foreach depth,* */* */*/*,$(addsuffix /$(depth).c,gateway fuzz tests)))
C_FILES := $(filter-out $(if $(wildcard /usr/include/nats/nats.h),,$(patsubst %,tests/bench/%.c,mosquitto jetstream rabbitmq)),$(C_FILES))
TIDY := $(C_FILES:%.c=$(BUILD)/tidy/%.done)
.PHONY: tidy
tidy: $(TIDY)
# By way of clang's object: a file is looked at again when it, a header that it includes or .clang-tidy has changed. A test only when
# itself has; no compiler waits for it.
$(BUILD)/tidy/%.done: $(BUILD)/obj/%.o .clang-tidy
	$(run_tidy)
$(BUILD)/tidy/tests/%.done: tests/%.c .clang-tidy tests/.clang-tidy
	$(run_tidy)
define run_tidy
@mkdir -p $(@D)
@echo "  TIDY $(@:$(BUILD)/tidy/%.done=%.c)"
@clang-tidy --quiet -p . $(@:$(BUILD)/tidy/%.done=%.c) 2> $@.log || { cat $@.log >&2; exit 1; }
@mv $@.log $@
endef

# clang 14 wants to be begged for -ftrivial-auto-var-init, and without it the analyser sees what is not set.
COMPILE = clang $(CPPFLAGS) $(filter-out -ftrivial-auto-var-init% -enable-trivial-auto-var-init%,$(CFLAGS)) -Itests/house -Itests/bench -Itests/bench/guard
compile_commands.json: generated ## for editors and clang-tidy
	@for c in $$(git ls-files --cached --others --exclude-standard 'gateway/*.c' 'tests/*.c' 'fuzz/*.c'); do \
		printf '{"directory": "%s", "file": "%s", "command": "%s"},\n' "$(CURDIR)" "$$c" "$(COMPILE) -c $$c"; \
	done | sed '1s/^/[/; $$s/,$$/]/' > $@

fmt: ## formats every C file in place
	@clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

clean: ## removes build/
	rm -rf build

help: ## this text
	@sed -n 's/^\([a-z0-9_.-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | sort | awk -F'|' '{printf "%-24s %s\n", $$1, $$2}'

-include $(shell find $(BUILD)/obj $(BUILD)/pic -name '*.d' 2>/dev/null)
