/* fedgate-agent doctor: what stands between a unit and its first message, step by step. */
#ifndef FEDGATE_CLI_AGENT_DOCTOR_H
#define FEDGATE_CLI_AGENT_DOCTOR_H

#include "cli/agent/message.h"
#include "crypto/certificate.h"

enum doctor_step {
#define STEP(NAME, word, tell) DOCTOR_##NAME,
#include "cli/agent/doctor.def"
#undef STEP
    DOCTOR_STEPS
};

/* Whom it concerns. */
enum doctor_tell { TELL_SELF, TELL_CA, TELL_NETWORK, TELL_OPERATOR, DOCTOR_TELLS };

/* A step that nothing was said of was not come to. */
struct doctor_line {
    enum cli_step_result result;
    enum doctor_tell tell;
    struct buf text;
};

struct doctor {
    struct agent agent;  /* its options and its language; the client is made for one attempt */
    const char *message; /* a file to send, or NULL */
    bool json, korean;
    int64_t patience_us;
    struct doctor_line line[DOCTOR_STEPS];
    /* found out on the way */
    char *host;
    const char *name; /* that the gateway's certificate must have */
    uint16_t port;
    char unit[CERTIFICATE_URI_MAX + 1]; /* that the certificate names, or "" */
    struct certificate_facts own;
    int64_t asked_us;             /* wall time: when the gateway was asked */
    bool accepted;                /* the gateway answered something */
    struct cli_table *grants;     /* what may pass; NULL: not told */
    struct buf grants_json;       /* answers of the gateway, as JSON, with commas between */
    size_t sends, receives, open; /* open: those of which messages may pass now */
    bool has_test;                /* TEST messages may pass from this unit */
    struct buf encoded;           /* the message */
    char id[AGENT_ID];
    struct fedgate_publisher *publisher;
    struct fedgate_timer *timer;
};

/* What is said of a step; the last word counts. `tell` is the step's own but where _tell says so.
 */
void doctor_say(struct doctor *d, enum doctor_step step, enum cli_step_result result,
                const char *fmt, ...) PRINTF_LIKE(4, 5);
void doctor_tell(struct doctor *d, enum doctor_step step, enum doctor_tell tell);

/* In the language: an expression, so that formats stay checked. */
#define DOCTOR_SAYS(d, en, ko) ((d)->korean ? (ko) : (en))

/* ---- doctor_local.c: what can be seen without the gateway. False: what comes next needs it. */
bool doctor_files(struct doctor *d);
void doctor_certificate(struct doctor *d, struct bytes pem, int64_t now_us);
bool doctor_name(struct doctor *d);
bool doctor_tcp(struct doctor *d);

/* ---- doctor_gateway.c: what the gateway answers */
void doctor_gateway(struct doctor *d);

/* ---- doctor_grants.c: what may pass */
void doctor_grants_begin(struct doctor *d);
void doctor_grants_take(struct doctor *d, const struct fedgate_grants *g);

/* ---- doctor_print.c: the report, to standard output; false after an error message */
bool doctor_print(const struct doctor *d);

#endif
