/* Fields of forms: each with its label, and what it is about. */
#ifndef FEDGATE_CONSOLE_FIELDS_H
#define FEDGATE_CONSOLE_FIELDS_H

#include "console/html.h"

/* A form that sends to a path of ours; closed by html_close. */
void field_form(struct html *h, bool posts, struct bytes to, const char *class);

void field_hidden(struct html *h, const char *name, struct bytes value);

/* An input of this type ("text", "datetime-local", "number", "file") under its label. Ids are those
 * of the form (a word) and the name. */
struct field {
    const char *form, *name, *type;
    struct bytes label, value;
    bool required;
    unsigned most; /* characters; 0: no limit */
};
void field_input(struct html *h, const struct field *f);

/* A choice under its label: options follow (field_option), and html_close_to to the depth that it
 * returns. */
size_t field_choice(struct html *h, const char *form, const char *name, struct bytes label);
void field_option(struct html *h, struct bytes value, struct bytes text, bool chosen);

/* A button; `name` NULL: it says nothing. */
void field_button(struct html *h, const char *name, const char *value, struct bytes text);

/* The one button of a form, and the form's end. */
void field_form_end(struct html *h, enum text name);

#endif
