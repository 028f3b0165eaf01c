/* The formats that there are. */
#include "formats/format.h"

static const struct format *const formats[] = {&format_cap, &format_pidf_lo, &format_cloudevents,
                                               &format_edxl_de, &format_edxl_de_2};

const struct format *format_at(size_t i)
{
    return i < ARRAY_LEN(formats) ? formats[i] : NULL;
}

const struct format *format_named(const char *name)
{
    const struct format *f = NULL;
    for (size_t i = 0; (f = format_at(i)) != NULL; i++)
        if (strcmp(name, f->name) == 0)
            break;
    return f;
}

const char *format_name(const struct format *f)
{
    return f->name;
}

const char *format_title(const struct format *f)
{
    return f->title;
}

bool format_line_at(const struct format *f, size_t i, struct format_line *out)
{
    if (i >= f->rows)
        return false;
    const struct format_row *row = &f->row[i];
    *out = (struct format_line){row->place, row->fields, {"", ""}};
    if (row->converter == NULL)
        return true;
    out->how[0] = row->converter->how[0];
    out->how[1] = row->converter->how[1];
    return true;
}
