# make -f plain.mk && make -f plain.mk check && make -f plain.mk install

CFLAGS ?= -g -O2 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers

AU_CFLAGS := $(shell pkg-config --cflags au-1)
AU_LIBS := $(shell pkg-config --libs au-1)
AU_TEST_CFLAGS := $(shell pkg-config --cflags au-test-1)
AU_TEST_LIBS := $(shell pkg-config --libs au-test-1)
moduledir ?= $(shell pkg-config --variable=moduledir au-1)

modules = au_function_acme.so au_middleware_acme_limit.so au_store_acme.so

all: $(modules)

au_function_acme.so: acme-functions.c
au_middleware_acme_limit.so: acme-limit.c
au_store_acme.so: acme-store.c

# --no-undefined finds a missing library now, and not when the module is opened.
$(modules):
	$(CC) $(CFLAGS) -fPIC -fvisibility=hidden $(AU_CFLAGS) -shared $(LDFLAGS) -Wl,--no-undefined -Wl,-z,now \
	  -o $@ $< $(AU_LIBS)

test-acme: test-acme.c
	$(CC) $(CFLAGS) $(AU_TEST_CFLAGS) $(LDFLAGS) -o $@ $< $(AU_TEST_LIBS)

check: $(modules) test-acme
	AU_MODULE_PATH='$(CURDIR)' ACME_CONFIG='$(CURDIR)/acme.conf' ./test-acme --tap

install: $(modules)
	install -d '$(DESTDIR)$(moduledir)'
	install -m 755 $(modules) '$(DESTDIR)$(moduledir)'

clean:
	rm -f $(modules) test-acme

.PHONY: all check install clean
