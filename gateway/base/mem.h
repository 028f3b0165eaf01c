/*
 * Memory. Small structures of our own come from mem_new, which ends the process when the machine
 * has no memory left: no caller could go on in a sensible way. What a peer can make larger has a
 * budget of its own (arena, buf) and fails softly.
 */
#ifndef FEDGATE_BASE_MEM_H
#define FEDGATE_BASE_MEM_H

#include <stddef.h>

/* Zeroed memory for `n` bytes, or `count` items of `size` (checked); never NULL. Freed by mem_free.
 */
void *mem_new(size_t n);
void *mem_new_array(size_t count, size_t size);

/* The same without the zeros, for what is written before it is read. */
void *mem_room(size_t n);

/* Asks for large pages under new, empty memory that is read here and there: the processor finds its
 * way through a few of them faster than through thousands of small ones. Of the whole ones in it.
 */
void mem_in_large_pages(void *p, size_t n);

/* The array at `p`, of `count` items of `size`, in a place with room for `new_count`; the added
 * items are zero. */
void *mem_grow_array(void *p, size_t count, size_t new_count, size_t size);

/* A copy of `n` bytes with a NUL behind it. */
char *mem_text(const void *p, size_t n);

/* NULL is fine. Does not wipe: secrets live in crypto/secret.h, bodies in buf and shared. */
void mem_free(void *p);

/* Zeroes memory in a way that the compiler keeps. */
void mem_wipe(void *p, size_t n);

#endif
