/* fedgatectl status, health: how a running gateway stands. */
#include "cli/commands.h"
#include "cli/live.h"
#include "ipc/channel.h"
#include "json/json.h"

static const struct live_column of_edge[] = {
    {"serves", {"in service", "서비스 중"}, LIVE_FLAG},
    {"draining", {"being drained", "종료 준비 중"}, LIVE_FLAG},
    {"since", {"edge since", "엣지 시작"}, LIVE_TIME},
    {"sessions", {"sessions", "접속"}, LIVE_NUMBER},
    {"queues", {"queues being read", "수신 중인 큐"}, LIVE_NUMBER},
    {"streams", {"streams", "영상 송출"}, LIVE_NUMBER},
    {"watching", {"watching", "영상 열람"}, LIVE_NUMBER},
    {"underWay", {"messages under way", "처리 중인 메시지"}, LIVE_BYTES},
    {"refusedAddresses",
     {"handshakes refused to addresses", "주소별 한도로 거부한 접속"},
     LIVE_NUMBER},
    {"refusedUnits", {"handshakes refused to units", "단위별 한도로 거부한 접속"}, LIVE_NUMBER}};

static const struct live_column of_ledger[] = {
    {"set", {"policy set", "정책"}, LIVE_TEXT},
    {"serial", {"serial", "일련번호"}, LIVE_NUMBER},
    {"entries", {"entries in the log", "기록 수"}, LIVE_NUMBER},
    {"published", {"of them published", "공표된 기록"}, LIVE_NUMBER},
    {"signed", {"checkpoint signed", "체크포인트 서명"}, LIVE_TIME},
    {"incidents", {"open incidents", "진행 중인 사건"}, LIVE_NUMBER},
    {"waiting", {"deliveries waiting", "대기 중인 제공"}, LIVE_NUMBER},
    {"unacknowledged", {"deliveries unacknowledged", "수신 확인 전 제공"}, LIVE_NUMBER},
    {"deliverable", {"of both for who is connected", "접속한 단위에 전달할 것"}, LIVE_NUMBER},
    {"cases", {"waiting for officers", "담당관 처리 대기"}, LIVE_NUMBER},
    {"suspensions", {"suspensions", "정지"}, LIVE_NUMBER},
    {"scopes", {"key scopes", "키 범위"}, LIVE_NUMBER},
    {"secondDevice", {"journal on its second device", "두 번째 장치에 기록 중"}, LIVE_FLAG},
    {"logIsFull", {"log folder full", "기록 폴더 가득 참"}, LIVE_FLAG},
    {"clockIsHeld", {"clock not trusted", "시각 불신"}, LIVE_FLAG}};

static const struct live_column of_lanes[] = {
    {"lane", {"lane", "전달 등급"}, LIVE_TEXT},
    {"waiting", {"waiting", "대기"}, LIVE_NUMBER},
    {"unacknowledged", {"unacknowledged", "수신 확인 전"}, LIVE_NUMBER},
    {"oldest", {"oldest waiting since", "가장 오래된 대기 시작"}, LIVE_TIME}};

static const struct live_column of_roles[] = {{"role", {"role", "역할"}, LIVE_TEXT},
                                              {"pid", {"process", "프로세스"}, LIVE_NUMBER},
                                              {"since", {"since", "시작"}, LIVE_TIME},
                                              {"restarts", {"restarts", "재시작"}, LIVE_NUMBER},
                                              {"ended", {"ended last", "최근 종료"}, LIVE_TIME},
                                              {"reason", {"why", "종료 사유"}, LIVE_TEXT},
                                              {"shutIn", {"shut in", "격리"}, LIVE_TEXT}};

enum { FRAME_EDGE, FRAME_LEDGER, FRAME_ROLES, FRAMES };

/* All of it; `edge` is not there when it is away. */
struct stand {
    bool has_edge, serves;
    struct live_value edge[ARRAY_LEN(of_edge)], ledger[ARRAY_LEN(of_ledger)];
    struct live_value lane[ROAD_LANES][ARRAY_LEN(of_lanes)];
    struct live_value role[ROLE_ID_COUNT][ARRAY_LEN(of_roles)];
    size_t roles;
    struct buf frame[FRAMES]; /* that the values point into */
};

static void fill_edge(struct stand *s, const struct live_edge *e)
{
    const struct live_value value[ARRAY_LEN(of_edge)] = {{.number = e->serves},
                                                         {.number = e->draining},
                                                         {.number = e->since_us},
                                                         {.number = e->sessions},
                                                         {.number = e->subscribers},
                                                         {.number = e->streams},
                                                         {.number = e->watchers},
                                                         {.number = (int64_t)e->under_way},
                                                         {.number = (int64_t)e->refused_addresses},
                                                         {.number = (int64_t)e->refused_units}};
    s->has_edge = true;
    s->serves = e->serves;
    memcpy(s->edge, value, sizeof value);
}

