/* What both versions of the EDXL Distribution Element share: who sends it to whom, whether it is
 * real, and the message inside. What stands outside too has to say the same as the content. */
#ifndef FEDGATE_FORMATS_EDXL_H
#define FEDGATE_FORMATS_EDXL_H

#include "formats/rows.h"

#define EDXL_XLINK "http://www.w3.org/1999/xlink"

/* Where a version has its content. */
struct edxl_content {
    const char *place;       /* of the contentObject */
    const char *xml, *other; /* names of the two things that it can hold */
    const char *open;        /* the confidentiality of what everybody may have */
};

extern const struct converter edxl_id, edxl_sender, edxl_sent, edxl_status, edxl_type,
    edxl_narrower, edxl_addresses;

/* Makes the message of the content, and comes before all else. `object` may be NULL. */
bool edxl_read(struct reading *r, const struct edxl_content *names, const struct xml_node *root,
               const struct xml_node *object);

/* Tells what of the content was not read; false after reading_wrong: it narrows. */
bool edxl_take_content(struct reading *r, const struct edxl_content *names, const struct item *in);

/* At the end: addresses, where there are some in this element (NULL: there is none), that leave out
 * a recipient of the content narrow who may have it. */
bool edxl_finish(struct reading *r, const struct xml_node *holder, const char *place);

/* Opens the contentObject for what the version has in it; then writes the message into it and
 * closes it. */
void edxl_open_content(struct writing *w, const struct format_row *row);
void edxl_put_content(struct writing *w, const struct edxl_content *names);

#define EDXL_HOW_CONTENT                                                                           \
    {                                                                                              \
        "the whole message as JSON in base64; or a notice of CAP 1.2 is read",                     \
            "메시지 전체를 base64 JSON으로. CAP 1.2 통보도 읽음"                      \
    }

#endif
