/* fedgatectl policy seal: the list of a set's files in set.yaml. */
#include "base/limits.h"
#include "base/mem.h"
#include "cli/policy_set.h"
#include "config/document.h"
#include "policy/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What `files` lists; entries that are none are left out: they show as changes. False after errors.
 */
static bool read_listed(struct bytes text, struct manifest *out)
{
    struct diagnose *d = diagnose_new();
    struct document *doc = document_read(text, "set.yaml", d);
    struct buf said = BUF_INIT(1 << 20);
    const struct node *files = doc == NULL ? NULL : node_member(document_root(doc), "files");
    for (size_t i = 0; files != NULL && i < node_count(files); i++) {
        uint8_t sha256[SHA256_BYTES];
        if (node_type(files) == NODE_MAP &&
            bytes_from_hex(node_text(node_value(files, i)), sha256, sizeof sha256))
            (void)manifest_add(out, node_c(node_key(files, i)), sha256);
    }
    diagnose_print(d, DIAGNOSE_ENGLISH, &said);
    (void)fputs(buf_c(&said), stderr);
    bool good = doc != NULL;
    document_free(doc);
    diagnose_free(d);
    buf_free(&said);
    return good;
}

/* One line a file; whether anything differs. */
static bool print_changes(const struct manifest *old, const struct manifest *new)
{
    size_t changes = 0;
    for (size_t i = 0; i < new->count; i++) {
        const struct manifest_file *was = manifest_get(old, new->file[i].path);
        bool same = was != NULL && memcmp(was->sha256, new->file[i].sha256, SHA256_BYTES) == 0;
        changes += !same;
        if (!same)
            (void)printf("%s %s\n", was == NULL ? "added  " : "changed", new->file[i].path);
    }
    for (size_t i = 0; i < old->count; i++)
        if (manifest_get(new, old->file[i].path) == NULL) {
            (void)printf("removed %s\n", old->file[i].path);
            changes++;
        }
    return changes > 0;
}

/* What was written reads as what was meant. */
static bool reads_back(struct bytes text, const struct manifest *wanted)
{
    struct manifest is = {0};
    bool good = read_listed(text, &is) && is.count == wanted->count &&
                (is.count == 0 || memcmp(is.file, wanted->file, is.count * sizeof is.file[0]) == 0);
    manifest_free(&is);
    return good;
}

static int write_list(const struct policy_set *s, struct bytes text, const struct manifest *m)
{
    struct buf sealed = BUF_INIT(LIMIT_YAML_BYTES);
    int code = CLI_NO;
    if (manifest_write(m, text, &sealed) != RESULT_OK || !reads_back(buf_view(&sealed), m))
        cli_error("%s/set.yaml: \"files\" must stand on lines of its own, a file a line", s->path);
    else
        code = cli_replace(s->folder, "set.yaml", buf_view(&sealed)) ? CLI_OK : CLI_FAILED;
    buf_free(&sealed);
    return code;
}

static int seal(const struct policy_set *s, bool dry_run)
{
    struct manifest old = {0}, new = {0};
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES + (1 << 16));
    char path[SEAL_PATH];
    int code = CLI_FAILED;
    enum result r = manifest_list(s->folder, &new, path);
    if (r != RESULT_OK)
        cli_error("%s/%s: %s", s->path, path, result_text(r));
    else if (policy_set_read(s, "set.yaml", &text))
        code = read_listed(buf_view(&text), &old) ? CLI_OK : CLI_NO;
    if (code == CLI_OK && !print_changes(&old, &new))
        (void)printf("%s: sealed already, %zu files\n", s->path, new.count);
    else if (code == CLI_OK && !dry_run && (code = write_list(s, buf_view(&text), &new)) == CLI_OK)
        (void)printf("%s: sealed, %zu files; now two officers sign set.yaml\n", s->path, new.count);
    manifest_free(&old);
    manifest_free(&new);
    buf_free(&text);
    return code;
}

int policy_seal_run(int argc, char **argv)
{
    bool dry_run = false;
    const struct cli_option options[] = {{"dry-run", NULL, &dry_run}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count != 1) {
        if (count >= 0)
            cli_error("policy seal takes one folder");
        return CLI_USAGE;
    }
    struct policy_set s = {.path = argv[1], .folder = policy_set_folder(argv[1])};
    int code = s.folder < 0 ? CLI_FAILED : seal(&s, dry_run);
    policy_set_close(&s);
    return code;
}
