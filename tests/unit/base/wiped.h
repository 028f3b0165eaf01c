/* What mem_wipe zeroed: this file's functions stand before the C library's. Once a program. */
#ifndef FEDGATE_TESTS_BASE_WIPED_H
#define FEDGATE_TESTS_BASE_WIPED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Not static, because the C library declares the functions below inline. */
struct {
    uintptr_t at;
    size_t n;
    bool ours; /* not a library's */
} wiped[256];
size_t wipes;
atomic_flag wiping; /* threads may wipe at once */

extern const char __executable_start, etext; /* the program's own code (ld(1)) */

void explicit_bzero(void *p, size_t n);
void __explicit_bzero_chk(void *p, size_t n, size_t room);

void record_wipe(void *p, size_t n, const void *caller);

void record_wipe(void *p, size_t n, const void *caller)
{
    volatile uint8_t *byte = p;
    for (size_t i = 0; i < n; i++)
        byte[i] = 0;
    while (atomic_flag_test_and_set(&wiping))
        ;
    wiped[wipes % 256].at = (uintptr_t)p;
    wiped[wipes % 256].n = n;
    wiped[wipes % 256].ours = (uintptr_t)caller >= (uintptr_t)&__executable_start &&
                              (uintptr_t)caller < (uintptr_t)&etext;
    wipes++;
    atomic_flag_clear(&wiping);
}

void explicit_bzero(void *p, size_t n)
{
    record_wipe(p, n, __builtin_return_address(0));
}

/* What a fortified build calls. */
void __explicit_bzero_chk(void *p, size_t n, size_t room)
{
    (void)room;
    record_wipe(p, n, __builtin_return_address(0));
}

static inline void wiped_forget(void)
{
    memset(wiped, 0, sizeof wiped);
    wipes = 0;
}

/* Whether we ourselves wiped something of this size since then. */
static inline bool was_wiped_of_size(size_t n)
{
    for (size_t i = 0; i < wipes && i < 256; i++)
        if (wiped[i].ours && wiped[i].n == n)
            return true;
    return false;
}

/* Whether one wipe since then covered these bytes. They may be freed by now. */
static inline bool was_wiped(uintptr_t at, size_t n)
{
    for (size_t i = 0; i < wipes && i < 256; i++)
        if (wiped[i].at <= at && at + n <= wiped[i].at + wiped[i].n)
            return true;
    return false;
}

#endif
