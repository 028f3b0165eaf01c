#include "base/series.h"

#include "base/map.h"
#include "base/mem.h"

enum { PAGE_BITS = 8, PAGE_ITEMS = 1 << PAGE_BITS };

struct series_page {
    uint64_t number; /* of the page */
    size_t count;
    void *item[PAGE_ITEMS];
};

struct series {
    struct map *pages;
    struct series_page *last; /* that something was added to: it stays when it is empty; or NULL */
    size_t count;
};

static struct bytes page_number(const void *item)
{
    return bytes_of(&((const struct series_page *)item)->number, sizeof(uint64_t));
}

struct series *series_new(void)
{
    struct series *s = mem_new(sizeof *s);
    s->pages = map_new(page_number);
    return s;
}

void series_free(struct series *s)
{
    size_t at;
    struct series_page *p;
    if (s == NULL)
        return;
    MAP_FOREACH (p, s->pages, at)
        mem_free(p);
    map_free(s->pages);
    mem_free(s);
}

static struct series_page *page_of(const struct series *s, uint64_t number)
{
    uint64_t n = number >> PAGE_BITS;
    if (s->last != NULL && s->last->number == n)
        return s->last;
    return map_get(s->pages, bytes_of(&n, sizeof n));
}

static void **place_in(struct series_page *p, uint64_t number)
{
    return &p->item[number % PAGE_ITEMS];
}

void *series_get(const struct series *s, uint64_t number)
{
    struct series_page *p = page_of(s, number);
    return p == NULL ? NULL : *place_in(p, number);
}

static void free_when_empty(struct series *s, struct series_page *p)
{
    if (p == NULL || p->count > 0)
        return;
    (void)map_remove(s->pages, page_number(p));
    mem_free(p);
}

bool series_add(struct series *s, uint64_t number, void *item)
{
    struct series_page *p = page_of(s, number);
    if (p == NULL) {
        p = mem_new(sizeof *p);
        p->number = number >> PAGE_BITS;
        (void)map_add(s->pages, p);
    }
    if (s->last != p) {
        free_when_empty(s, s->last);
        s->last = p;
    }
    if (*place_in(p, number) != NULL)
        return false;
    *place_in(p, number) = item;
    p->count++;
    s->count++;
    return true;
}

void *series_remove(struct series *s, uint64_t number)
{
    struct series_page *p = page_of(s, number);
    void *item = p == NULL ? NULL : *place_in(p, number);
    if (item == NULL)
        return NULL;
    *place_in(p, number) = NULL;
    p->count--;
    s->count--;
    if (p != s->last)
        free_when_empty(s, p);
    return item;
}

size_t series_count(const struct series *s)
{
    return s->count;
}

void *series_next(const struct series *s, struct series_walk *w)
{
    for (;;) {
        for (; w->page != NULL && w->place < PAGE_ITEMS; w->place++)
            if (w->page->item[w->place] != NULL)
                return w->page->item[w->place++];
        w->page = map_next(s->pages, &w->at);
        w->place = 0;
        if (w->page == NULL)
            return NULL;
    }
}
