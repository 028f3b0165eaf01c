/* Pages of tools: escaped text, and the style that they share. For policy/ and the tools of cli/.
 */
#ifndef FEDGATE_POLICY_PAGE_H
#define FEDGATE_POLICY_PAGE_H

#include "policy/tools.h"

/* Appends text with the characters of HTML, and of XML, escaped. */
void page_text(struct buf *out, const char *text);

/* Appends "<tag class="class">text</tag>", the text escaped; `class` may be NULL. */
void page_element(struct buf *out, const char *tag, const char *class, const char *text);

#endif
