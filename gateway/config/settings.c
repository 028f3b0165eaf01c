#include "config/settings.h"

#include "base/attr.h"
#include "config/read.h"

#include <stdio.h>
#include <stdlib.h>

/* What the rows' readers write to. */
struct target {
    struct settings *out;
    const char *folder; /* of the configuration file: empty, or ends with a slash */
};

static bool set_text(struct reader *r, const struct node *n, const char *what, char *out,
                     const char *folder)
{
    struct bytes t;
    if (!read_text(r, n, what, SETTINGS_TEXT - 1 - strlen(folder), &t))
        return false;
    (void)snprintf(out, SETTINGS_TEXT, "%s%.*s", t.p[0] == '/' ? "" : folder, (int)t.n,
                   (const char *)t.p);
    return true;
}

static void read_TEXT(struct reader *r, const struct node *n, const char *what, struct target *t,
                      void *field)
{
    (void)t;
    (void)set_text(r, n, what, field, "");
}

static void read_FOLDER(struct reader *r, const struct node *n, const char *what, struct target *t,
                        void *field)
{
    (void)set_text(r, n, what, field, t->folder);
}

#define read_FILE read_FOLDER /* both are paths */

static void read_ADDRESS(struct reader *r, const struct node *n, const char *what, struct target *t,
                         void *field)
{
    char host[SETTINGS_TEXT];
    uint16_t port;
    (void)t;
    if (set_text(r, n, what, field, "") && !settings_split_address(field, host, sizeof host, &port))
        read_fail(r, n, DIAGNOSE_NOT_AN_ADDRESS, what, NULL, NULL);
}

static void read_DURATION(struct reader *r, const struct node *n, const char *what,
                          struct target *t, void *field)
{
    (void)t;
    (void)read_duration(r, n, what, field);
}

static void read_SIZE(struct reader *r, const struct node *n, const char *what, struct target *t,
                      void *field)
{
    (void)t;
    (void)read_size(r, n, what, 256 << 10, 1 << 30, field);
}

static void read_COUNT(struct reader *r, const struct node *n, const char *what, struct target *t,
                       void *field)
{
    (void)t;
    (void)read_number(r, n, what, 1, 1000000, field);
}

/* One reader a row. */
#define S(key, type, field, standard, help)                                                        \
    static void take_##key(struct reader *r, const struct node *n, void *target)                   \
    {                                                                                              \
        struct target *t = target;                                                                 \
        read_##type(r, n, #key, t, &t->out->field);                                                \
    }
#include "config/settings.def"
#undef S

static const struct read_key keys[] = {
#define S(key, type, field, standard, help) {#key, (standard)[0] == '\0', take_##key},
#include "config/settings.def"
#undef S
};

static const struct settings_row rows[] = {
#define S(key, type, field, standard, help) {#key, #type, standard, help},
#include "config/settings.def"
#undef S
};

bool settings_row(size_t i, struct settings_row *out)
{
    if (i >= ARRAY_LEN(rows))
        return false;
    *out = rows[i];
    return true;
}

/* The table's defaults are read like a file, so that they cannot mean something else than what a
 * person writes. */
static void read_defaults(struct reader *r, struct target *t)
{
    struct buf text = BUF_INIT(16384);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].standard[0] != '\0')
            buf_printf(&text, "%s: \"%s\"\n", rows[i].key, rows[i].standard);
    struct document *doc = document_read(buf_view(&text), "settings.def", r->d);
    for (size_t i = 0; doc != NULL && i < ARRAY_LEN(keys); i++) {
        const struct node *value = node_member(document_root(doc), keys[i].key);
        if (value != NULL)
            keys[i].read(r, value, t);
    }
    document_free(doc);
    buf_free(&text);
}

bool settings_read(struct bytes text, const char *file, struct diagnose *d, struct settings *out)
{
    char folder[SETTINGS_TEXT] = "";
    const char *slash = strrchr(file, '/');
    if (slash != NULL)
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - file) + 1, file);
    struct reader r = {d, zone_named("Asia/Seoul")};
    struct target t = {out, folder};
    *out = (struct settings){0};
    read_defaults(&r, &t);
    struct document *doc = document_read(text, file, d);
    if (doc != NULL)
        (void)read_map(&r, document_root(doc), "the configuration", keys, ARRAY_LEN(keys), &t);
    document_free(doc);
    return diagnose_errors(d) == 0;
}

bool settings_valid(const struct settings *s)
{
    static const size_t texts[] = {
        offsetof(struct settings, listen),      offsetof(struct settings, log_name),
        offsetof(struct settings, data_folder), offsetof(struct settings, audit_folder),
        offsetof(struct settings, key_folder),  offsetof(struct settings, policy_folder),
        offsetof(struct settings, crl_folder),  offsetof(struct settings, tls_certificate),
        offsetof(struct settings, tls_key)};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (memchr((const char *)s + texts[i], '\0', SETTINGS_TEXT) == NULL)
            return false;
    return true;
}

bool settings_split_address(const char *address, char *host, size_t n, uint16_t *port)
{
    const char *colon = strrchr(address, ':');
    const char *begin = address, *end = colon;
    char *rest;
    if (colon == NULL || colon == address)
        return false;
    if (*begin == '[') {
        begin++;
        if (*--end != ']')
            return false;
    } else if (memchr(begin, ':', (size_t)(end - begin)) != NULL) {
        return false; /* an IPv6 address without brackets */
    }
    unsigned long value = strtoul(colon + 1, &rest, 10);
    if (colon[1] < '0' || colon[1] > '9' || *rest != '\0' || value > UINT16_MAX ||
        (size_t)(end - begin) >= n || end == begin)
        return false;
    memcpy(host, begin, (size_t)(end - begin));
    host[end - begin] = '\0';
    *port = (uint16_t)value;
    return true;
}
