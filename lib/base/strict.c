/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * strict: text to values, all of it or nothing.
 *
 * Floor 0. Runs anywhere, as anyone. Must not consult the locale (so no
 * isalpha(3)), allocate, print, or keep state.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "strict.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct unit {
	const char *name;
	uint64_t factor;
};

/*
 * The number that the digits at the start of @text make; returns how many
 * there are. Too big a number sets *@overflow and leaves it to the caller,
 * which must first see whether the rest is of the form.
 */
static size_t take_number(const char *text, uint64_t *ret_value, bool *overflow)
{
	size_t length = strspn(text, DIGITS);
	uint64_t value = 0;

	for (size_t i = 0; i < length; i++) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
			*overflow = true;
	}
	*ret_value = value;
	return length;
}

/* The factor of the unit of exactly @length bytes at @name, or 0. */
static uint64_t unit_factor(const struct unit *units, size_t count, const char *name,
			    size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0)
			return units[i].factor;
	}
	return 0;
}

int cs_strict_u64(const char *text, uint64_t max, uint64_t *ret_value)
{
	bool overflow = false;
	uint64_t value;
	size_t length = take_number(text, &value, &overflow);

	if (length == 0 || text[length] != '\0')
		return -EINVAL;
	if (overflow || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int cs_strict_size(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "K", UINT64_C(1) << 10 },
		{ "M", UINT64_C(1) << 20 },
		{ "G", UINT64_C(1) << 30 },
		{ "T", UINT64_C(1) << 40 },
	};
	bool overflow = false;
	uint64_t value, factor;
	size_t length = take_number(text, &value, &overflow);

	factor = unit_factor(units, COUNT(units), text + length, strlen(text + length));
	if (length == 0 || factor == 0)
		return -EINVAL;
	if (overflow || __builtin_mul_overflow(value, factor, &value))
		return -ERANGE;
	*ret_bytes = value;
	return 0;
}

/* Add one NUMBER UNIT pair to *@total; returns its length, or 0 if it is none. */
static size_t take_span(const char *text, uint64_t *total, bool *overflow)
{
	static const struct unit units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "min", 60 * 1000 },
		{ "h", 60 * 60 * 1000 },
		{ "d", 24 * 60 * 60 * 1000 },
	};
	uint64_t value, factor;
	size_t digits = take_number(text, &value, overflow);
	size_t letters = strspn(text + digits, LOWER);

	factor = unit_factor(units, COUNT(units), text + digits, letters);
	if (digits == 0 || factor == 0)
		return 0;
	if (__builtin_mul_overflow(value, factor, &value) ||
	    __builtin_add_overflow(*total, value, total))
		*overflow = true;
	return digits + letters;
}

int cs_strict_time(const char *text, uint64_t *ret_ms)
{
	uint64_t total = 0;
	bool overflow = false;
	int err = cs_strict_u64(text, UINT64_MAX / 1000, &total);

	if (err == 0)
		total *= 1000;
	if (err == -ERANGE)
		return err;
	while (err < 0 && *text != '\0') {
		size_t length = take_span(text, &total, &overflow);

		if (length == 0)
			return -EINVAL;
		text += length;
		/* a blank only between two pairs */
		if (text[0] == ' ' && text[1] != '\0')
			text += strspn(text, " ");
		else if (*text == '\0')
			err = 0;
	}
	if (err < 0)
		return err;
	if (overflow)
		return -ERANGE;
	*ret_ms = total;
	return 0;
}

int cs_strict_bool(const char *text, bool *ret_value)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "yes", true }, { "true", true }, { "on", true }, { "1", true },
		{ "no", false }, { "false", false }, { "off", false }, { "0", false },
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*ret_value = words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

bool cs_strict_is_class_name(const char *text)
{
	size_t length = strspn(text, LOWER DIGITS "-");

	return length >= 1 && length <= 32 && text[length] == '\0' && strspn(text, LOWER) > 0;
}

bool cs_strict_is_user_name(const char *text)
{
	size_t length = strlen(text);

	if (length < 1 || length > 255 || text[0] == '-')
		return false;
	/* SECURITY: a name of digits would be taken for a uid somewhere (sudo CVE-2019-14287). */
	if (strspn(text, DIGITS) == length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > 0x7e)
			return false;
	}
	return strpbrk(text, ":,/\\\"'`*") == NULL;
}

bool cs_strict_is_netns_name(const char *text)
{
	size_t length = strlen(text);

	if (length < 1 || length > 64 || text[0] == '.' || text[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > 0x7e)
			return false;
	}
	return strpbrk(text, "/\\\"'`") == NULL;
}

bool cs_strict_is_verity(const char *text)
{
	static const char prefix[] = "sha256:";		/* and "sha512:" is as long */
	const size_t begin = sizeof(prefix) - 1;
	size_t digits;

	if (strncmp(text, prefix, begin) == 0)
		digits = 64;
	else if (strncmp(text, "sha512:", begin) == 0)
		digits = 128;
	else
		return false;
	return strspn(text + begin, DIGITS "abcdef") == digits && text[begin + digits] == '\0';
}

bool cs_strict_is_env_name(const char *text)
{
	size_t length = strspn(text, UPPER LOWER "_" DIGITS);

	return length >= 1 && length <= 63 && text[length] == '\0' &&
	       strspn(text, DIGITS) == 0;
}

bool cs_strict_is_device_name(const char *text)
{
	static const char *const ours[] = { "pts", "shm", "mqueue", "fd" };
	size_t length = strlen(text);

	if (length < 1 || length > 63 || strspn(text, UPPER LOWER DIGITS "._:+-/") != length ||
	    text[length - 1] == '/')
		return false;
	for (const char *part = text; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (*part == '/' || *part == '.')
			return false;
	}
	for (size_t i = 0; i < COUNT(ours); i++) {
		size_t own = strlen(ours[i]);

		if (strncmp(text, ours[i], own) == 0 && (text[own] == '/' || text[own] == '\0'))
			return false;
	}
	return strncmp(text, "std", 3) != 0 && text[0] != '/';
}

/* Is the component of @length bytes one that a plain path may have? */
static bool is_plain_component(const char *text, size_t length)
{
	if (length == 0 || (length == 1 && text[0] == '.') ||
	    (length == 2 && text[0] == '.' && text[1] == '.'))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x20 || byte == 0x7f)
			return false;
	}
	return true;
}

bool cs_strict_is_path(const char *text)
{
	if (text[0] != '/' || strlen(text) >= PATH_MAX)
		return false;
	if (text[1] == '\0')
		return true;
	while (*text == '/') {
		size_t length = strcspn(++text, "/");

		if (!is_plain_component(text, length))
			return false;
		text += length;
	}
	return true;
}

bool cs_strict_path_within(const char *path, const char *ancestor)
{
	size_t length = strlen(ancestor);

	if (length == 1)
		return true;	/* "/" holds every path */
	/* SECURITY: by whole components; /srv/a must not be taken to hold /srv/ab. */
	return strncmp(path, ancestor, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

void cs_strict_escape(const char *text, size_t length, char *ret_out, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	if (size == 0)
		return;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool plain = byte >= 0x20 && byte < 0x7f && byte != '\\';

		/* cut between two bytes of the text, never within an escape */
		if (used + (plain ? 1 : 4) >= size)
			break;
		if (plain) {
			ret_out[used++] = (char)byte;
			continue;
		}
		ret_out[used++] = '\\';
		ret_out[used++] = 'x';
		ret_out[used++] = hex[byte >> 4];
		ret_out[used++] = hex[byte & 15];
	}
	ret_out[used] = '\0';
}
