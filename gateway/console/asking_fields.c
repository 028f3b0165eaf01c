/* What a form has in which such an answer is asked for. */
#include "console/asking.h"
#include "console/fields.h"

void asking_buttons(struct web_call *w, struct html *h)
{
    static const char *const words[] = {"html", "csv", "json"};
    static const enum text names[] = {TEXT_SHOW, TEXT_FORM_CSV, TEXT_FORM_JSON};
    html_open(h, "div");
    html_attr_text(h, "class", "actions");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        field_button(h, "form", words[i], bytes_of_text(text_of(names[i], w->korean)));
    html_close(h);
}

void asking_fields(struct web_call *w, struct html *h, const char *form, const char *label)
{
    const bool ko = w->korean;
    const struct field argument = {.form = form,
                                   .name = "argument",
                                   .type = "text",
                                   .label = bytes_of_text(label),
                                   .required = true,
                                   .most = INQUIRY_ARGUMENT_MAX},
                       from = {.form = form,
                               .name = "from",
                               .type = "datetime-local",
                               .label = bytes_of_text(text_of(TEXT_FROM, ko))},
                       until = {.form = form,
                                .name = "until",
                                .type = "datetime-local",
                                .label = bytes_of_text(text_of(TEXT_UNTIL, ko))};
    if (label != NULL)
        field_input(h, &argument);
    field_input(h, &from);
    field_input(h, &until);
    asking_buttons(w, h);
}
