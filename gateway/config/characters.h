/* Characters that let a text look other than it is. Inside config/ only. */
#ifndef FEDGATE_CONFIG_CHARACTERS_H
#define FEDGATE_CONFIG_CHARACTERS_H

#include "base/bytes.h"

/*
 * Where the first character of a valid text begins that may not stand in it, and which one it is;
 * text.n when there is none. Not wanted are controls, separators that YAML takes for the end of a
 * line and no editor does, and what is invisible or turns the direction of writing around. Tabs and
 * LF may stand, and CR before LF.
 */
size_t characters_unwanted(struct bytes text, uint32_t *which);

/* The character's name as messages have it, such as U+202E. */
enum { CHARACTER_NAME = 16 };
void character_name(uint32_t c, char out[CHARACTER_NAME]);

#endif
