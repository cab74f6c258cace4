/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_scan: the strict line scan of a configuration file.
 *
 * Floor 1. Runs as root in the planner and as anyone in --check-config. Must
 * not open anything, and must refuse whatever iniparser 4.1 or 4.2 would read
 * in another way than the eye: each refusal below names the trap.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_scan.h"
#include "fd.h"
#include "strict.h"

/* Where the scan is; @section is "" before the first and after a bad one. */
struct scanner {
	const char *file;
	unsigned int line;
	char section[33];
	bool in_section;
	struct cs_conf_scan *scan;
	struct cs_conf_problems *problems;
};

int cs_conf_scan_add(struct cs_conf_problems *problems, const char *text)
{
	char **grown, *copy;

	grown = reallocarray(problems->lines, problems->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	problems->lines = grown;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	grown[problems->count++] = copy;
	return 0;
}

int cs_conf_scan_problem(struct cs_conf_problems *problems, const char *file,
			 unsigned int line, const char *section, const char *key,
			 const char *what)
{
	bool in_section = section && section[0], in_key = key && key[0];
	cs_autofree char *text = NULL;
	char number[16] = "";

	if (line > 0)
		(void)snprintf(number, sizeof(number), ":%u", line);	/* always fits */
	if (asprintf(&text, "%s%s: %s%s%s%s%s%s%s", file, number, in_section ? "[" : "",
		     in_section ? section : "", in_section ? "]" : "",
		     in_section && in_key ? " " : "", in_key ? key : "",
		     in_section || in_key ? ": " : "", what) < 0) {
		text = NULL;	/* undefined otherwise */
		return -ENOMEM;
	}
	return cs_conf_scan_add(problems, text);
}

static int refuse(const struct scanner *at, const char *key, const char *what)
{
	return cs_conf_scan_problem(at->problems, at->file, at->line, at->section, key, what);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Cut blanks off both ends of @text, in place. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static bool has_upper(const char *text)
{
	return strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
}

/* What is wrong with @name as a section or key, or NULL. */
static const char *name_fault(const char *name)
{
	if (cs_strict_is_class_name(name))
		return NULL;
	if (has_upper(name))	/* iniparser would fold the case: [Alice] and [alice] are one */
		return "names of sections and keys have no upper case";
	if (strchr(name, ':'))	/* it joins both with one: [a] b:c would be [a:b] c */
		return "names of sections and keys have no colon";
	return "names of sections and keys are 1 to 32 of a-z, 0-9 and -, a letter first";
}

/* What is wrong with @value, or NULL. */
static const char *value_fault(const char *value)
{
	if (value[0] == '\0')
		return "the value is empty";
	if (strpbrk(value, "\"'"))	/* taken off, or not, by version and place */
		return "a value has no quotes";
	if (strpbrk(value, ";#"))	/* the rest would be cut off, blank before it or not */
		return "a value has no ; or #, and no comment after it";
	for (const char *byte = value; *byte; byte++) {
		if ((unsigned char)*byte > 0x7e)
			return "a value has no bytes outside ASCII";
	}
	return NULL;
}

/* What is wrong with the bytes of a whole line, or NULL. */
static const char *line_fault(const char *text, size_t length)
{
	if (length > CS_CONF_LINE_MAX)
		return "the line is longer than 1000 bytes";
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '\0')
			return "the line has a NUL byte";
		if (byte == '\r')
			return "the line has a carriage return";
		if (byte == 0x7f || (byte < 0x20 && byte != '\t'))
			return "the line has a control character";
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	if (length > 0 && text[length - 1] == '\\')	/* of a comment, too */
		return "a backslash at the end would join the next line";
	return NULL;
}

/* The item of [@section] @key, or NULL; the key "" is the section itself. */
static const struct cs_conf_item *find(const struct cs_conf_scan *scan, const char *section,
				       const char *key)
{
	for (size_t i = 0; i < scan->count; i++) {
		if (strcmp(scan->items[i].section, section) == 0 &&
		    strcmp(scan->items[i].key, key) == 0)
			return &scan->items[i];
	}
	return NULL;
}

/* @key and the scanner's section are class names, and so fit. */
static int add(const struct scanner *at, const char *key, const char *value)
{
	struct cs_conf_scan *scan = at->scan;
	struct cs_conf_item *item;

	if (scan->count == scan->room) {
		size_t room = scan->room ? scan->room * 2 : 32;

		item = reallocarray(scan->items, room, sizeof(*item));
		if (!item)
			return -ENOMEM;
		scan->items = item;
		scan->room = room;
	}
	item = &scan->items[scan->count];
	memset(item, 0, sizeof(*item));
	item->line = at->line;
	memcpy(item->section, at->section, strlen(at->section));
	memcpy(item->key, key, strlen(key));
	if (value) {
		item->value = strdup(value);
		if (!item->value)
			return -ENOMEM;
	}
	scan->count++;
	return 0;
}

/* @text starts with '['. */
static int scan_section(struct scanner *at, char *text)
{
	size_t length = strlen(text);
	const char *fault = "a [section] line ends with its ]";

	at->in_section = true;
	at->section[0] = '\0';	/* the keys below a bad one belong to none */
	if (text[length - 1] == ']') {
		text[length - 1] = '\0';
		fault = name_fault(text + 1);
	}
	if (fault)
		return refuse(at, NULL, fault);
	memcpy(at->section, text + 1, length - 1);
	if (find(at->scan, at->section, ""))
		return refuse(at, NULL, "the section is here twice in this file");
	return add(at, "", NULL);
}

static int scan_key(struct scanner *at, char *text)
{
	char *equals = strchr(text, '=');
	const char *fault, *key, *value;

	if (!equals)
		return refuse(at, NULL, "is no comment, no [section] and no key = value");
	*equals = '\0';
	key = trim(text);
	value = trim(equals + 1);
	fault = name_fault(key);
	if (fault)
		return refuse(at, NULL, fault);
	if (!at->in_section)
		return refuse(at, key, "stands before any [section]");
	fault = value_fault(value);
	if (fault)
		return refuse(at, key, fault);
	if (at->section[0] == '\0')
		return 0;	/* its section was refused already */
	if (find(at->scan, at->section, key))
		return refuse(at, key, "the key is here twice in this section");
	return add(at, key, value);
}

/* One line of @length bytes, its line end not among them. */
static int scan_line(struct scanner *at, const char *text, size_t length)
{
	const char *fault = line_fault(text, length);
	char copy[CS_CONF_LINE_MAX + 1], *trimmed;

	if (fault)
		return refuse(at, NULL, fault);
	memcpy(copy, text, length);
	copy[length] = '\0';
	trimmed = trim(copy);
	switch (trimmed[0]) {
	case '\0':
	case '#':
	case ';':
		return 0;
	case '[':
		return scan_section(at, trimmed);
	default:
		return scan_key(at, trimmed);
	}
}

int cs_conf_scan_bytes(const char *file, const char *data, size_t size,
		       struct cs_conf_scan *ret_scan, struct cs_conf_problems *problems)
{
	struct scanner at = { .file = file, .scan = ret_scan, .problems = problems };
	int err = 0;

	memset(ret_scan, 0, sizeof(*ret_scan));
	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		at.line = 1;
		return refuse(&at, NULL, "the file starts with a byte order mark");
	}
	while (err == 0 && size > 0) {
		const char *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;
		size_t step = end ? length + 1 : length;

		at.line++;
		err = scan_line(&at, data, length);
		data += step;
		size -= step;
	}
	return err;
}

void cs_conf_scan_free(struct cs_conf_scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		free(scan->items[i].value);
	free(scan->items);
	memset(scan, 0, sizeof(*scan));
}
