#include "report/due.h"

static const struct report_column columns[] = {
    {"scope", {"key scope", "키 번호"}},
    {"due", {"destroyed at (+09:00)", "파기 예정 (+09:00)"}},
    {"why", {"why", "사유"}},
    {"starts", {"its time begins with", "기산점"}},
    {"latest", {"at the latest (+09:00)", "최종 기한 (+09:00)"}},
    {"waiting", {"deliveries that wait", "대기 중인 전달"}},
    {"mou", {"memorandum", "협약"}},
    {"incident", {"incident", "사건"}}};

struct report_table *due_new(bool korean)
{
    static const char *const title[2] = {"To be destroyed", "파기 예정"};
    struct report_table *t = table_new("due", title, columns, ARRAY_LEN(columns), korean);
    table_note(t, korean ? "키가 지워질 시각임. 사건이 끝나거나 남은 전달이 없으면 더 일찍 지워짐"
                         : "When keys will be erased; earlier when an incident ends before, or "
                           "no delivery is left");
    return t;
}

static void put_word(struct report_table *t, const struct names *n, struct bytes word)
{
    struct buf cell = BUF_INIT(4096);
    names_put_word(n, word, &cell);
    table_take(t, &cell);
    buf_free(&cell);
}

void due_add(struct report_table *t, const struct names *n, const struct control_item *i)
{
    static const char before[] = "scope ";
    struct bytes number = i->subject;
    if (bytes_begins(number, before))
        number = bytes_of(number.p + strlen(before), number.n - strlen(before));
    table_put(t, number);
    table_time(t, i->due_us);
    put_word(t, n, i->failed);
    put_word(t, n, i->reason);
    table_time(t, i->since_us);
    table_put(t, i->unit);
    table_put(t, i->clause);
    table_put(t, i->envelope.incidents > 0 ? i->envelope.incident[0] : bytes_of(NULL, 0));
}
