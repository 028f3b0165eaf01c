/* What a message has and a table does not. */
#include "formats/format.h"

#include <stdio.h>

void losses_add(struct format_report *report, const char *place, size_t line, size_t column)
{
    size_t i = 0;
    while (i < report->count && strcmp(report->loss[i].place, place) != 0)
        i++;
    if (i == FORMAT_LOSSES) { /* the last stands for the rest */
        report->loss[i - 1].count++;
        return;
    }
    struct format_loss *loss = &report->loss[i];
    if (i == report->count) {
        *loss = (struct format_loss){.line = line, .column = column};
        (void)snprintf(loss->place, sizeof loss->place, "%s", place);
        report->count++;
    }
    loss->count++;
}

/* What may not be left out: who may have it, what for and on which basis, until when, and what
 * prohibits that it is passed on. */
static bool binds(const char *path)
{
    static const char *const binding[] = {"header.service",     "header.purpose",   "header.basis",
                                          "header.incident_id", "header.to",        "header.status",
                                          "header.destroy_by",  "header.emergency", NULL};
    const char *last = strrchr(path, '.');
    for (size_t i = 0; binding[i] != NULL; i++)
        if (strncmp(path, binding[i], strlen(binding[i])) == 0)
            return true;
    return last != NULL && strcmp(last, ".origin") == 0;
}

/* Whether some row has the field, or something that it is in. */
static bool is_carried(const struct format *f, const char *path)
{
    for (size_t i = 0; i < f->rows; i++) {
        struct bytes rest = bytes_of_text(f->row[i].fields), field;
        while ((field = next_word(&rest)).n > 0)
            if (strncmp(path, (const char *)field.p, field.n) == 0 &&
                (path[field.n] == '\0' || path[field.n] == '.'))
                return true;
    }
    return false;
}

static bool look(struct writing *w, const ProtobufCMessage *m, const char *prefix);

static bool look_at(struct writing *w, const struct field *f, const char *prefix)
{
    char path[FORMAT_PLACE];
    size_t n = reflect_count(f->m, f->f);
    (void)snprintf(path, sizeof path, "%s%s%s", prefix, *prefix == '\0' ? "" : ".", f->f->name);
    if (n == 0 || is_carried(w->format, path))
        return true;
    for (size_t i = 0; i < n && reflect_type_of(f->f) != NULL; i++)
        if (!look(w, *(ProtobufCMessage **)reflect_value(f->m, f->f, i), path))
            return false;
    if (reflect_type_of(f->f) != NULL)
        return true;
    if (binds(path))
        return writing_wrong(w, RESULT_UNKNOWN, path,
                             "nothing, for the format has no place for what binds");
    writing_lost(w, path);
    return true;
}

/* Types of the contract do not nest in themselves, so this ends. */
static bool look(struct writing *w, const ProtobufCMessage *m, const char *prefix)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const struct field f = {(ProtobufCMessage *)(uintptr_t)m, &m->descriptor->fields[i]};
        if (!look_at(w, &f, prefix))
            return false;
    }
    return true;
}

bool losses_of_message(struct writing *w)
{
    return w->format->kinds == NULL || look(w, &w->m->base, "");
}
