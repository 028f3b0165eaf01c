#include "keeper/key_file.h"

#include "base/cursor.h"
#include "base/mem.h"

#include <stdio.h>

static const char sector_magic[8] = "fedgatWS";

static void head_of(const char *kind, char out[32])
{
    (void)snprintf(out, 32, "fedgate %s key 1\n", kind);
}

enum result key_file_read(struct bytes text, const char *kind, uint8_t key[KEY_BYTES])
{
    char head[32];
    struct cursor c = cursor_over(text);
    struct bytes got, hex;
    head_of(kind, head);
    if (cursor_take(&c, strlen(head), &got) != RESULT_OK || !bytes_is(got, head) ||
        cursor_take(&c, 2 * (size_t)KEY_BYTES, &hex) != RESULT_OK ||
        !bytes_from_hex(hex, key, KEY_BYTES))
        return RESULT_MALFORMED;
    return c.left == 0 || bytes_is(bytes_of(c.at, c.left), "\n") ? RESULT_OK : RESULT_MALFORMED;
}

void key_file_write(const char *kind, const uint8_t key[KEY_BYTES], struct buf *out)
{
    char head[32], hex[2 * KEY_BYTES + 1];
    head_of(kind, head);
    bytes_to_hex(bytes_of(key, KEY_BYTES), hex);
    buf_text(out, head);
    buf_text(out, hex);
    buf_text(out, "\n");
    mem_wipe(hex, sizeof hex);
}

/* A check against torn or foreign sectors, not against an attacker: who can write the secret owns
 * it. */
static void check_of(const uint8_t *sector, uint8_t check[TAG_BYTES])
{
    static const uint8_t fixed[KEY_BYTES] = "fedgate wrapping secret check 1";
    mac_tag(fixed, bytes_of(sector, 8 + 8 + KEY_BYTES), check);
}

enum result wrapping_secret_read(const uint8_t sector[SECRET_SECTOR], struct wrapping_secret *out)
{
    struct cursor c = cursor_over(bytes_of(sector, SECRET_SECTOR));
    struct bytes magic, check;
    uint8_t expected[TAG_BYTES];
    check_of(sector, expected);
    if (cursor_take(&c, sizeof sector_magic, &magic) != RESULT_OK ||
        !bytes_equal(magic, bytes_of(sector_magic, sizeof sector_magic)) ||
        cursor_u64(&c, &out->generation) != RESULT_OK ||
        cursor_copy(&c, out->secret, KEY_BYTES) != RESULT_OK ||
        cursor_take(&c, TAG_BYTES, &check) != RESULT_OK ||
        !bytes_equal(check, bytes_of(expected, TAG_BYTES)))
        return RESULT_DAMAGED;
    return RESULT_OK;
}

void wrapping_secret_write(const struct wrapping_secret *s, uint8_t sector[SECRET_SECTOR])
{
    memset(sector, 0xa5, SECRET_SECTOR);
    memcpy(sector, sector_magic, sizeof sector_magic);
    for (size_t i = 0; i < 8; i++)
        sector[8 + i] = (uint8_t)(s->generation >> (8 * (7 - i)));
    memcpy(sector + 16, s->secret, KEY_BYTES);
    check_of(sector, sector + 16 + KEY_BYTES);
}
