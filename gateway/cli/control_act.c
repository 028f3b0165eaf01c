/*
 * An officer's act: the gateway makes its text, the officer reads and signs it, the gateway takes
 * it. The key need not be on this machine: the text can be written to a file, signed elsewhere with
 * minisign, and sent with its signature.
 */
#include "cli/control.h"
#include "crypto/minisign.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static int refused(const struct control_doing *d, const struct control_answer *a)
{
    cli_error("%s: %s", control_act_word(d->act), control_code_text(a->code, d->korean));
    return a->code == CONTROL_CODE_DISK_FULL ? CLI_FAILED : CLI_NO;
}

/* Asks, and says why not when it was refused. */
static int ask(const struct control_doing *d, const struct control_request *r, struct buf *frame,
               struct control_answer *a)
{
    struct cursor items;
    if (!control_ask(d->socket, r, frame, a, &items))
        return CLI_FAILED;
    return a->code == CONTROL_CODE_DONE ? CLI_OK : refused(d, a);
}

static int submit(const struct control_doing *d, struct bytes text, struct bytes signature)
{
    const struct control_request r = {.ask = CONTROL_SUBMIT, .text = text, .signature = signature};
    struct buf frame;
    struct control_answer a;
    const int code = ask(d, &r, &frame, &a);
    if (code == CLI_OK && a.done && d->index != NULL)
        *d->index = a.index;
    if (code == CLI_OK && a.done)
        (void)printf(d->korean ? "%s: 완료 (기록 %" PRIu64 ")\n"
                               : "%s: done (record %" PRIu64 ")\n",
                     control_act_word(d->act), a.index);
    else if (code == CLI_OK)
        (void)printf(d->korean ? "%s: 접수됨, 다른 담당관의 처분 필요 (기록 %" PRIu64 ")\n"
                               : "%s: counted; another officer has to act as well (record %" PRIu64
                                 ")\n",
                     control_act_word(d->act), a.index);
    buf_free(&frame);
    return code;
}

/* A signature that was made elsewhere. Without --text, FILE.minisig is over FILE, as minisign names
 * it. */
static int submit_files(const struct control_doing *d)
{
    static const char ending[] = ".minisig";
    struct buf text = BUF_INIT(CONTROL_TEXT_MAX), signature = BUF_INIT(CONTROL_TEXT_MAX);
    char path[4096];
    size_t n = strlen(d->signature);
    bool named = n > strlen(ending) && strcmp(d->signature + n - strlen(ending), ending) == 0;
    if (d->text == NULL && !named) {
        cli_error("--text FILE: which text is %s over?", d->signature);
        return CLI_USAGE;
    }
    (void)snprintf(path, sizeof path, "%.*s", (int)(n - strlen(ending)), d->signature);
    int code = CLI_FAILED;
    if (cli_read_file(d->text != NULL ? d->text : path, CONTROL_TEXT_MAX, &text) &&
        cli_read_file(d->signature, CONTROL_TEXT_MAX, &signature))
        code = submit(d, buf_view(&text), buf_view(&signature));
    buf_free(&text);
    buf_free(&signature);
    return code;
}

/* The text stands on standard output before it is signed: an officer signs what he or she reads. */
static int sign_and_submit(const struct control_doing *d, struct bytes text)
{
    struct minisign_secret *key = NULL;
    struct buf signature = BUF_INIT(CONTROL_TEXT_MAX);
    int code = CLI_FAILED;
    (void)fwrite(text.p, 1, text.n, stdout);
    (void)fflush(stdout);
    if (cli_secret_key(d->key, d->password_fd, &key) == RESULT_OK &&
        minisign_sign(key, text, false, bytes_of_text("fedgate act"), &signature) == RESULT_OK)
        code = submit(d, text, buf_view(&signature));
    minisign_secret_free(key);
    buf_free(&signature);
    return code;
}

static int write_text(const struct control_doing *d, struct bytes text)
{
    if (!cli_write_new(AT_FDCWD, d->print, text, 0600))
        return CLI_FAILED;
    (void)printf(d->korean ? "%s: 한 시간 안에 서명하여 보내십시오: minisign -S -s KEY -m %s\n"
                           : "%s: sign it and send it within the hour: minisign -S -s KEY -m %s\n",
                 d->print, d->print);
    return CLI_OK;
}

static int prepare(const struct control_doing *d)
{
    const struct control_request r = {.ask = CONTROL_PREPARE,
                                      .act = (uint8_t)d->act,
                                      .subject = bytes_of_text(d->subject),
                                      .officer = bytes_of_text(d->officer),
                                      .reason = bytes_of_text(d->reason)};
    struct buf frame;
    struct control_answer a;
    int code = ask(d, &r, &frame, &a);
    if (code == CLI_OK)
        code = d->key != NULL ? sign_and_submit(d, a.text) : write_text(d, a.text);
    buf_free(&frame);
    return code;
}

int control_do(const struct control_doing *d)
{
    return d->signature != NULL ? submit_files(d) : prepare(d);
}
