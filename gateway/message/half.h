/* What a unit's vault asks for and reports: the requests of VaultService, checked as a message is.
 * Nothing is left out of one: any fault refuses it. */
#ifndef FEDGATE_MESSAGE_HALF_H
#define FEDGATE_MESSAGE_HALF_H

#include "message/message.h"

struct Fedgate__V1__VaultStoreRequest;
struct Fedgate__V1__VaultOpenRequest;
struct Fedgate__V1__UseReport;

void vault_store_check(struct Fedgate__V1__VaultStoreRequest *m, const struct check_limits *limits,
                       struct findings *found);
void vault_open_check(struct Fedgate__V1__VaultOpenRequest *m, const struct check_limits *limits,
                      struct findings *found);
void use_report_check(struct Fedgate__V1__UseReport *m, const struct check_limits *limits,
                      struct findings *found);

#endif
