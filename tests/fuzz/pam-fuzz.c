/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pam-fuzz: the PAM module's arguments, a NUL between each two, the first word being the name
 * of a service; and each word as an item that is shown in the log.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdarg.h>

#include "fuzz.h"
#include "options.h"
#include "strict.h"

#define WORDS_MAX 64

/* libpam's, which would write to the log. */
void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	char line[64];
	va_list arguments;

	(void)pamh;
	(void)priority;
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
}

/* ---- arguments ------------------------------------------------------------------------ */

static bool starts(const char *word, const char *start)
{
	return strncmp(word, start, strlen(start)) == 0;
}

/* Are the names of @list those behind @start in the words, in their order? */
static bool has_names(const char *const *list, const struct fuzz_words *words, const char *start)
{
	for (size_t i = 1; i < words->count; i++) {
		if (!starts(words->list[i], start))
			continue;
		if (!*list || strcmp(*list, words->list[i] + strlen(start)) != 0 || **list == '\0')
			return false;
		list++;
	}
	return !*list;
}

static bool is_known(const char *word)
{
	return strcmp(word, "debug") == 0 || strcmp(word, "prepare-only") == 0 ||
	       starts(word, "services=") ||
	       (starts(word, "exempt-user=") && word[12] != '\0') ||
	       (starts(word, "exempt-group=") && word[13] != '\0');
}

/* All of them are known, and there is room. */
static bool may_be(const struct fuzz_words *words)
{
	size_t users = 0, groups = 0;

	for (size_t i = 1; i < words->count; i++) {
		users += starts(words->list[i], "exempt-user=");
		groups += starts(words->list[i], "exempt-group=");
		if (!is_known(words->list[i]))
			return false;
	}
	return users < CS_PAM_EXEMPT_MAX && groups < CS_PAM_EXEMPT_MAX;
}

/* As a list of words with commas is read elsewhere. */
static bool has_service(const char *services, const char *service)
{
	char text[4096], *rest, *word;

	REQUIRE(strlen(services) < sizeof(text));
	(void)snprintf(text, sizeof(text), "%s", services);
	for (word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		if (strcmp(word, service) == 0)
			return true;
	return false;
}

static void check_arguments(const struct fuzz_words *words)
{
	struct cs_pam_options options = { .services = "?" };
	const char *service = words->list[0];
	const char *arguments[WORDS_MAX];
	int result;

	for (size_t i = 1; i < words->count; i++)
		arguments[i - 1] = words->list[i];
	result = cs_pam_options_parse(NULL, (int)words->count - 1, arguments, &options);
	REQUIRE(result == (may_be(words) ? PAM_SUCCESS : PAM_SERVICE_ERR));
	if (result != PAM_SUCCESS) {
		REQUIRE(strcmp(options.services, "?") == 0);
		return;
	}
	REQUIRE(has_names(options.exempt_users, words, "exempt-user="));
	REQUIRE(has_names(options.exempt_groups, words, "exempt-group="));
	/* An empty name is no service's, and asked for by no service. */
	if (service[0] != '\0' && strlen(options.services) < 4096)
		REQUIRE(cs_pam_options_has_service(&options, service) ==
			has_service(options.services, service));
}

/* ---- items ---------------------------------------------------------------------------- */

/* The bytes that @shown stands for. */
static size_t plain_of(const char *shown, uint8_t *ret_bytes)
{
	size_t count = 0;

	while (*shown) {
		unsigned int byte = (unsigned char)*shown;

		if (byte == '\\') {
			REQUIRE(sscanf(shown, "\\x%2x", &byte) == 1);
			shown += 3;
		}
		ret_bytes[count++] = (uint8_t)byte;
		shown++;
	}
	return count;
}

/* In any room: one line, of what the item starts with, and all of it if there is room. */
static void check_item(const uint8_t *data, size_t size, size_t room)
{
	char *shown = malloc(room);
	uint8_t plain[512];
	size_t count;

	REQUIRE(shown && room > 0 && room <= sizeof(plain));
	cs_strict_escape((const char *)data, size, shown, room);
	REQUIRE(strlen(shown) < room && fuzz_is_line(shown, false));
	count = plain_of(shown, plain);
	REQUIRE(count <= size && (count == 0 || memcmp(plain, data, count) == 0));
	REQUIRE(count == size || strlen(shown) + 4 >= room);
	free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t rooms[] = { 1, 2, 5, 80, 256, 512 };
	struct fuzz_words words = fuzz_words_of(data, size, WORDS_MAX);

	if (words.count > 0)
		check_arguments(&words);
	fuzz_words_free(&words);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		check_item(data, size, rooms[i]);
	return 0;
}
