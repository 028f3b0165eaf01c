#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *or_die(void *p)
{
    if (p == NULL) {
        (void)fputs("fedgate: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_new(size_t n)
{
    return or_die(calloc(1, n == 0 ? 1 : n));
}

void *mem_new_array(size_t count, size_t size)
{
    return or_die(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void mem_in_large_pages(void *p, size_t n)
{
    enum { LARGE = 2 << 20 };
    uintptr_t from = ((uintptr_t)p + LARGE - 1) / LARGE * LARGE,
              to = ((uintptr_t)p + n) / LARGE * LARGE;
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE); /* where there are any */
}

void *mem_room(size_t n)
{
    return or_die(malloc(n == 0 ? 1 : n));
}

void *mem_grow_array(void *p, size_t count, size_t new_count, size_t size)
{
    uint8_t *grown = or_die(reallocarray(p, new_count == 0 ? 1 : new_count, size));
    if (new_count > count)
        memset(grown + count * size, 0, (new_count - count) * size);
    return grown;
}

char *mem_text(const void *p, size_t n)
{
    char *text = or_die(malloc(n + 1));
    if (n > 0)
        memcpy(text, p, n);
    text[n] = '\0';
    return text;
}

void mem_free(void *p)
{
    free(p);
}

void mem_wipe(void *p, size_t n)
{
    if (n > 0)
        explicit_bzero(p, n);
}
