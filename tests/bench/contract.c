#include "contract.h"

#include "common.h"
#include "message/json.h"

#include <stdio.h>

struct buf contract_encode(const char *type, const char *json)
{
    struct buf out = BUF_INIT(1 << 16);
    char name[64], why[256];
    (void)snprintf(name, sizeof name, "fedgate.v1.%s", type);
    if (message_from_json(message_type(name), bytes_of_text(json), &out, why, sizeof why) !=
        RESULT_OK)
        load_fail("%s: %s", type, why);
    return out;
}
