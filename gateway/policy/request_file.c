/* A request in a file of its own. */
#include "base/mem.h"
#include "policy/request.h"
#include "policy/tools.h"

struct policy_request {
    struct document *doc;
    struct request request;
    struct request_asked asked;
    struct policy_question question;
};

/* The keys of a test, or those of a message alone. */
static void read_root(struct reader *r, const struct node *root, struct request *q)
{
    bool whole = false;
    for (size_t i = 0; i < REQUEST_KEYS; i++)
        whole = whole || node_member(root, request_keys[i].key) != NULL;
    if (whole)
        (void)read_map(r, root, "a request", request_keys, REQUEST_KEYS, q);
    else
        request_read_message(r, root, q);
}

struct policy_request *policy_request_read(const struct policy *p, const char *file,
                                           struct bytes text, int64_t now_us, struct diagnose *d)
{
    struct policy_request *r = mem_new(sizeof *r);
    struct reader reader = {d, request_zone(p), NULL};
    request_new(&r->request, p, now_us);
    r->doc = document_read(text, file, d);
    if (r->doc != NULL)
        read_root(&reader, document_root(r->doc), &r->request);
    if (r->doc != NULL && diagnose_errors(d) == 0)
        return r;
    policy_request_free(r);
    return NULL;
}

void policy_request_free(struct policy_request *r)
{
    if (r == NULL)
        return;
    request_free(&r->asked);
    document_free(r->doc);
    mem_free(r);
}

int64_t policy_request_now(const struct policy_request *r)
{
    return r->request.now_us;
}

void policy_request_message(struct policy_request *r, const struct facts *facts)
{
    r->request.facts = *facts;
    r->request.has_kind = true;
    r->request.has_facts = true;
}

enum reason policy_request_ask(struct policy_request *r, const struct policy_question **out,
                               const char **failed)
{
    request_free(&r->asked);
    *out = &r->question;
    return request_ask(&r->request, &r->question, &r->asked, failed);
}

size_t policy_request_recipients(const struct policy_request *r, uint32_t to[POLICY_REACH_MAX])
{
    return request_recipients(&r->request, to);
}
