#include "config/settings.h"

#include "base/attr.h"
#include "config/read.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 4096, ORIGIN_MAX = 128 };

/* What the rows are read into. */
struct target {
    struct settings *out;
    const char *folder; /* of the configuration file: empty, or ends with a slash */
};

/* One row's field, and its bounds. */
struct slot {
    const char *folder;
    void *field;
    int64_t least, most;
};

static bool set_text(struct reader *r, const struct node *n, const char *what, const struct slot *s,
                     const char *folder)
{
    struct bytes t;
    if (bytes_begins(node_text(n), "/"))
        folder = "";
    if (!read_text(r, n, what, SETTINGS_TEXT - 1 - strlen(folder), &t))
        return false;
    (void)snprintf(s->field, SETTINGS_TEXT, "%s%.*s", folder, (int)t.n, (const char *)t.p);
    return true;
}

static void read_FOLDER(struct reader *r, const struct node *n, const char *what,
                        const struct slot *s)
{
    (void)set_text(r, n, what, s, s->folder);
}

#define read_FILE read_FOLDER /* both are paths */

static void read_OPTIONAL(struct reader *r, const struct node *n, const char *what,
                          const struct slot *s)
{
    if (bytes_is(node_text(n), "none"))
        memset(s->field, 0, SETTINGS_TEXT);
    else
        read_FOLDER(r, n, what, s);
}

/* One text, a list of them, or none. */
static void read_list(struct reader *r, const struct node *n, const char *what,
                      const struct slot *s, const char *folder)
{
    char(*text)[SETTINGS_TEXT] = s->field;
    bool list = node_type(n) == NODE_LIST;
    size_t count = list ? node_count(n) : 1;
    memset(text, 0, (size_t)SETTINGS_FILES * SETTINGS_TEXT);
    if (count > SETTINGS_FILES)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, what, "8", NULL);
    else if (list || !bytes_is(node_text(n), "none"))
        for (size_t i = 0; i < count; i++) {
            const struct slot one = {folder, text[i], 0, 0};
            (void)set_text(r, list ? node_item(n, i) : n, what, &one, folder);
        }
}

static void read_FILES(struct reader *r, const struct node *n, const char *what,
                       const struct slot *s)
{
    read_list(r, n, what, s, s->folder);
}

/* What they are keys of is checked where keys are known (process/witness_keys.c). */
static void read_WITNESSES(struct reader *r, const struct node *n, const char *what,
                           const struct slot *s)
{
    read_list(r, n, what, s, "");
}

static void read_SIGNATURES(struct reader *r, const struct node *n, const char *what,
                            const struct slot *s)
{
    static const char *const words[] = {"required", "not-required"};
    unsigned chosen;
    if (read_choice(r, n, what, words, ARRAY_LEN(words), &chosen))
        *(int64_t *)s->field = chosen;
}

/* Where a relative one begins is known when all is read. */
static void read_DATA(struct reader *r, const struct node *n, const char *what,
                      const struct slot *s)
{
    (void)set_text(r, n, what, s, "");
}

#define read_SOCKET read_DATA

/* The first line of every checkpoint. */
static void read_ORIGIN(struct reader *r, const struct node *n, const char *what,
                        const struct slot *s)
{
    struct bytes t = node_text(n);
    bool good = t.n > 0 && t.n <= ORIGIN_MAX;
    for (size_t i = 0; i < t.n; i++)
        good = good && t.p[i] > ' ' && t.p[i] < 0x7f && t.p[i] != '+';
    if (good)
        (void)set_text(r, n, what, s, "");
    else
        read_fail(r, n, DIAGNOSE_NOT_AN_ORIGIN, what, NULL, NULL);
}

static void read_ADDRESS(struct reader *r, const struct node *n, const char *what,
                         const struct slot *s)
{
    char host[SETTINGS_TEXT];
    uint8_t binary[sizeof(struct in6_addr)];
    uint16_t port;
    if (!set_text(r, n, what, s, ""))
        return;
    if (!settings_split_address(s->field, host, sizeof host, &port) ||
        (inet_pton(AF_INET, host, binary) != 1 && inet_pton(AF_INET6, host, binary) != 1))
        read_fail(r, n, DIAGNOSE_NOT_AN_ADDRESS, what, NULL, NULL);
}

static void read_MAYBE(struct reader *r, const struct node *n, const char *what,
                       const struct slot *s)
{
    if (bytes_is(node_text(n), "none"))
        memset(s->field, 0, SETTINGS_TEXT);
    else
        read_ADDRESS(r, n, what, s);
}

/* No certificate is asked for there: it must not be reached from elsewhere. */
static void read_LOOPBACK(struct reader *r, const struct node *n, const char *what,
                          const struct slot *s)
{
    char host[SETTINGS_TEXT];
    uint16_t port;
    read_MAYBE(r, n, what, s);
    if (settings_split_address(s->field, host, sizeof host, &port) &&
        strcmp(host, "127.0.0.1") != 0 && strcmp(host, "::1") != 0)
        read_fail(r, n, DIAGNOSE_NOT_LOOPBACK, what, NULL, NULL);
}

