#include "report/page.h"

#include <inttypes.h>

static const char style[] =
    ":root{--ink:#1b1f24;--faint:#5b6470;--rule:#c9ced6;--accent:#1f3a5f}\n"
    "*{box-sizing:border-box}\n"
    "html{font:9pt/1.45 \"Noto Sans CJK KR\",\"Noto Sans KR\",\"Malgun Gothic\",\"Liberation "
    "Sans\",sans-serif;color:var(--ink);background:#eceef1}\n"
    ":lang(ko){word-break:keep-all}\n"
    "body{margin:0}\n"
    "main{width:297mm;margin:8mm auto;padding:14mm;background:#fff}\n"
    "header{border-bottom:1.5pt solid var(--accent);margin-bottom:6mm;padding-bottom:3mm}\n"
    "h1{font-size:16pt;color:var(--accent);margin:0 0 1mm}\n"
    "h2{font-size:11pt;color:var(--accent);margin:6mm 0 2mm;break-after:avoid}\n"
    "header p,.note{color:var(--faint);font-size:8pt;margin:1mm 0 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:7.5pt;line-height:1.35}\n"
    "thead{display:table-header-group}\n"
    "th,td{border:.5pt solid var(--rule);padding:1mm 1.5mm;text-align:left;vertical-align:top;"
    "overflow-wrap:break-word}\n" /* whole times and numbers, in many columns too */
    "thead th{background:#f3f5f8;font-weight:600}\n"
    "tbody th{font-weight:400;font-variant-numeric:tabular-nums}\n"
    "tr{break-inside:avoid}\n"
    "pre{font-size:6.5pt;white-space:pre-wrap;overflow-wrap:anywhere;margin:1mm 0}\n"
    "figure{margin:2mm 0 4mm;break-inside:avoid}\n"
    "figcaption{font-size:8pt;color:var(--faint)}\n"
    "svg text{font:9px sans-serif;fill:#1b1f24}\n"
    "@media print{html{background:#fff}main{width:auto;margin:0;padding:0}}\n"
    "@page{size:A4 landscape;margin:12mm;@bottom-right{content:counter(page) \" / \" "
    "counter(pages);font:8pt sans-serif;color:#5b6470}}\n";

void page_escape(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '&': buf_text(out, "&amp;"); break;
        case '<': buf_text(out, "&lt;"); break;
        case '>': buf_text(out, "&gt;"); break;
        case '"': buf_text(out, "&quot;"); break;
        case '\'': buf_text(out, "&#39;"); break;
        default: buf_u8(out, text.p[i]);
        }
    }
}

static void element(struct buf *out, const char *tag, const char *text)
{
    buf_printf(out, "<%s>", tag);
    page_escape(out, bytes_of_text(text));
    buf_printf(out, "</%s>\n", tag);
}

void page_begin(struct buf *out, const char *title, const char *subtitle, bool korean)
{
    buf_printf(out, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
               korean ? "ko" : "en");
    buf_text(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n");
    element(out, "title", title);
    buf_printf(out, "<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
    element(out, "h1", title);
    element(out, "p", subtitle);
    buf_text(out, "</header>\n");
}

void page_end(struct buf *out)
{
    buf_text(out, "</main>\n</body>\n</html>\n");
}

/* ---- bars */

enum { NAMES = 340, BARS = 340, ROW = 18, VALUES = 80 };

void chart_bars(struct buf *out, const char *title, const struct chart_bar *bar, size_t bars)
{
    uint64_t most = 0;
    for (size_t i = 0; i < bars; i++)
        most = bar[i].value > most ? bar[i].value : most;
    if (most == 0)
        return;
    buf_printf(out,
               "<figure>\n<svg role=\"img\" xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
               "height=\"%zu\" viewBox=\"0 0 %d %zu\">\n",
               NAMES + BARS + VALUES, bars * ROW + 4, NAMES + BARS + VALUES, bars * ROW + 4);
    element(out, "title", title);
    for (size_t i = 0; i < bars; i++) {
        /* In steps of a tenth, without floating point: the same page for the same log. */
        uint64_t tenths =
            bar[i].value > UINT64_MAX / (10 * BARS) ? 10 * BARS : bar[i].value * 10 * BARS / most;
        buf_printf(out, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">", NAMES - 6, i * ROW + 14);
        page_escape(out, bar[i].name);
        buf_printf(out,
                   "</text><rect x=\"%d\" y=\"%zu\" width=\"%" PRIu64 ".%" PRIu64
                   "\" height=\"%d\" fill=\"#1f3a5f\"/>"
                   "<text x=\"%" PRIu64 "\" y=\"%zu\">%" PRIu64 "</text>\n",
                   NAMES, i * ROW + 3, tenths / 10, tenths % 10, ROW - 5, NAMES + tenths / 10 + 5,
                   i * ROW + 14, bar[i].value);
    }
    buf_text(out, "</svg>\n<figcaption>");
    page_escape(out, bytes_of_text(title));
    buf_text(out, "</figcaption>\n</figure>\n");
}
