/* Messages of the contract, written as JSON. */
#ifndef FEDGATE_BENCH_CONTRACT_H
#define FEDGATE_BENCH_CONTRACT_H

#include "base/buf.h"

/* JSON as an encoded `type` ("Message", "VideoStart"), freed with buf_free. Ends the program when
 * it is no such message. */
struct buf contract_encode(const char *type, const char *json);

#endif
