/* Programs of others as children of the agent, and the folder of HLS. */
#include "cli/agent/media.h"
#include "cli/agent/stream.h"

#include "../client/support.h"
#include "../journal/temp_folder.h"
#include "capture.h"

#include <sys/stat.h>

static struct printed printed;
static struct pair *pair;
static struct agent agent;

static int set_up(void **state)
{
    (void)pair_begin(state);
    pair = *state;
    pair_connect(pair, false);
    agent = (struct agent){.client = pair->client};
    return 0;
}

/* ---- children */

static char got[200];
static bool ended_well;

static void ignore(void *arg)
{
    (void)arg;
}

static const char *const *child;

/* Reads what it gives until its end. */
static int read_all(int argc, char **argv)
{
    struct buf data = BUF_INIT(sizeof got - 1);
    int fd = -1;
    struct agent_child *c = agent_child_start(&agent, child, true, &fd);
    (void)argc;
    (void)argv;
    assert_non_null(c);
    struct agent_input *in = agent_input_of(&agent, fd, "the child", ignore, NULL);
    enum result r = RESULT_AGAIN;
    for (int i = 0; i < 20000 && (r == RESULT_AGAIN || r == RESULT_OK); i++) {
        r = agent_input_read(in, 100, &data);
        turn(pair);
    }
    assert_int_equal(r, RESULT_END);
    agent_input_close(in);
    ended_well = agent_child_stop(c, true);
    (void)snprintf(got, sizeof got, "%.*s", (int)data.n, (const char *)data.p);
    buf_free(&data);
    return 0;
}

static void shell(const char *script)
{
    const char *const words[] = {"sh", "-c", script, NULL};
    child = words;
    run_line(&printed, read_all, "x");
    child = NULL;
}

static void what_a_child_gives_is_read_to_its_end(void **state)
{
    (void)state;
    shell("echo hello");
    assert_string_equal(got, "hello\n");
    assert_true(ended_well);
    assert_string_equal(printed.err, "");
    shell("exit 3");
    assert_false(ended_well);
}

static void what_is_not_installed_is_told(void **state)
{
    (void)state;
    const char *const none[] = {"no-such-program", NULL};
    child = none;
    run_line(&printed, read_all, "x");
    child = NULL;
    assert_false(ended_well);
    assert_says(printed.err, "no-such-program: cannot be started: is it installed?\n");
}

static void what_it_says_is_told_without_passwords(void **state)
{
    (void)state;
    shell("echo >&2 'rtsp://me:s3cret@host/1: refused, rtsp://host/a@b'");
    assert_says(printed.err, "sh: rtsp://host/1: refused, rtsp://host/a@b\n");
    shell("printf >&2 '%0900d\\n' 7");
    assert_in_range(strlen(printed.err), 400, 450);
    shell("printf >&2 '%0380d rtsp://me:s3cret-and-longer-than-the-line@host/\\n' 7");
    assert_says(printed.err, "7 rtsp://\n");
    assert_null(strstr(printed.err, "s3cret"));
}

/* Its pipe is closed first: it may write its last words. */
static void one_that_takes_ends_when_nothing_more_comes(void **state)
{
    (void)state;
    struct temp_folder folder = temp_folder_new();
    char words[200], text[16] = "";
    (void)snprintf(words, sizeof words, "cat > %s/taken; echo done >> %s/taken", folder.path,
                   folder.path);
    const char *const argv[] = {"sh", "-c", words, NULL};
    int fd = -1;
    struct agent_child *c = agent_child_start(&agent, argv, false, &fd);
    assert_int_equal(write(fd, "video\n", 6), 6);
    (void)close(fd);
    assert_true(agent_child_stop(c, true));
    int taken = openat(folder.fd, "taken", O_RDONLY);
    assert_int_equal(read(taken, text, sizeof text - 1), 11);
    assert_string_equal(text, "video\ndone\n");
    (void)close(taken);
    temp_folder_free(&folder);
}

static void one_that_does_not_end_is_ended(void **state)
{
    (void)state;
    const char *const argv[] = {"sleep", "1000", NULL};
    int fd = -1;
    struct agent_child *c = agent_child_start(&agent, argv, true, &fd);
    assert_false(agent_child_stop(c, false));
    (void)close(fd);
}

