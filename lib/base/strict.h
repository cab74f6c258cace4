/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * strict: text to values, all of it or nothing.
 *
 * Floor 0. No locale, no leading or trailing blanks, no sign, no overflow.
 * Each returns 0, -EINVAL (not of the form) or -ERANGE (of the form, too big),
 * and writes its result only on success.
 */
#ifndef CS_STRICT_H
#define CS_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only; @max is the largest value accepted. */
int cs_strict_u64(const char *text, uint64_t max, uint64_t *ret_value);

/* Bytes: digits with an optional K, M, G or T (powers of 1024), systemd.syntax(7). */
int cs_strict_size(const char *text, uint64_t *ret_bytes);

/*
 * Milliseconds: one or more NUMBER UNIT pairs (ms, s, min, h, d), a bare number
 * being seconds, as in systemd.time(7): "90", "1min 30s", "250ms".
 */
int cs_strict_time(const char *text, uint64_t *ret_ms);

/* yes/no, true/false, on/off, 1/0: systemd's words. */
int cs_strict_bool(const char *text, bool *ret_value);

/* [a-z][a-z0-9-]{0,31}: the name of a section or key. */
bool cs_strict_is_class_name(const char *text);

/*
 * A login or group name as Debian's adduser and useradd(8) accept it in their
 * widest form: 1 to 255 bytes, not starting with '-', none of blank, control
 * characters, bytes above 0x7e, ':' ',' '/' '\\' quotes or '*', and not all digits.
 */
bool cs_strict_is_user_name(const char *text);

/*
 * The name of a device below /dev: components of letters, digits and ._:+-, none of
 * them starting with a dot, at most 63 bytes in all, and none below pts, shm or mqueue.
 */
bool cs_strict_is_device_name(const char *text);

/*
 * The name of a network namespace as ip-netns(8) has it, a file's name: 1 to 64
 * bytes, no blank or control character, none above 0x7e, no slash, backslash or quote,
 * and neither a dot nor a dash first.
 */
bool cs_strict_is_netns_name(const char *text);

/*
 * A digest of fs-verity as fsverity(1) prints it: "sha256:" or "sha512:" and its bytes, two
 * digits of 0-9a-f each.
 */
bool cs_strict_is_verity(const char *text);
/* Name of an environment variable: [A-Za-z_][A-Za-z0-9_]*, at most 63 bytes. */
bool cs_strict_is_env_name(const char *text);

/*
 * An absolute path in its plain form: starts with '/', no empty, "." or ".."
 * component, no trailing '/', no control character, shorter than PATH_MAX.
 * "/" itself is accepted.
 */
bool cs_strict_is_path(const char *text);

/*
 * True if @path is @ancestor or lies below it, by whole components: /srv/a
 * holds /srv/a/b and not /srv/ab. Both are plain absolute paths.
 */
bool cs_strict_path_within(const char *path, const char *ancestor);

/*
 * Copy @text to @ret_out (of @size bytes, always terminated, cut if need be)
 * with every byte of 0x00-0x1f and 0x7f-0xff, and the backslash, as \xNN, so that
 * no log line or terminal can be led astray. @length bytes are read.
 */
void cs_strict_escape(const char *text, size_t length, char *ret_out, size_t size);

#endif
