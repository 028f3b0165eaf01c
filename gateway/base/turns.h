/* A thread's turns on its processor: what it asks of the scheduler. Nobody has to grant it. */
#ifndef FEDGATE_BASE_TURNS_H
#define FEDGATE_BASE_TURNS_H

#include <stdbool.h>

/* Short turns: who has less to do at once is let in front of who computes. False where the kernel
 * knows no such wish (before Linux 6.12 it is ignored). Threads that begin later inherit it. */
bool turns_ask_short(void);

/* This thread gives way: where others compute, it gets a tenth of what they get (nice 10), and
 * waits while they wake. Never taken back. */
bool turns_give_way(void);

#endif
