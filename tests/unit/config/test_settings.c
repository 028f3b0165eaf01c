#include "config/settings.h"

#include "base/clock.h"
#include "support.h"

#include <stdio.h>

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What must be given, in the shortest form. */
#define NEEDED                                                                                     \
    "log_name: log.example/daejeon\n"                                                              \
    "data_folder: data\n"                                                                          \
    "audit_folder: audit\n"                                                                        \
    "key_folder: /keys\n"                                                                          \
    "policy_folder: policy\n"                                                                      \
    "crl_folder: crl\n"                                                                            \
    "tls_certificate: tls/gateway.pem\n"                                                           \
    "tls_key: tls/gateway.key\n"

struct bench {
    struct diagnose *d;
    struct settings s;
    struct buf said;
    bool good;
};

static void read_as(struct bench *b, const char *text, const char *file)
{
    *b = (struct bench){.d = diagnose_new(), .said = BUF_INIT(1 << 20)};
    b->good = settings_read(bytes_of_text(text), file, b->d, &b->s);
    diagnose_print(b->d, DIAGNOSE_ENGLISH, &b->said);
    assert_int_equal(b->good, diagnose_errors(b->d) == 0);
}

static void end(struct bench *b)
{
    diagnose_free(b->d);
    buf_free(&b->said);
}

static void what_is_not_given_has_the_tables_default(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED, "/etc/fedgate/gateway.yaml");
    if (!b.good)
        fail_msg("%s", buf_c(&b.said));
    assert_string_equal(b.s.listen, "127.0.0.1:8443");
    assert_string_equal(b.s.log_name, "log.example/daejeon");
    assert_int_equal(b.s.journal_segment, 64 << 20);
    assert_int_equal(b.s.checkpoint_every, US_PER_S);
    assert_int_equal(b.s.summary_every, US_PER_MINUTE);
    assert_int_equal(b.s.connections, 20000);
    assert_int_equal(b.s.handshakes_of_address, 500);
    assert_int_equal(b.s.handshakes_of_unit_per_s, 20);
    assert_int_equal(b.s.offences, 20);
    assert_int_equal(b.s.offences_within, 10 * US_PER_MINUTE);
    assert_int_equal(b.s.peer_stall, 30 * US_PER_S);
    assert_int_equal(b.s.connection_age, US_PER_DAY);
    assert_int_equal(b.s.connection_grace, 10 * US_PER_MINUTE);
    assert_int_equal(b.s.edge_workers, 0);
    assert_int_equal(b.s.watcher_queue, 8 << 20);
    assert_true(settings_valid(&b.s));
    end(&b);
}

static void relative_paths_begin_at_the_files_folder(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED, "/etc/fedgate/gateway.yaml");
    assert_string_equal(b.s.data_folder, "/etc/fedgate/data");
    assert_string_equal(b.s.control_socket, "/etc/fedgate/data/control.sock");
    assert_string_equal(b.s.tls_key, "/etc/fedgate/tls/gateway.key");
    assert_string_equal(b.s.key_folder, "/keys");
    end(&b);
    read_as(&b, NEEDED, "gateway.yaml");
    assert_string_equal(b.s.data_folder, "data");
    end(&b);
    read_as(&b, NEEDED, "/gateway.yaml");
    assert_string_equal(b.s.data_folder, "/data");
    end(&b);
}

static void paths_are_bounded_with_the_folder_in_front(void **state)
{
    (void)state;
    struct bench b;
    char text[2000], path[SETTINGS_TEXT + 1], folder[700];
    memset(path, 'p', sizeof path);
    /* 500 characters fit behind "/etc/", and not behind a folder of 100. */
    path[500] = '\0';
    (void)snprintf(text, sizeof text, "%s%s\n%s", "crl_folder: ", path,
                   "log_name: l\ndata_folder: d\naudit_folder: a\nkey_folder: k\npolicy_folder: p\n"
                   "tls_certificate: c\ntls_key: t\n");
    read_as(&b, text, "/etc/g.yaml");
    assert_true(b.good);
    assert_int_equal(strlen(b.s.crl_folder), 505);
    end(&b);
    memset(folder, 'f', sizeof folder);
    (void)snprintf(folder + 99, sizeof folder - 99, "/g.yaml");
    read_as(&b, text, folder);
    assert_false(b.good);
    assert_non_null(strstr(buf_c(&b.said), "crl_folder is longer than 411 bytes"));
    end(&b);
    /* An absolute path needs no folder; and a folder too long is said to be so. */
    path[0] = '/';
    memcpy(strstr(text, "ppp"), path, 500);
    read_as(&b, text, folder);
    if (!b.good)
        fail_msg("%s", buf_c(&b.said));
    assert_int_equal(strlen(b.s.crl_folder), 500);
    end(&b);
    memset(folder, 'f', sizeof folder);
    (void)snprintf(folder + 600, sizeof folder - 600, "/g.yaml");
    read_as(&b, text, folder);
    assert_false(b.good);
    assert_non_null(strstr(buf_c(&b.said), "its name is too long"));
    end(&b);
}

