/* fedgatectl policy show: memoranda in plain sentences, for signing and for review. */
#include "cli/policy_set.h"

#include "base/nearest.h"

#include <string.h>
#include <sys/ioctl.h>

enum { PAGES_MAX = 64 << 20, WIDTH = 100, WIDTH_LEAST = 60 };

struct arguments {
    const char *folder, *language, *mou;
    bool html;
};

static bool parse(int argc, char **argv, struct arguments *a)
{
    const struct cli_option options[] = {{"html", NULL, &a->html},
                                         {"lang", &a->language, NULL},
                                         {"mou", &a->mou, NULL},
                                         {NULL, NULL, NULL}};
    *a = (struct arguments){0};
    int count = cli_options(options, argc, argv);
    if (count >= 0 && count != 1)
        cli_error("policy show takes one folder");
    a->folder = argv[1];
    return count == 1;
}

/* A page is as wide as the terminal, but not wider than is good to read. */
static size_t page_width(void)
{
    struct winsize size = {0};
    if (ioctl(fileno(stdout), TIOCGWINSZ, &size) != 0 || size.ws_col > WIDTH)
        return WIDTH;
    return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

static int show_one(const struct policy_set *s, const char *file, bool html, struct buf *out)
{
    struct buf text = BUF_INIT(0);
    unsigned unsaid = 0;
    int code = CLI_FAILED;
    buf_init(&text, PAGES_MAX);
    if (policy_set_read(s, file, &text)) {
        enum result r =
            policy_show(s->policy, file, buf_view(&text), s->korean,
                        html ? POLICY_FORM_HTML : POLICY_FORM_TEXT, page_width(), out, &unsaid);
        if (r == RESULT_UNKNOWN)
            cli_error("%s:%u: no sentence says this, so the memorandum is not shown", file, unsaid);
        else if (r != RESULT_OK)
            cli_error("%s: %s", file, result_text(r));
        code = r == RESULT_OK ? CLI_OK : CLI_FAILED;
    }
    buf_free(&text);
    return code;
}

static int no_such_memorandum(const struct policy_set *s, const char *name)
{
    const char *nearest = NULL, *other;
    for (size_t i = 0; (other = policy_memorandum_name(s->policy, i)) != NULL; i++)
        nearest_offer(bytes_of_text(name), other, &nearest);
    (void)cli_no_such("memorandum", name, nearest);
    return CLI_USAGE;
}

static int show(const struct policy_set *s, const struct arguments *a)
{
    struct buf out = BUF_INIT(PAGES_MAX);
    const char *name;
    size_t shown = 0;
    int code = CLI_OK;
    if (a->html)
        policy_page_begin(&out, a->mou == NULL ? policy_name(s->policy) : a->mou, s->korean);
    for (size_t i = 0; code == CLI_OK && (name = policy_memorandum_name(s->policy, i)) != NULL;
         i++) {
        if (a->mou != NULL && strcmp(a->mou, name) != 0)
            continue;
        if (shown++ > 0 && !a->html)
            buf_text(&out, "\n\n");
        code = show_one(s, policy_memorandum_file(s->policy, i), a->html, &out);
    }
    if (a->html)
        policy_page_end(&out);
    if (code == CLI_OK && shown == 0 && a->mou != NULL)
        code = no_such_memorandum(s, a->mou);
    if (code == CLI_OK)
        code = policy_set_print(&out);
    buf_free(&out);
    return code;
}

int policy_show_run(int argc, char **argv)
{
    struct arguments a;
    struct policy_set set;
    if (!parse(argc, argv, &a))
        return CLI_USAGE;
    int code = policy_set_open(&set, a.folder, a.language);
    if (code == CLI_OK)
        code = show(&set, &a);
    policy_set_close(&set);
    return code;
}
