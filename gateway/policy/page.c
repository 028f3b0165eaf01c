#include "policy/page.h"

static const char style[] =
    ":root{--ink:#1b1f24;--faint:#6b7280;--rule:#c9ced6;--accent:#1f3a5f}\n"
    "*{box-sizing:border-box}\n"
    "html{font:10.5pt/1.62 \"Noto Serif CJK KR\",\"Noto Serif KR\",\"Nanum Myeongjo\",Batang,"
    "\"Times New Roman\",serif;color:var(--ink);background:#eceef1}\n"
    ":lang(en){font-family:Charter,\"Bitstream Charter\",\"Source Serif 4\",\"Liberation Serif\","
    "\"Times New Roman\",serif;line-height:1.5}\n"
    ":lang(ko){word-break:keep-all;overflow-wrap:break-word}\n"
    "body{margin:0}\n"
    "article.paper{width:210mm;margin:8mm auto;padding:22mm 24mm 20mm 14mm;background:#fff;"
    "box-shadow:0 1px 6px rgba(0,0,0,.18)}\n"
    "header{border-bottom:1.5pt solid var(--accent);margin:0 0 7mm 15mm;padding-bottom:4mm}\n"
    "h1{font-size:20pt;line-height:1.25;font-weight:600;color:var(--accent);margin:0 0 2mm}\n"
    "header p{margin:0;color:var(--faint);font-size:9pt}\n"
    ".row{display:grid;grid-template-columns:11mm auto 1fr;column-gap:2mm;margin:0 0 1.4mm}\n"
    ".line{font:7.5pt/1.9 \"Liberation Mono\",\"DejaVu Sans Mono\",Consolas,monospace;"
    "color:var(--faint);text-align:right;padding-right:2mm}\n"
    ".mark{min-width:7mm;white-space:nowrap}\n"
    ".text{margin:0;overflow-wrap:anywhere}\n"
    "h2.row{font-size:12.5pt;font-weight:600;color:var(--accent);margin:8mm 0 3mm;"
    "letter-spacing:.02em;break-after:avoid}\n"
    "h2 .line,h3 .line{line-height:inherit}\n"
    "h3.row{font-size:10.5pt;font-weight:700;margin:5mm 0 2mm;break-after:avoid}\n"
    "h2 .mark,h3 .mark{padding-right:1mm}\n"
    ".name{font:8.5pt \"Liberation Mono\",\"DejaVu Sans Mono\",Consolas,monospace;"
    "color:var(--faint);font-weight:400;margin-left:2mm}\n"
    ".point .mark{margin-left:7mm}.subpoint .mark{margin-left:14mm}\n"
    ".quote .text{margin-left:-2mm;color:#3c434d;font-size:9pt;border-left:1.5pt solid "
    "var(--rule);padding-left:2.5mm}\n"
    ".row{break-inside:avoid}\n"
    ".close{margin:7mm 0 0 13mm;font-style:italic}:lang(ko) .close{font-style:normal}\n"
    ".sign{margin:8mm 0 0 13mm;break-inside:avoid}\n"
    ".sign h2{font-size:12.5pt;font-weight:600;color:var(--accent);margin:0 0 2mm}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th{text-align:left;font-weight:600;font-size:8.5pt;color:var(--faint);border-bottom:1pt "
    "solid var(--ink);padding:1mm 2mm 1mm 0;vertical-align:bottom}\n"
    "td{border-bottom:.5pt solid var(--rule);padding:1.2mm 2mm 1.2mm 0;vertical-align:top}\n"
    ".sign table{table-layout:fixed}.sign td{height:15mm;vertical-align:bottom}.sign "
    "td:first-child{width:38%}\n"
    "code{font:8pt \"Liberation Mono\",\"DejaVu Sans Mono\",Consolas,monospace}\n"
    ".digest{font-size:8.5pt;color:var(--faint);margin:3mm 0 0;overflow-wrap:anywhere}\n"
    ".matrix{font-size:8.5pt;line-height:1.35}.matrix tr{break-inside:avoid}\n"
    ".matrix thead{display:table-header-group}.matrix code{font-size:7.5pt}\n"
    "article.wide{width:297mm;padding:16mm 14mm}article.wide header{margin-left:0}\n"
    "@media print{html{background:#fff}article.paper{width:auto;margin:0;padding:0;"
    "box-shadow:none}article.paper+article.paper{break-before:page}}\n"
    "@page{size:A4;margin:20mm 20mm 20mm 12mm}\n"
    "@page wide{size:A4 landscape;margin:14mm;@bottom-right{content:counter(page) \" / \" "
    "counter(pages);font:8pt sans-serif;color:#6b7280}}\n"
    "article.wide{page:wide}\n";

void page_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&': buf_text(out, "&amp;"); break;
        case '<': buf_text(out, "&lt;"); break;
        case '>': buf_text(out, "&gt;"); break;
        case '"': buf_text(out, "&quot;"); break;
        case '\'': buf_text(out, "&#39;"); break;
        default: buf_u8(out, (uint8_t)*text);
        }
    }
}

void page_element(struct buf *out, const char *tag, const char *class, const char *text)
{
    buf_printf(out, "<%s", tag);
    if (class != NULL)
        buf_printf(out, " class=\"%s\"", class);
    buf_text(out, ">");
    page_text(out, text);
    buf_printf(out, "</%s>", tag);
}

void policy_page_begin(struct buf *out, const char *title, bool korean)
{
    buf_printf(out, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
               korean ? "ko" : "en");
    buf_text(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n");
    page_element(out, "title", NULL, title);
    buf_printf(out, "\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void policy_page_end(struct buf *out)
{
    buf_text(out, "</body>\n</html>\n");
}