static void fill_ledger(struct stand *s, const struct live_ledger *l)
{
    const struct live_value value[ARRAY_LEN(of_ledger)] = {{.text = l->set},
                                                           {.number = (int64_t)l->serial},
                                                           {.number = (int64_t)l->entries},
                                                           {.number = (int64_t)l->published},
                                                           {.number = l->signed_us},
                                                           {.number = (int64_t)l->incidents},
                                                           {.number = (int64_t)l->waiting},
                                                           {.number = (int64_t)l->unacknowledged},
                                                           {.number = (int64_t)l->deliverable},
                                                           {.number = (int64_t)l->cases},
                                                           {.number = (int64_t)l->suspensions},
                                                           {.number = (int64_t)l->scopes},
                                                           {.number = l->second_device},
                                                           {.number = l->log_is_full},
                                                           {.number = l->clock_is_held}};
    memcpy(s->ledger, value, sizeof value);
    for (unsigned i = 0; i < ROAD_LANES; i++) {
        const struct live_lane *lane = &l->lane[i];
        const struct live_value is[ARRAY_LEN(of_lanes)] = {
            {.text = bytes_of_text(road_lane_word(i))},
            {.number = (int64_t)lane->waiting},
            {.number = (int64_t)lane->unacknowledged},
            {.number = lane->oldest_us}};
        memcpy(s->lane[i], is, sizeof is);
    }
}

static void fill_role(struct live_value value[ARRAY_LEN(of_roles)], const struct live_role *r)
{
    const struct live_value is[ARRAY_LEN(of_roles)] = {
        {.text = bytes_of_text(ipc_role_name((enum ipc_role)r->role))},
        {.number = r->pid},
        {.number = r->since_us},
        {.number = r->ends},
        {.number = r->ended_us},
        {.text = r->end},
        {.text = r->attained}};
    memcpy(value, is, sizeof is);
}

static int ask_roles(const struct control_print *p, struct stand *s)
{
    struct control_answer a;
    struct cursor items;
    int code = live_ask_page(p, CONTROL_ROLES, "", &s->frame[FRAME_ROLES], &a, &items);
    for (; code == CLI_OK && s->roles < a.items; s->roles++) {
        struct live_role r;
        if (s->roles == ROLE_ID_COUNT || live_role_take(&items, &r) != RESULT_OK)
            return live_wrong(p);
        fill_role(s->role[s->roles], &r);
    }
    return code;
}

static int ask_edge(const struct control_print *p, struct stand *s)
{
    const struct control_request edge = {.ask = CONTROL_LIST, .list = CONTROL_EDGE};
    struct control_answer a;
    struct cursor items;
    struct live_edge e;
    if (!control_ask(p->socket, &edge, &s->frame[FRAME_EDGE], &a, &items))
        return CLI_FAILED;
    if (a.code == CONTROL_CODE_NO_EDGE)
        return CLI_OK; /* it went meanwhile */
    if (a.code != CONTROL_CODE_DONE || a.items != 1 || live_edge_take(&items, &e) != RESULT_OK)
        return live_wrong(p);
    fill_edge(s, &e);
    return CLI_OK;
}

/* `whole`: the roles too. */
static int ask(const struct control_print *p, bool whole, struct stand *s)
{
    struct control_answer a;
    struct cursor items;
    struct live_ledger l;
    *s = (struct stand){0};
    int code = live_ask_page(p, CONTROL_LEDGER, "", &s->frame[FRAME_LEDGER], &a, &items);
    if (code != CLI_OK)
        return code;
    if (a.items != 1 || live_ledger_take(&items, &l) != RESULT_OK)
        return live_wrong(p);
    fill_ledger(s, &l);
    if (whole)
        code = ask_roles(p, s);
    return code == CLI_OK && l.edge_is_there ? ask_edge(p, s) : code;
}

static void put_roles(const struct stand *s, struct buf *out)
{
    json_put_key(out, "roles");
    for (size_t i = 0; i < s->roles; i++) {
        buf_text(out, i == 0 ? "[" : ",");
        live_put_json(out, of_roles, s->role[i], ARRAY_LEN(of_roles));
    }
    buf_text(out, "]");
}