static void read_DURATION(struct reader *r, const struct node *n, const char *what,
                          const struct slot *s)
{
    int64_t v;
    char low[TIME_TEXT], high[TIME_TEXT];
    if (!read_duration(r, n, what, &v))
        return;
    if (v >= s->least && v <= s->most) {
        *(int64_t *)s->field = v;
        return;
    }
    duration_text(s->least, low);
    duration_text(s->most, high);
    read_fail(r, n, DIAGNOSE_DURATION_RANGE, low, high, what);
}

static void read_SIZE(struct reader *r, const struct node *n, const char *what,
                      const struct slot *s)
{
    int64_t v;
    if (read_size(r, n, what, s->least, s->most, &v))
        *(int64_t *)s->field = v / PAGE * PAGE;
}

static void read_COUNT(struct reader *r, const struct node *n, const char *what,
                       const struct slot *s)
{
    (void)read_number(r, n, what, s->least, s->most, s->field);
}

/* One reader a row. */
#define S(key, type, standard, least, most, help)                                                  \
    static void take_##key(struct reader *r, const struct node *n, void *target)                   \
    {                                                                                              \
        const struct target *t = target;                                                           \
        const struct slot s = {t->folder, &t->out->key, least, most};                              \
        read_##type(r, n, #key, &s);                                                               \
    }
#include "config/settings.def"
#undef S

static const struct read_key keys[] = {
#define S(key, type, standard, least, most, help) {#key, (standard)[0] == '\0', take_##key},
#include "config/settings.def"
#undef S
};

static const struct settings_row rows[] = {
#define S(key, type, standard, least, most, help) {#key, #type, standard, help},
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

/* In the data folder, unless it says where. A path that is too long is told when it is opened. */
static void place_in_data(const struct settings *s, char path[SETTINGS_TEXT])
{
    char given[SETTINGS_TEXT];
    if (path[0] == '/')
        return;
    memcpy(given, path, sizeof given);
    (void)snprintf(path, SETTINGS_TEXT, "%.*s/%.*s", SETTINGS_TEXT / 2 - 2, s->data_folder,
                   SETTINGS_TEXT / 2 - 2, given);
}

static void check_needed(struct reader *r, const char *file, const char *needed, const char *by)
{
    diagnose_add(r->d, DIAGNOSE_MISSING_KEY, &(struct diagnose_place){.file = file}, needed, by,
                 NULL);
}

/* The console shows a certificate of its own, or there is none; metrics are the console's. */
static void check_console(struct reader *r, const char *file, const struct settings *s)
{
    static const char *const needed[] = {"console_certificate", "console_key"};
    const char *given[] = {s->console_certificate, s->console_key};
    for (size_t i = 0; s->console_listen[0] != '\0' && i < ARRAY_LEN(needed); i++)
        if (given[i][0] == '\0')
            check_needed(r, file, needed[i], "console_listen");
    if (s->metrics_listen[0] != '\0' && s->console_listen[0] == '\0')
        check_needed(r, file, "console_listen", "metrics_listen");
}

bool settings_read(struct bytes text, const char *file, struct diagnose *d, struct settings *out)
{
    char folder[SETTINGS_TEXT] = "";
    const char *slash = strrchr(file, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - file) + 1;
    struct reader r = {d, zone_named("Asia/Seoul"), NULL};
    struct target t = {out, folder};
    size_t before = diagnose_errors(d);
    *out = (struct settings){0};
    if (n >= sizeof folder) {
        diagnose_add(d, DIAGNOSE_FILE_UNREADABLE, &(struct diagnose_place){.file = file},
                     "its name is too long", NULL, NULL);
        return false;
    }
    memcpy(folder, file, n);
    read_defaults(&r, &t);
    struct document *doc = document_read(text, file, d);
    if (doc != NULL)
        (void)read_map(&r, document_root(doc), "the configuration", keys, ARRAY_LEN(keys), &t);
    document_free(doc);
    place_in_data(out, out->control_socket);
    place_in_data(out, out->console_folder);
    if (diagnose_errors(d) == before)
        check_console(&r, file, out);
    return diagnose_errors(d) == before;
}

bool settings_valid(const struct settings *s)
{
    static const struct {
        size_t at, n;
    } field[] = {
#define S(key, type, standard, least, most, help)                                                  \
    {offsetof(struct settings, key), sizeof(((struct settings *)0)->key)},
#include "config/settings.def"
#undef S
    };
    for (size_t i = 0; i < ARRAY_LEN(field); i++)
        for (size_t n = 0; field[i].n % SETTINGS_TEXT == 0 && n < field[i].n; n += SETTINGS_TEXT)
            if (memchr((const char *)s + field[i].at + n, '\0', SETTINGS_TEXT) == NULL)
                return false;
    return s->policy_signatures >= SIGNATURES_REQUIRED &&
           s->policy_signatures <= SIGNATURES_NOT_REQUIRED;
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
