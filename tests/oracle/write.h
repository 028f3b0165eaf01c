/* What write.c and write_set.c share. */
#ifndef FEDGATE_TESTS_ORACLE_WRITE_H
#define FEDGATE_TESTS_ORACLE_WRITE_H

#include "model.h"

#include "base/buf.h"

void put_list(struct buf *out, const struct list *l);
void put_duration(struct buf *out, int64_t seconds);
void put_mou(struct buf *out, const struct model_set *s, size_t mou);

#endif