static void what_must_be_given_is_missed_by_name(void **state)
{
    (void)state;
    static const char *const needed[] = {"log_name",        "data_folder",   "audit_folder",
                                         "key_folder",      "policy_folder", "crl_folder",
                                         "tls_certificate", "tls_key"};
    struct bench b;
    read_as(&b, "listen: \"[::]:443\"\n", "g.yaml");
    assert_int_equal(diagnose_errors(b.d), ARRAY_LEN(needed));
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        char text[100];
        (void)snprintf(text, sizeof text,
                       "g.yaml:1:1: error: the configuration needs the key '%s'\n", needed[i]);
        assert_non_null(strstr(buf_c(&b.said), text));
    }
    assert_string_equal(b.s.listen, "[::]:443");
    end(&b);
}

static void an_unknown_key_is_told_with_the_nearest(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED "data_floder: x\n", "g.yaml");
    assert_false(b.good);
    assert_non_null(strstr(buf_c(&b.said),
                           "g.yaml:9:1: error: unknown key 'data_floder' in the configuration\n"));
    assert_non_null(strstr(buf_c(&b.said), "= did you mean 'data_folder'?\n"));
    assert_non_null(strstr(buf_c(&b.said), "= valid here: listen, log_name, data_folder, "));
    end(&b);
}

static void an_optional_folder_is_none_unless_it_is_named(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED, "dir/g.yaml");
    assert_string_equal(b.s.urgent_journal, "");
    end(&b);
    read_as(&b, NEEDED "urgent_journal: none\n", "dir/g.yaml");
    assert_string_equal(b.s.urgent_journal, "");
    end(&b);
    read_as(&b, NEEDED "urgent_journal: second\n", "dir/g.yaml");
    assert_string_equal(b.s.urgent_journal, "dir/second");
    end(&b);
}

static void the_console_is_off_unless_it_has_all_that_it_shows(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED, "dir/g.yaml");
    assert_string_equal(b.s.console_listen, "");
    assert_string_equal(b.s.console_key, "");
    assert_string_equal(b.s.console_folder, "dir/data/console");
    end(&b);
    read_as(&b,
            NEEDED "console_listen: 127.0.0.1:8444\nconsole_certificate: c.pem\n"
                   "console_key: /tls/c.key\nconsole_folder: /index\n",
            "dir/g.yaml");
    if (!b.good)
        fail_msg("%s", buf_c(&b.said));
    assert_string_equal(b.s.console_listen, "127.0.0.1:8444");
    assert_string_equal(b.s.console_certificate, "dir/c.pem");
    assert_string_equal(b.s.console_key, "/tls/c.key");
    assert_string_equal(b.s.console_folder, "/index");
    end(&b);
    read_as(&b, NEEDED "console_listen: none\n", "dir/g.yaml");
    assert_true(b.good);
    end(&b);
    read_as(&b, NEEDED "console_listen: 127.0.0.1:8444\nconsole_key: k\n", "dir/g.yaml");
    assert_false(b.good);
    assert_non_null(strstr(buf_c(&b.said), "console_listen needs the key 'console_certificate'"));
    assert_null(strstr(buf_c(&b.said), "'console_key'"));
    end(&b);
}

