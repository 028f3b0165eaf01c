/* The certificate's page. */
#include "report/certificate.h"

#include "crypto/digest.h"
#include "report/page.h"

#include <inttypes.h>
#include <stdio.h>

enum { SENTENCE = 1024 };

static void paragraph(struct buf *out, const char *tag, struct bytes text)
{
    buf_printf(out, "<%s>", tag);
    page_escape(out, text);
    buf_printf(out, "</%s>\n", tag);
}

static void put_heading(const struct certificate *x, bool ko, struct buf *out)
{
    struct bytes body;
    struct checkpoint c = {0};
    char made[TIME_TEXT], below[SENTENCE];
    if (note_body(x->note, &body) != RESULT_OK || checkpoint_read(body, &c) != RESULT_OK)
        c.origin = bytes_of(NULL, 0);
    table_time_text(x->made_us, made);
    (void)snprintf(below, sizeof below,
                   ko ? "%.*s, 기록 %" PRIu64 "; 작성 %s; 시각: Asia/Seoul (+09:00)"
                      : "%.*s, record %" PRIu64 "; made %s; times of Asia/Seoul (+09:00)",
                   (int)c.origin.n, (const char *)c.origin.p, x->chain->record, made);
    page_begin(out, ko ? "파기 증명서" : "Certificate of destruction", below, ko);
}

/* What it shows, and what it cannot. */
static const char *const limits[2][4] = {
    {"This page shows what the gateway's signed log says. The destruction at the gateway is the "
     "gateway's own deed, on record; what a recipient did is that recipient's statement alone.",
     "It lists the entries that belong to the record. That none was left out can be checked by "
     "whoever holds the log: fedgatectl destruction show.",
     "The log itself holds no content of the message. What law wants kept of a provision stands "
     "sealed in the register, as long as the register is kept.",
     "To check the file, offline: fedgatectl destruction verify FILE --key VKEY. Any program that "
     "knows C2SP tlog-checkpoint and RFC 6962 can do the same."},
    {"이 문서는 게이트웨이의 서명된 기록에 있는 내용을 보인다. 게이트웨이에서의 파기는 기록된 "
     "게이트웨이 자신의 "
     "처리이고, 수신자의 파기는 그 수신자의 진술일 뿐이다.",
     "해당 기록에 속하는 항목을 열거한다. 빠진 항목이 없는지는 전체 기록을 가진 사람이 확인할 수 "
     "있다: "
     "fedgatectl destruction show.",
     "감사 기록에는 메시지 내용이 없다. 법령상 보관할 제공 사항은 대장 보관기간 동안 봉인되어 "
     "보관된다.",
     "파일 확인(오프라인): fedgatectl destruction verify FILE --key VKEY. C2SP tlog-checkpoint와 "
     "RFC "
     "6962를 구현한 다른 프로그램으로도 확인할 수 있다."}};

static void put_limits(bool ko, struct buf *out)
{
    paragraph(out, "h2", bytes_of_text(ko ? "이 증명서의 범위" : "What this shows"));
    buf_text(out, "<ul>\n");
    for (size_t i = 0; i < ARRAY_LEN(limits[0]); i++)
        paragraph(out, "li", bytes_of_text(limits[ko][i]));
    buf_text(out, "</ul>\n");
}

static void put_digest(bool ko, struct bytes file, struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    struct hasher *h = hasher_new();
    hasher_sha256(h, &file, 1, digest);
    hasher_free(h);
    bytes_to_hex(bytes_of(digest, sizeof digest), hex);
    buf_printf(out, "<p>%s <code>%s</code></p>\n",
               ko ? "증명 파일의 SHA-256:" : "SHA-256 of the file with the proofs:", hex);
}

static void put_entries(const struct certificate *x, bool ko, struct buf *out)
{
    paragraph(out, "h2", bytes_of_text(ko ? "서명된 체크포인트" : "The signed checkpoint"));
    paragraph(out, "pre", x->note);
    paragraph(out, "h2", bytes_of_text(ko ? "기록 원문" : "The entries, as they stand in the log"));
    for (const struct chain_link *l = x->chain->link; l != NULL; l = l->next)
        paragraph(out, "pre", l->entry);
}

void certificate_html(const struct certificate *x, const struct report *r, struct bytes file,
                      struct buf *out)
{
    bool ko = r->names->korean;
    struct report_table *table[CHAIN_TABLES];
    struct buf text = BUF_INIT(SENTENCE);
    chain_tables(r, x->chain, table);
    put_heading(x, ko, out);
    chain_say(x->chain, ko, &text);
    buf_text(out, "<p><strong>");
    page_escape(out, buf_view(&text));
    buf_text(out, "</strong></p>\n");
    /* what was destroyed and with whom it was come first, the whole chain below */
    table_html(table[1], out);
    table_html(table[2], out);
    table_html(table[0], out);
    put_limits(ko, out);
    put_digest(ko, file, out);
    put_entries(x, ko, out);
    page_end(out);
    for (size_t i = 0; i < CHAIN_TABLES; i++)
        table_free(table[i]);
    buf_free(&text);
}
