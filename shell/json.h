/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json: output for programs, RFC 8259. Writes; never reads. */
#ifndef CS_JSON_H
#define CS_JSON_H

#include <stdint.h>
#include <stdio.h>

/*
 * @text as a string with its quotes: control characters, and bytes that are not
 * valid UTF-8, are escaped (the latter as U+FFFD), so that the output parses
 * whatever a name holds.
 */
void cs_json_string(FILE *out, const char *text);
/* "name": with a comma before it unless *@first, which becomes false. */
void cs_json_key(FILE *out, const char *name, int *first);
void cs_json_member(FILE *out, const char *name, const char *text, int *first);
void cs_json_number(FILE *out, const char *name, uint64_t number, int *first);

#endif