static void metrics_without_a_certificate_are_of_this_machine_and_of_a_console(void **state)
{
    (void)state;
    static const char console[] =
        NEEDED "console_listen: 127.0.0.1:8444\nconsole_certificate: c\nconsole_key: k\n";
    struct bench b;
    char text[2000];
    read_as(&b, NEEDED, "dir/g.yaml");
    assert_string_equal(b.s.metrics_listen, "");
    end(&b);
    static const char *const good[] = {"127.0.0.1:9464", "[::1]:9464"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        (void)snprintf(text, sizeof text, "%smetrics_listen: \"%s\"\n", console, good[i]);
        read_as(&b, text, "dir/g.yaml");
        assert_true(b.good);
        assert_string_equal(b.s.metrics_listen, good[i]);
        end(&b);
    }
    read_as(&b, NEEDED "metrics_listen: 127.0.0.1:9464\n", "dir/g.yaml");
    assert_non_null(strstr(buf_c(&b.said), "metrics_listen needs the key 'console_listen'"));
    end(&b);
}

static void every_type_refuses_what_is_not_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *line, *said;
    } row[] = {
        {"listen: 8443", "expected an address and a port"},
        {"listen: localhost:8443", "expected an address and a port"},
        {"listen: 127.0.0.256:8443", "expected an address and a port"},
        {"listen: 127.0.0.1:65536", "expected an address and a port"},
        {"listen: \"[::1]\"", "expected an address and a port"},
        {"listen: \"::1:80\"", "expected an address and a port"},
        {"listen: [127.0.0.1]", "expected a text for listen"},
        {"policy_folder: []", "expected a text for policy_folder"},
        {"policy_folder: \"\"", "expected a text for policy_folder"},
        {"console_listen: 8444", "expected an address and a port"},
        {"console_listen: [none]", "expected a text for console_listen"},
        {"metrics_listen: 9464", "expected an address and a port"},
        {"metrics_listen: 0.0.0.0:9464", "metrics_listen is answered without a certificate"},
        {"metrics_listen: 127.0.0.2:9464", "metrics_listen is answered without a certificate"},
        {"metrics_listen: 192.0.2.1:9464", "metrics_listen is answered without a certificate"},
        {"metrics_listen: \"[::]:9464\"", "metrics_listen is answered without a certificate"},
        {"metrics_listen: \"[::ffff:127.0.0.1]:9464\"", "metrics_listen is answered without"},
        {"console_folder: []", "expected a text for console_folder"},
        {"tls_key: {a: b}", "expected a text for tls_key"},
        {"urgent_journal: [a]", "expected a text for urgent_journal"},
        {"urgent_reserve: 0", "expected a whole number from 1 to 64 for urgent_reserve"},
        {"log_name: a b", "expected a name such as 'fedgate.daejeon.example/log' for log_name"},
        {"log_name: a+b", "expected a name such as"},
        {"log_name: +a", "expected a name such as"},
        {"log_name: " A64 A64 "x", "expected a name such as"},
        {"log_name: \"a\\nb\"", "expected a name such as"},
        {"log_name: 대전", "expected a name such as"},
        {"log_name: \"\"", "expected a name such as"},
        {"log_name: [a]", "expected a name such as"},
        {"journal_segment: 64",
         "expected a size such as '64 MiB' from 1048576 bytes to 1073741824 bytes "
         "for journal_segment"},
        {"journal_segment: 1023 KiB", "expected a size such as '64 MiB' from 1048576 bytes"},
        {"journal_segment: 2 GiB", "expected a size such as"},
        {"watcher_queue: 255 KiB",
         "expected a size such as '64 MiB' from 262144 bytes to 67108864 bytes"},
        {"watcher_queue: 65 MiB", "expected a size such as"},
        {"edge_workers: 65", "expected a whole number from 0 to 64 for edge_workers"},
        {"checkpoint_every: 1", "expected a length of time such as"},
        {"checkpoint_every: 0 seconds",
         "expected a length of time from 1 second to 1 minute for checkpoint_every"},
        {"checkpoint_every: 61 seconds", "expected a length of time from 1 second to 1 minute"},
        {"summary_every: 2 minutes",
         "expected a length of time from 1 second to 1 minute for summary_every"},
        {"connections: 0", "expected a whole number from 1 to 1000000 for connections"},
        {"connections: 1000001", "expected a whole number from 1 to 1000000 for connections"},
        {"connections: many", "expected a whole number from 1 to 1000000 for connections"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char text[1000], key[32];
        struct bench b;
        (void)snprintf(key, sizeof key, "%.*s:", (int)strcspn(row[i].line, ":"), row[i].line);
        /* The line stands in place of the one of the same key, or behind the others. */
        (void)snprintf(text, sizeof text, "%s\n", row[i].line);
        for (const char *l = NEEDED; *l != '\0'; l = strchr(l, '\n') + 1)
            if (strncmp(l, key, strlen(key)) != 0)
                (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s\n",
                               (int)strcspn(l, "\n"), l);
        read_as(&b, text, "g.yaml");
        if (b.good || diagnose_errors(b.d) != 1 || strstr(buf_c(&b.said), row[i].said) == NULL)
            fail_msg("%s: %s", row[i].line, buf_c(&b.said));
        end(&b);
    }
}

