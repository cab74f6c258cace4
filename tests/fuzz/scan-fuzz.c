/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan-fuzz: what lib/policy/conf_scan.c takes, iniparser reads the very same way.
 *
 * conf.c refuses a file on which the two differ, "iniparser reads it in another way";
 * that it ever has to is a trap that the scan does not know.
 */
#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include "conf_scan.h"
#include "fuzz.h"
#include "strict.h"

#define FILE_NAME "FILE"

static int say_nothing(const char *format, ...)
{
	(void)format;
	return 0;
}

/* Has @dictionary the item, with the same value? It is one section or one key that it has. */
static void check_item(const dictionary *dictionary, const struct cs_conf_item *item)
{
	char name[sizeof(item->section) + 1 + sizeof(item->key)];
	const char *value;

	(void)snprintf(name, sizeof(name), "%s%s%s", item->section, item->value ? ":" : "",
		       item->key);	/* fits */
	REQUIRE(iniparser_find_entry(dictionary, name) == 1);
	if (!item->value)
		return;
	value = iniparser_getstring(dictionary, name, NULL);
	REQUIRE(value && strcmp(value, item->value) == 0);
}

static void check_iniparser(const uint8_t *data, size_t size, const struct cs_conf_scan *scan)
{
	dictionary *dictionary;
	int sections = 0;

	(void)fuzz_file(data, size);
	iniparser_set_error_callback(say_nothing);
	dictionary = iniparser_load(fuzz_file_path());
	REQUIRE(dictionary);
	REQUIRE((size_t)dictionary->n == scan->count);
	for (size_t i = 0; i < scan->count; i++) {
		check_item(dictionary, &scan->items[i]);
		sections += !scan->items[i].value;
	}
	REQUIRE(iniparser_getnsec(dictionary) == sections);
	iniparser_freedict(dictionary);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* The start of line @number, and its length without the blanks around it. */
static const char *line_at(const char *data, size_t size, unsigned int number, size_t *ret_length)
{
	const char *end;

	for (; number > 1; number--) {
		end = memchr(data, '\n', size);
		REQUIRE(end);
		size -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	end = memchr(data, '\n', size);
	if (end)
		size = (size_t)(end - data);
	for (; size > 0 && is_blank(*data); size--)
		data++;
	while (size > 0 && is_blank(data[size - 1]))
		size--;
	*ret_length = size;
	return data;
}

/* What the eye sees in the line is what the item says. */
static void check_line(const char *data, size_t size, const struct cs_conf_item *item)
{
	const size_t key = strlen(item->key), section = strlen(item->section);
	size_t length;
	const char *line = line_at(data, size, item->line, &length);

	REQUIRE(cs_strict_is_class_name(item->section));
	if (!item->value) {
		REQUIRE(key == 0 && length == section + 2 && line[0] == '[' &&
			memcmp(line + 1, item->section, section) == 0 && line[length - 1] == ']');
		return;
	}
	REQUIRE(cs_strict_is_class_name(item->key));
	REQUIRE(fuzz_is_line(item->value, false) || strchr(item->value, '\t'));
	REQUIRE(length > key && memcmp(line, item->key, key) == 0);
	REQUIRE(length >= strlen(item->value) &&
		memcmp(line + length - strlen(item->value), item->value, strlen(item->value)) == 0);
	for (line += key; is_blank(*line); line++)
		;
	REQUIRE(*line == '=');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_conf_problems problems = { 0 };
	struct cs_conf_scan scan;

	if (size > CS_CONF_FILE_MAX)
		return -1;
	REQUIRE(cs_conf_scan_bytes(FILE_NAME, (const char *)data, size, &scan, &problems) == 0);
	fuzz_check_problems(&problems, FILE_NAME);
	for (size_t i = 0; i < scan.count; i++)
		check_line((const char *)data, size, &scan.items[i]);
	if (problems.count == 0)
		check_iniparser(data, size, &scan);
	cs_conf_scan_free(&scan);
	cs_conf_problems_free(&problems);
	return 0;
}
