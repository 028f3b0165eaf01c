/*
 * A policy set of any number of grants, always the same for the same number: agencies with 20 units
 * each, each of which sends seven kinds to its neighbours under several services and purposes, in
 * memoranda of 500 grants; with conditions, transforms and duties as the set of Daejeon has them.
 */
#ifndef FEDGATE_BENCH_POLICY_SET_H
#define FEDGATE_BENCH_POLICY_SET_H

#include <stdbool.h>
#include <stddef.h>

enum { BENCH_CAMERAS = 1000, BENCH_UNITS = 20 };

/* The words of a grant, for a message that it permits. */
struct bench_grant {
    const char *kind, *service, *purpose;
    char clause[40], from[40], to[40];
};
void bench_grant(size_t grants, size_t i, struct bench_grant *out);

/* Writes the files into an empty folder; words and law are those of the tree's policy/, `tree`. The
 * first `changed` grants have another number in a condition. */
void bench_write_set(int folder, int tree, size_t grants, size_t changed);

#endif