static void values_at_their_bounds_are_taken(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, "log_name: " A64 A64 "\n", "g.yaml");
    assert_string_equal(b.s.log_name, A64 A64);
    end(&b);
    read_as(&b,
            NEEDED
            "listen: 0.0.0.0:0\njournal_segment: 1 MiB\nwatcher_queue: 64 MiB\n"
            "checkpoint_every: 1 minute\nsummary_every: 1초\nconnections: 1\nedge_workers: 64\n",
            "g.yaml");
    if (!b.good)
        fail_msg("%s", buf_c(&b.said));
    assert_int_equal(b.s.journal_segment, 1 << 20);
    assert_int_equal(b.s.watcher_queue, 64 << 20);
    assert_int_equal(b.s.checkpoint_every, US_PER_MINUTE);
    assert_int_equal(b.s.summary_every, US_PER_S);
    assert_int_equal(b.s.connections, 1);
    assert_int_equal(b.s.edge_workers, 64);
    end(&b);
}

/* The journal's segments are whole pages. */
static void sizes_are_rounded_down_to_whole_pages(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED "journal_segment: 2000000 bytes\n", "g.yaml");
    assert_true(b.good);
    assert_int_equal(b.s.journal_segment, 488 * 4096);
    end(&b);
}

static void a_text_that_is_no_configuration_is_refused(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, "- a\n", "g.yaml");
    assert_non_null(strstr(buf_c(&b.said), "expected 'key: value' lines for the configuration\n"));
    end(&b);
    read_as(&b, "", "g.yaml");
    assert_non_null(strstr(buf_c(&b.said), "g.yaml: error: the file is empty\n"));
    end(&b);
}

static void errors_of_others_are_not_its_own(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = {.file = "other.yaml"};
    struct settings s;
    diagnose_add(d, DIAGNOSE_YAML_EMPTY, &p, NULL, NULL, NULL);
    assert_true(settings_read(bytes_of_text(NEEDED), "g.yaml", d, &s));
    diagnose_free(d);
}

static void a_structure_whose_texts_do_not_end_is_not_valid(void **state)
{
    (void)state;
    static const size_t text[] = {
        offsetof(struct settings, listen),      offsetof(struct settings, log_name),
        offsetof(struct settings, data_folder), offsetof(struct settings, audit_folder),
        offsetof(struct settings, key_folder),  offsetof(struct settings, policy_folder),
        offsetof(struct settings, crl_folder),  offsetof(struct settings, tls_certificate),
        offsetof(struct settings, tls_key)};
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        struct settings s = {0};
        assert_true(settings_valid(&s));
        memset((char *)&s + text[i], 'x', SETTINGS_TEXT);
        assert_false(settings_valid(&s));
    }
}

