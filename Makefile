# fedgate. `make help` says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

# ---- how to build: make BUILD=build/asan SANITIZE=address,undefined CC=clang ...
BUILD    ?= build
SANITIZE ?=
CC       ?= cc

WARNINGS := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wimplicit-fallthrough -Wvla \
	-Wshadow -Wstrict-prototypes -Wundef -Wmissing-prototypes -Werror
HARDENED := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-strict-overflow \
	-fno-delete-null-pointer-checks -ftrivial-auto-var-init=zero -fPIE
IS_CLANG := $(shell $(CC) --version | grep -c clang)
ifneq ($(IS_CLANG),0)
HARDENED += -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
endif
ifeq ($(SANITIZE),)
OPTIMISE := -O2 -D_FORTIFY_SOURCE=3
else
OPTIMISE := -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS  += -fsanitize=$(SANITIZE)
endif
CFLAGS   ?= -g
CPPFLAGS += -D_GNU_SOURCE -Igateway -isystem $(BUILD)/gen
override CFLAGS += -std=c11 $(OPTIMISE) $(HARDENED) $(WARNINGS)
override LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
LDLIBS := -levent_core -lnghttp2 -lssl -lcrypto -lprotobuf-c -lsodium -lyaml -ljansson -lm

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
	$(BUILD)/gen/google/protobuf/duration.pb-c.c
OBJ_message += $(GEN_C:%.c=%.o)
$(BUILD)/lib/message.a: $(GEN_C:%.c=%.o)

# A module with everything below it, top first, for the linker.
reverse = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
archives = $(foreach m,$(call reverse,$(filter $(1),$(MODULES))),$(BUILD)/lib/$(m).a)
closure = $(sort $(1) $(foreach m,$(1),$(foreach u,$(USES_$(m)),$(call closure,$(u)))))

PROGRAMS := $(BUILD)/bin/fedgate $(BUILD)/bin/fedgatectl $(BUILD)/bin/fedgate-agent
all: $(PROGRAMS)

$(BUILD)/obj/%.o: %.c | generated
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Generated code is not ours to warn about.
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	@$(CC) -I$(BUILD)/gen $(filter-out $(WARNINGS),$(CFLAGS)) -c $< -o $@

.PHONY: generated
generated: $(GEN_C)
PROTO_INCLUDE := /usr/include
$(BUILD)/gen/fedgate/v1/fedgate.pb-c.c: proto/fedgate/v1/fedgate.proto
	@mkdir -p $(BUILD)/gen
	@echo "  GEN  $<"
	@protoc-c -Iproto -I$(PROTO_INCLUDE) --c_out=$(BUILD)/gen fedgate/v1/fedgate.proto
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

# ---- unit tests: tests/unit/<module>/test_*.c, each a program of its own, linked with its module and what that may use
TESTS := $(foreach m,$(MODULES),$(patsubst tests/unit/%.c,$(BUILD)/test/%,$(wildcard tests/unit/$(m)/test_*.c)))
# tests/house/ runs the engines of all roles in one process, on a virtual clock.
HOUSE := $(BUILD)/lib/house.a
$(HOUSE): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/house/*.c))
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^
$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests/house
SUPPORT_process := $(HOUSE)
define test_rules
$(BUILD)/test/$(1)/%: $(BUILD)/obj/tests/unit/$(1)/%.o $$(SUPPORT_$(1)) $$(call archives,$$(call closure,$(1) $$(if $$(SUPPORT_$(1)),json)))
	@mkdir -p $$(@D)
	@echo "  LD   $$@"
	@$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(LDLIBS) -lcmocka -o $$@
endef
$(foreach m,$(MODULES),$(eval $(call test_rules,$(m))))

.PHONY: unit unit-% layers fmt clean help
unit: $(TESTS)
	@tests/run-units $(TESTS)
unit-%:
	@$(MAKE) --no-print-directory $(filter $(BUILD)/test/$*/%,$(TESTS))
	@tests/run-units $(filter $(BUILD)/test/$*/%,$(TESTS))

layers:
	@tests/check-layers gateway/layers.txt

fmt:
	@clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

clean:
	rm -rf build

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
