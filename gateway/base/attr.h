/* Compiler attributes and small macros used everywhere. */
#ifndef FEDGATE_BASE_ATTR_H
#define FEDGATE_BASE_ATTR_H

#include <stddef.h>

#define MUST_USE               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN               __attribute__((noreturn))

/* A large local variable of which nothing is read that was not written before: it is not zeroed,
 * as -ftrivial-auto-var-init would. */
#define UNSET __attribute__((uninitialized))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The struct of type `type` that holds `member` at address `ptr`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