static void officers_are_a_path_a_list_or_none(void **state)
{
    (void)state;
    struct bench b;
    read_as(&b, NEEDED, "/etc/g.yaml");
    assert_string_equal(b.s.policy_officers[0], "");
    assert_int_equal(b.s.policy_signatures, SIGNATURES_REQUIRED);
    end(&b);
    read_as(&b, NEEDED "policy_officers: kim.pub\n", "/etc/g.yaml");
    assert_string_equal(b.s.policy_officers[0], "/etc/kim.pub");
    assert_string_equal(b.s.policy_officers[1], "");
    end(&b);
    read_as(&b, NEEDED "policy_officers: [kim.pub, /lee.pub]\npolicy_signatures: not-required\n",
            "/etc/g.yaml");
    assert_string_equal(b.s.policy_officers[0], "/etc/kim.pub");
    assert_string_equal(b.s.policy_officers[1], "/lee.pub");
    assert_string_equal(b.s.policy_officers[2], "");
    assert_int_equal(b.s.policy_signatures, SIGNATURES_NOT_REQUIRED);
    assert_true(settings_valid(&b.s));
    memset(b.s.policy_officers[7], 'x', SETTINGS_TEXT);
    assert_false(settings_valid(&b.s));
    end(&b);
    read_as(&b, NEEDED "policy_officers: [a, b, c, d, e, f, g, h, i]\n", "/etc/g.yaml");
    assert_non_null(
        strstr(buf_c(&b.said), ":9:18: error: more than 8 entries for policy_officers"));
    end(&b);
    read_as(&b, NEEDED "policy_signatures: no\n", "/etc/g.yaml");
    assert_non_null(strstr(buf_c(&b.said), ":9:20: error: unknown policy_signatures 'no'"));
    end(&b);
}

static void an_address_is_split_into_host_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *address, *host;
        uint16_t port;
    } good[] = {{"127.0.0.1:8443", "127.0.0.1", 8443},
                {"[::]:443", "::", 443},
                {"[2001:db8::1]:1", "2001:db8::1", 1},
                {"gateway.example:65535", "gateway.example", 65535},
                {"a:0", "a", 0}};
    static const char *const wrong[] = {"",
                                        ":",
                                        "a",
                                        "a:",
                                        ":80",
                                        "a:b",
                                        "a:-1",
                                        "a: 80",
                                        "a:80 ",
                                        "a:+80",
                                        "a:0x50",
                                        "a:65536",
                                        "a:99999999999999999999",
                                        "::1:80",
                                        "[::1:80",
                                        "::1]:80",
                                        "[]:80",
                                        "[:80",
                                        "[::1]80",
                                        "[::1]:",
                                        "[a]b:80"};
    char host[32];
    uint16_t port;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(settings_split_address(good[i].address, host, sizeof host, &port));
        assert_string_equal(host, good[i].host);
        assert_int_equal(port, good[i].port);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (settings_split_address(wrong[i], host, sizeof host, &port))
            fail_msg("taken: %s", wrong[i]);
    assert_true(settings_split_address("abc:1", host, 4, &port));
    assert_false(settings_split_address("abcd:1", host, 4, &port));
}

static void every_row_has_a_key_and_a_help(void **state)
{
    (void)state;
    struct settings_row row;
    size_t n = 0;
    while (settings_row(n, &row)) {
        assert_true(strlen(row.key) > 0 && strlen(row.type) > 0 && strlen(row.help) > 0);
        n++;
    }
    assert_true(n > 10);
    assert_false(settings_row(n + 1, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_the_tables_default),
        cmocka_unit_test(relative_paths_begin_at_the_files_folder),
        cmocka_unit_test(paths_are_bounded_with_the_folder_in_front),
        cmocka_unit_test(what_must_be_given_is_missed_by_name),
        cmocka_unit_test(an_unknown_key_is_told_with_the_nearest),
        cmocka_unit_test(an_optional_folder_is_none_unless_it_is_named),
        cmocka_unit_test(the_console_is_off_unless_it_has_all_that_it_shows),
        cmocka_unit_test(metrics_without_a_certificate_are_of_this_machine_and_of_a_console),
        cmocka_unit_test(every_type_refuses_what_is_not_of_it),
        cmocka_unit_test(values_at_their_bounds_are_taken),
        cmocka_unit_test(sizes_are_rounded_down_to_whole_pages),
        cmocka_unit_test(a_text_that_is_no_configuration_is_refused),
        cmocka_unit_test(errors_of_others_are_not_its_own),
        cmocka_unit_test(a_structure_whose_texts_do_not_end_is_not_valid),
        cmocka_unit_test(officers_are_a_path_a_list_or_none),
        cmocka_unit_test(an_address_is_split_into_host_and_port),
        cmocka_unit_test(every_row_has_a_key_and_a_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
