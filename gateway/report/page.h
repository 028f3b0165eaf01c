/* A page for A4, landscape: self-contained HTML without scripts, for looking at and for paper. */
#ifndef FEDGATE_REPORT_PAGE_H
#define FEDGATE_REPORT_PAGE_H

#include "base/buf.h"

/* Between these two stand sections (table_html, chart_bars). Everything is escaped here. */
void page_begin(struct buf *out, const char *title, const char *subtitle, bool korean);
void page_end(struct buf *out);

/* Text as it may stand between tags and in attributes. */
void page_escape(struct buf *out, struct bytes text);

/* One bar of a chart. */
struct chart_bar {
    struct bytes name;
    uint64_t value;
};

/* Lying bars in SVG, with their values: a picture for people, whose numbers stand in the table
 * beside it. Nothing when all are zero. Forty lines of our own, for a plotting program would be one
 * more to trust and to install, and its pictures change with its version. */
void chart_bars(struct buf *out, const char *title, const struct chart_bar *bar, size_t bars);

#endif
