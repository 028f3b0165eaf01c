/* The policy set with a memorandum of the test's own beside the others: a copy in the house's
 * folder. */
#include "house.h"

#include "base/buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "house: %s cannot be copied\n", what);
    abort();
}

static void copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n = 1;
    check(in >= 0 && out >= 0, from);
    while (n > 0)
        n = sendfile(out, in, NULL, 1 << 20);
    check(n == 0, from);
    (void)close(in);
    (void)close(out);
}

static void copy_folder(const char *from, const char *to)
{
    DIR *folder = opendir(from);
    const struct dirent *e;
    struct stat st;
    char source[512], target[512];
    check(folder != NULL && mkdir(to, 0700) == 0, from);
    while ((e = readdir(folder)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(source, sizeof source, "%s/%s", from, e->d_name);
        (void)snprintf(target, sizeof target, "%s/%s", to, e->d_name);
        check(stat(source, &st) == 0, source);
        if (S_ISDIR(st.st_mode))
            copy_folder(source, target);
        else
            copy_file(source, target);
    }
    (void)closedir(folder);
}

/* The house's own copy of the set, made when there is none. */
static void own_set(const struct house *h, char set[128])
{
    (void)snprintf(set, 128, "%s/policy", house_folder(h));
    if (access(set, F_OK) != 0)
        copy_folder("policy", set);
}

void house_add_key(struct house *h, const char *file, struct bytes text)
{
    char set[128], target[512];
    own_set(h, set);
    (void)snprintf(target, sizeof target, "%s/inventory/keys/%s", set, file);
    int out = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(out >= 0 && write(out, text.p, text.n) == (ssize_t)text.n, target);
    (void)close(out);
    house_set_policy(h, set);
}

void house_add_memorandum(struct house *h, const char *path)
{
    const char *slash = strrchr(path, '/');
    char set[128], target[512];
    own_set(h, set);
    (void)snprintf(target, sizeof target, "%s/mou/%s", set, slash == NULL ? path : slash + 1);
    copy_file(path, target);
    house_set_policy(h, set);
}
