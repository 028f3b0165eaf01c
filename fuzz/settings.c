/* The configuration file: what is read is well-formed for the roles that it is handed to, and every
 * complaint is text. */
#include "fuzz.h"

#include "base/limits.h"
#include "config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnose *d = diagnose_new();
    struct buf said = BUF_INIT(1u << 20);
    struct settings s = {0};
    char host[SETTINGS_TEXT];
    uint16_t port;
    bool good = settings_read(bytes_of(data, size), "/etc/fedgate/fedgate.yaml", d, &s);
    HOLDS(good == (diagnose_errors(d) == 0));
    if (good) {
        HOLDS(settings_valid(&s));
        HOLDS(settings_split_address(s.listen, host, sizeof host, &port));
        HOLDS(s.data_folder[0] == '/' && s.tls_key[0] == '/' && s.connections > 0);
    }
    diagnose_print(d, DIAGNOSE_ENGLISH, &said);
    diagnose_print(d, DIAGNOSE_KOREAN, &said);
    HOLDS(buf_status(&said) == RESULT_OK && bytes_is_text(buf_view(&said)));
    HOLDS(good || said.n > 0);
    buf_free(&said);
    diagnose_free(d);
    return 0;
}
