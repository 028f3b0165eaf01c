/* The gateway's configuration: one YAML file, one row a setting (settings.def), read into one
 * pointer-free structure that is handed from role to role. */
#ifndef FEDGATE_CONFIG_SETTINGS_H
#define FEDGATE_CONFIG_SETTINGS_H

#include "config/document.h"

enum { SETTINGS_TEXT = 512 };

enum { SETTINGS_FILES = 8 };
enum settings_signatures { SIGNATURES_REQUIRED, SIGNATURES_NOT_REQUIRED };

struct settings {
    char listen[SETTINGS_TEXT], log_name[SETTINGS_TEXT];
    char data_folder[SETTINGS_TEXT], audit_folder[SETTINGS_TEXT], key_folder[SETTINGS_TEXT];
    char control_socket[SETTINGS_TEXT];
    char policy_folder[SETTINGS_TEXT], crl_folder[SETTINGS_TEXT];
    char tls_certificate[SETTINGS_TEXT], tls_key[SETTINGS_TEXT];
    char console_listen[SETTINGS_TEXT]; /* empty: no console, and the others mean nothing */
    char console_certificate[SETTINGS_TEXT], console_key[SETTINGS_TEXT];
    char console_folder[SETTINGS_TEXT];
    char metrics_listen[SETTINGS_TEXT];                  /* of this machine alone; empty: nowhere */
    char policy_officers[SETTINGS_FILES][SETTINGS_TEXT]; /* paths, up to the first empty one */
    char witnesses[SETTINGS_FILES][SETTINGS_TEXT]; /* verifier keys, up to the first empty one */
    int64_t witness_late;                          /* microseconds */
    int64_t clock_jump;                            /* microseconds */
    int64_t crl_warning, crl_grace;                /* microseconds */
    int64_t landlock_least;                        /* a version; 0: none is needed */
    int64_t destroy_share;                         /* in a hundred */
    int64_t policy_signatures;                     /* enum settings_signatures */
    int64_t journal_segment;                       /* bytes */
    int64_t journal_reserve;                       /* segments */
    char urgent_journal[SETTINGS_TEXT];            /* empty: none */
    int64_t urgent_reserve;                        /* segments */
    int64_t checkpoint_every;                      /* microseconds */
    int64_t summary_every;                         /* microseconds */
    int64_t connections;
    int64_t handshakes_of_address, handshakes_of_address_per_s;
    int64_t handshakes_of_unit, handshakes_of_unit_per_s;
    int64_t offences;                         /* 0: none are counted */
    int64_t offences_within;                  /* microseconds */
    int64_t peer_stall;                       /* microseconds */
    int64_t connection_age, connection_grace; /* microseconds */
    int64_t edge_workers;                     /* 0: by the processors */
    int64_t watcher_queue;                    /* bytes */
    int64_t register_keep;                    /* microseconds */
};

/* Reads the configuration text; `file` names it, and its folder is where relative paths begin.
 * False after errors. */
bool settings_read(struct bytes text, const char *file, struct diagnose *d, struct settings *out);

/* Whether a structure that came from another role is well-formed: every text ends within its field.
 */
bool settings_valid(const struct settings *s);

/* The host (without brackets) and the port of an ADDRESS. */
bool settings_split_address(const char *address, char *host, size_t n, uint16_t *port);

/* Row by row, for --help and the manual: false past the last. */
struct settings_row {
    const char *key, *type, *standard, *help;
};
bool settings_row(size_t i, struct settings_row *out);

#endif