/* ---- HLS */

static void put_file(const struct temp_folder *folder, const char *name)
{
    int fd = openat(folder->fd, name, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
}

static const char *folder_path;

static int begin_hls(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return agent_hls_begin(folder_path) ? 0 : 1;
}

static void hls_goes_into_an_empty_folder_or_a_new_one(void **state)
{
    (void)state;
    struct temp_folder folder = temp_folder_new();
    char path[100];
    struct stat s;
    folder_path = path;
    (void)snprintf(path, sizeof path, "%s/new", folder.path);
    run_line(&printed, begin_hls, "x");
    assert_int_equal(printed.code, 0);
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 07, 0);
    run_line(&printed, begin_hls, "x");
    assert_int_equal(printed.code, 0); /* it is empty */
    folder_path = folder.path;
    run_line(&printed, begin_hls, "x");
    assert_int_equal(printed.code, 1);
    assert_says(printed.err, "is not empty");
    (void)snprintf(path, sizeof path, "%s/none/new", folder.path);
    folder_path = path;
    run_line(&printed, begin_hls, "x");
    assert_int_equal(printed.code, 1);
    assert_says(printed.err, "No such file or directory");
    temp_folder_free(&folder);
}

static void what_hls_wrote_is_removed_and_nothing_else(void **state)
{
    (void)state;
    struct temp_folder folder = temp_folder_new();
    put_file(&folder, "index.m3u8");
    put_file(&folder, "000000001.ts");
    put_file(&folder, "index.m3u8.tmp");
    put_file(&folder, "letter.txt");
    put_file(&folder, ".ts");
    assert_true(agent_hls_end(folder.path));
    assert_int_equal(faccessat(folder.fd, "letter.txt", F_OK, 0), 0);
    assert_int_equal(faccessat(folder.fd, ".ts", F_OK, 0), 0);
    assert_int_not_equal(faccessat(folder.fd, "index.m3u8", F_OK, 0), 0);
    assert_int_not_equal(faccessat(folder.fd, "000000001.ts", F_OK, 0), 0);
    assert_int_not_equal(faccessat(folder.fd, "index.m3u8.tmp", F_OK, 0), 0);
    temp_folder_free(&folder);
}

static void only_addresses_of_rtsp_are_cameras(void **state)
{
    (void)state;
    assert_true(agent_is_rtsp("rtsp://host/1"));
    assert_true(agent_is_rtsp("rtsps://host/1"));
    assert_false(agent_is_rtsp("http://host/1"));
    assert_false(agent_is_rtsp("-i"));
    assert_false(agent_is_rtsp("clip.ts"));
}

/* ---- send-video */

/* The next ffmpeg begins the file anew, and the gateway refuses that: a stream that was to stay
 * open for ever ended at the first loss of its camera. */
static void fragmented_mp4_of_a_camera_that_comes_again_is_refused_at_once(void **state)
{
    (void)state;
    run_line(&printed, agent_send_video_run,
             "send-video --camera c --service s --purpose p --basis kr/pipa/18-2-3 --reconnect "
             "--container fmp4 rtsp://camera.example/1");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "--reconnect is for transport streams: fragmented MP4 cannot begin "
                             "again within a stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_child_gives_is_read_to_its_end, set_up, pair_end),
        cmocka_unit_test_setup_teardown(what_is_not_installed_is_told, set_up, pair_end),
        cmocka_unit_test_setup_teardown(what_it_says_is_told_without_passwords, set_up, pair_end),
        cmocka_unit_test_setup_teardown(one_that_takes_ends_when_nothing_more_comes, set_up,
                                        pair_end),
        cmocka_unit_test_setup_teardown(one_that_does_not_end_is_ended, set_up, pair_end),
        cmocka_unit_test(hls_goes_into_an_empty_folder_or_a_new_one),
        cmocka_unit_test(what_hls_wrote_is_removed_and_nothing_else),
        cmocka_unit_test(only_addresses_of_rtsp_are_cameras),
        cmocka_unit_test(fragmented_mp4_of_a_camera_that_comes_again_is_refused_at_once)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
