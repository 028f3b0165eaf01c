/* Public keys of minisign for a set's people. */
#ifndef FEDGATE_TESTS_POLICY_KEYS_H
#define FEDGATE_TESTS_POLICY_KEYS_H

#include "crypto/minisign.h"
#include "set.h"

/* The key whose bytes are all `number`, in inventory/keys/. */
static inline void put_key(struct set *s, const char *file, uint8_t number)
{
    struct minisign_public key;
    struct buf text = BUF_INIT(4096);
    char path[100];
    memset(&key, number, sizeof key);
    minisign_public_write(&key, bytes_of(NULL, 0), &text);
    (void)snprintf(path, sizeof path, "inventory/keys/%s", file);
    set_put(s, path, buf_c(&text));
    buf_free(&text);
}

/* Two officers of the police who sign sets, and one who approves; and the key of the police. */
static inline void put_officers(struct set *s)
{
    set_change(s, PARTIES, "    root: police.pem\n",
               "    root: police.pem\n"
               "    signing_key: police.pub\n"
               "    officers:\n"
               "      kim: {role: set-officer, key: kim.pub}\n"
               "      lee: {role: set-officer, key: lee.pub}\n"
               "      park: {role: privacy-officer, key: park.pub}\n");
    put_key(s, "police.pub", 1);
    put_key(s, "kim.pub", 2);
    put_key(s, "lee.pub", 3);
    put_key(s, "park.pub", 4);
    set_change(s, SET, "serial: 7\n", "serial: 7\nofficers: [police/kim, police/lee]\n");
}

#endif
