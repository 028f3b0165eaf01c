/* What the contract says of a message and other formats do not. */
#include "formats/format.h"

#define TERM(name, converter, field) {name, NULL, 1, false, &converter, field},
const struct format_row term_rows[] = {
#include "formats/terms.def"
};
#undef TERM
const size_t term_count = ARRAY_LEN(term_rows);
