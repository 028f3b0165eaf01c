#include "console/fields.h"

#include <stdio.h>

void field_form(struct html *h, bool posts, struct bytes to, const char *class)
{
    html_open(h, "form");
    html_attr_text(h, "method", posts ? "post" : "get");
    html_attr(h, "action", to);
    if (class != NULL)
        html_attr_text(h, "class", class);
}

void field_hidden(struct html *h, const char *name, struct bytes value)
{
    html_open(h, "input");
    html_attr_text(h, "type", "hidden");
    html_attr_text(h, "name", name);
    html_attr(h, "value", value);
    html_close(h);
}

static void put_label(struct html *h, const char *id, struct bytes label)
{
    html_open(h, "label");
    html_attr_text(h, "for", id);
    html_put(h, label);
    html_close(h);
}

void field_input(struct html *h, const struct field *f)
{
    char id[64];
    (void)snprintf(id, sizeof id, "%s-%s", f->form, f->name);
    html_open(h, "div");
    put_label(h, id, f->label);
    html_open(h, "input");
    html_attr_text(h, "type", f->type);
    html_attr_text(h, "id", id);
    html_attr_text(h, "name", f->name);
    if (f->required)
        html_attr_text(h, "required", "required");
    if (f->most > 0)
        html_attr_number(h, "maxlength", f->most);
    if (f->value.n > 0)
        html_attr(h, "value", f->value);
    html_close(h);
    html_close(h);
}

size_t field_choice(struct html *h, const char *form, const char *name, struct bytes label)
{
    const size_t depth = h->depth;
    char id[64];
    (void)snprintf(id, sizeof id, "%s-%s", form, name);
    html_open(h, "div");
    put_label(h, id, label);
    html_open(h, "select");
    html_attr_text(h, "id", id);
    html_attr_text(h, "name", name);
    return depth;
}

void field_option(struct html *h, struct bytes value, struct bytes text, bool chosen)
{
    html_open(h, "option");
    html_attr(h, "value", value);
    if (chosen)
        html_attr_text(h, "selected", "selected");
    html_put(h, text);
    html_close(h);
}

void field_button(struct html *h, const char *name, const char *value, struct bytes text)
{
    html_open(h, "button");
    html_attr_text(h, "type", "submit");
    if (name != NULL) {
        html_attr_text(h, "name", name);
        html_attr_text(h, "value", value);
    }
    html_put(h, text);
    html_close(h);
}

void field_form_end(struct html *h, enum text name)
{
    html_open(h, "div");
    html_attr_text(h, "class", "actions");
    field_button(h, NULL, NULL, bytes_of_text(text_of(name, h->korean)));
    html_close(h);
    html_close(h);
}
