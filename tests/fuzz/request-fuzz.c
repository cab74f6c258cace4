/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request-fuzz: the helper's arguments, a NUL between each two. What is taken has each word of
 * them in its place, and nobody but root enters, or prepares.
 */
#include <errno.h>

#include "fuzz.h"
#include "request.h"
#include "strict.h"

#define WORDS_MAX 64

/* Written out again: the words in any order, as options come, is as many as there were. */
static size_t words_of(const struct cs_request *request)
{
	size_t count = 2;	/* the program and the verb */

	if (request->verb == CS_VERB_ENTER)
		count += 2;
	if (request->verb == CS_VERB_PREPARE)
		count += 5;
	count += request->login + request->agent + request->as_root;
	count += request->command ? 2 : 0;
	count += request->shell ? 2 : 0;
	if (request->verb == CS_VERB_ENTER && request->argv)
		count++;	/* "--" */
	for (char *const *word = request->argv; word && *word; word++)
		count++;
	return count;
}

static bool is_among(const struct fuzz_words *words, const char *text)
{
	for (size_t i = 2; i < words->count; i++)
		if (words->list[i] == text)
			return true;
	return false;
}

static void check_texts(const struct fuzz_words *words, const struct cs_request *request)
{
	const char *const texts[] = {
		request->command, request->instance, request->shell, request->tty, request->from,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		REQUIRE(!texts[i] || is_among(words, texts[i]));
	REQUIRE(!request->argv || (request->argv > words->list &&
				   request->argv <= words->list + words->count));
	REQUIRE(!request->shell || cs_strict_is_path(request->shell));
	REQUIRE(!request->command || !request->argv);
}

/* Below the user's own directory, and not hidden. */
static void check_instance(const char *name)
{
	REQUIRE(name[0] != '\0' && name[0] != '.' && !strchr(name, '/') && strlen(name) < 64);
	REQUIRE(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(name));
}

static void check(const struct fuzz_words *words, bool by_root)
{
	struct cs_request request = { .verb = (enum cs_verb)4711 };
	const int result = cs_request_parse((int)words->count, words->list, by_root, &request);

	REQUIRE(result == 0 || result == -EINVAL);
	if (result < 0) {
		REQUIRE(request.verb == (enum cs_verb)4711);
		return;
	}
	REQUIRE(by_root || request.verb == CS_VERB_RUN || request.verb == CS_VERB_TIDY);
	check_texts(words, &request);
	REQUIRE(words_of(&request) == words->count);
	if (request.verb == CS_VERB_RUN || request.verb == CS_VERB_TIDY)
		REQUIRE(request.uid == 0 && !request.instance && !request.shell && !request.argv &&
			!request.as_root && !request.tty && !request.from && request.pid == 0);
	else
		REQUIRE(request.uid != 0 && request.uid != (uid_t)-1 && !request.agent);
	if (request.verb == CS_VERB_ENTER)
		check_instance(request.instance);
	if (request.verb == CS_VERB_PREPARE)
		REQUIRE(request.tty && request.from && request.argv && request.pid >= 0 &&
			request.gid != (gid_t)-1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_words words = fuzz_words_of(data, size, WORDS_MAX);

	check(&words, false);
	check(&words, true);
	fuzz_words_free(&words);
	return 0;
}
