/* Loaded before the C library (LD_PRELOAD) into all processes of a server: counts what each of them
 * and its libraries allocate, in a file of its own, FOLDER/PID, that is read from outside. FOLDER
 * comes in BENCH_ALLOCATIONS. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *p, size_t n);

static atomic_uint_fast64_t before, *count = &before;

/* Before the process gives its rights away: it opens nothing later. */
__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("BENCH_ALLOCATIONS");
    char path[512];
    if (folder == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/%d", folder, (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *page = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, sizeof *count) == 0)
        page = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED)
        count = page;
    if (fd >= 0)
        (void)close(fd);
}

static void note(void)
{
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void *malloc(size_t n)
{
    note();
    return __libc_malloc(n);
}

void *calloc(size_t number, size_t n)
{
    note();
    return __libc_calloc(number, n);
}

void *realloc(void *p, size_t n)
{
    note();
    return __libc_realloc(p, n);
}