static void put_lanes(const struct stand *s, struct buf *out)
{
    json_put_key(out, "lanes");
    for (size_t i = 0; i < ROAD_LANES; i++) {
        buf_text(out, i == 0 ? "[" : ",");
        live_put_json(out, of_lanes, s->lane[i], ARRAY_LEN(of_lanes));
    }
    buf_text(out, "]");
}

static void print_json(const struct stand *s)
{
    struct buf out = BUF_INIT(1 << 16);
    buf_text(&out, "{");
    if (s->has_edge) {
        json_put_key(&out, "edge");
        live_put_json(&out, of_edge, s->edge, ARRAY_LEN(of_edge));
    }
    put_lanes(s, &out);
    json_put_key(&out, "ledger");
    live_put_json(&out, of_ledger, s->ledger, ARRAY_LEN(of_ledger));
    if (s->roles > 0) /* health does not ask for them */
        put_roles(s, &out);
    json_put_member_bool(&out, "serves", s->serves);
    buf_text(&out, "}");
    (void)puts(buf_c(&out));
    buf_free(&out);
}

static void print_table(const struct stand *s, bool korean)
{
    struct cli_table *t = cli_table_new(2);
    if (s->has_edge)
        live_lines(t, of_edge, s->edge, ARRAY_LEN(of_edge), korean);
    else
        live_lines(t, of_edge, s->edge, 1, korean); /* not in service; more is not known */
    live_lines(t, of_ledger, s->ledger, ARRAY_LEN(of_ledger), korean);
    cli_table_print(t, stdout);
    cli_table_free(t);
}

/* A table of its own, with headings, to be filled and ended. */
static struct cli_table *begin_table(const struct live_column *column, size_t columns, bool korean)
{
    struct cli_table *t = cli_table_new(columns);
    for (size_t i = 0; i < columns; i++) {
        cli_table_cell(t, column[i].heading[korean]);
        cli_table_paint(t, CLI_FAINT);
    }
    return t;
}

static void end_table(struct cli_table *t)
{
    (void)putchar('\n');
    cli_table_print(t, stdout);
    cli_table_free(t);
}

static void print_lanes(const struct stand *s, bool korean)
{
    struct cli_table *t = begin_table(of_lanes, ARRAY_LEN(of_lanes), korean);
    for (size_t i = 0; i < ROAD_LANES; i++)
        live_row(t, of_lanes, s->lane[i], ARRAY_LEN(of_lanes), korean);
    end_table(t);
}

static void print_roles(const struct stand *s, bool korean)
{
    struct cli_table *t = begin_table(of_roles, ARRAY_LEN(of_roles), korean);
    for (size_t i = 0; i < s->roles; i++)
        live_row(t, of_roles, s->role[i], ARRAY_LEN(of_roles), korean);
    end_table(t);
}

/* One word, for who reads no table. */
static void print_word(const struct stand *s, bool korean)
{
    static const char *const word[][2] = {{"not in service", "서비스 중이 아님"},
                                          {"in service", "서비스 중"}};
    (void)puts(word[s->serves][korean]);
}

static void print(const struct stand *s, const struct control_print *p, bool whole)
{
    if (p->json) {
        print_json(s);
    } else if (whole) {
        print_table(s, p->korean);
        print_lanes(s, p->korean);
        print_roles(s, p->korean);
    } else {
        print_word(s, p->korean);
    }
}

static int run(int argc, char **argv, bool whole)
{
    struct control_print p = {0};
    struct stand s;
    const char *language = NULL;
    const struct cli_option options[] = {{"socket", &p.socket, NULL},
                                         {"lang", &language, NULL},
                                         {"json", NULL, &p.json},
                                         {NULL, NULL, NULL}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(language, &p.korean))
        return CLI_USAGE;
    if (rest != 0 || p.socket == NULL) {
        cli_error("%s needs --socket FILE, and no subject", argv[0]);
        return CLI_USAGE;
    }
    int code = ask(&p, whole, &s);
    if (code == CLI_OK)
        print(&s, &p, whole);
    if (code == CLI_OK && !s.serves)
        code = CLI_NO;
    for (size_t i = 0; i < FRAMES; i++)
        buf_free(&s.frame[i]);
    return code;
}

const char live_help[] =
    "  --socket FILE   the gateway's control socket (control_socket of its configuration)\n"
    "  --json          one object\n"
    "  --lang en|ko    of headings and messages\n"
    "\n"
    "Times are Korean. Exit 0: it takes messages, 1: it answers, but takes none, 3: nobody "
    "answers.\n";

int status_run(int argc, char **argv)
{
    return run(argc, argv, true);
}

int health_run(int argc, char **argv)
{
    return run(argc, argv, false);
}
