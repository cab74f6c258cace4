/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fstab-fuzz: each line of an fstab is a mount, a problem, or plainly nothing: none is passed
 * over. What a mount is of is in the line.
 */
#include <errno.h>

#include "conf_keys.h"
#include "conf_mounts.h"
#include "fstab.h"
#include "fuzz.h"
#include "mount_text.h"
#include "strict.h"

#define FILE_NAME "/etc/container-shell/fstab"
#define BLANKS " \t"

static bool is_layer(const struct cs_conf_mount *mount)
{
	return mount->kind == CS_MOUNT_LOWER || mount->kind == CS_MOUNT_UPPER ||
	       mount->kind == CS_MOUNT_WORK;
}

static const char *fault_of(const char *path, const char *(*rule)(const char *path))
{
	const char *fault = cs_mount_text_fault(path);

	return fault || strchr(path, '%') ? fault : rule(path);
}

/* The second word of the line, which is the mount point, unless something stands for a byte. */
static void check_target(const char *line, size_t length, const struct cs_conf_mount *mount)
{
	char text[4096], *rest, *word;

	REQUIRE(length < sizeof(text));
	memcpy(text, line, length);
	text[length] = '\0';
	if (strchr(text, '\\'))
		return;
	(void)strtok_r(text, BLANKS, &rest);
	word = strtok_r(NULL, BLANKS, &rest);
	REQUIRE(word && strcmp(word, mount->target) == 0);
}

static void check_mount(const struct cs_conf_mount *mount)
{
	const unsigned int always = CS_MOUNT_GIVEN | CS_MOUNT_NOSUID | CS_MOUNT_NODEV;

	REQUIRE((mount->flags & always) == always && mount->mode <= 07777);
	REQUIRE((mount->flags & ~(unsigned int)CS_MOUNT_FLAGS_ALL) == 0);
	REQUIRE(!fault_of(mount->target, cs_mount_text_target_fault));
	if (cs_mount_has_source(mount->kind))
		REQUIRE(!fault_of(mount->source, cs_mount_text_source_fault));
	else
		REQUIRE(mount->source[0] == '\0');
	if (cs_mount_is_image(mount->kind) || mount->kind == CS_MOUNT_SYSFS)
		REQUIRE((mount->flags & CS_MOUNT_RO) != 0);
	if (mount->kind == CS_MOUNT_TMPFS)
		REQUIRE(mount->size >= 4096);
}

static bool has_problem(const struct cs_conf_problems *problems, unsigned int line)
{
	char start[sizeof(FILE_NAME) + 16];
	const int length = snprintf(start, sizeof(start), FILE_NAME ":%u:", line);

	for (size_t i = 0; i < problems->count; i++)
		if (strncmp(problems->lines[i], start, (size_t)length) == 0)
			return true;
	return false;
}

static void check_line(const struct cs_conf_class *class, const struct cs_conf_problems *problems,
		       unsigned int number, const char *line, size_t length)
{
	const bool bad = has_problem(problems, number);
	size_t blanks = 0, found = 0;

	for (size_t i = 0; i < class->mount_count; i++) {
		const struct cs_conf_mount *mount = &class->mounts[i];

		if (mount->where.line != number || is_layer(mount))
			continue;
		found++;
		check_target(line, length, mount);
	}
	while (blanks < length && strchr(BLANKS, line[blanks]) && line[blanks] != '\0')
		blanks++;
	if (blanks == length || line[blanks] == '#')
		REQUIRE(found == 0);	/* a problem it may be all the same, by its bytes */
	else
		REQUIRE(bad ? found <= 1 : found == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cs_conf_class class = { .name = "some" };
	struct cs_conf_problems problems = { 0 };
	const char *text = (const char *)data;
	unsigned int number = 1;

	if (size > CS_CONF_FILE_MAX)
		return -1;
	REQUIRE(cs_conf_keys_set_defaults(&class) == 0);
	REQUIRE(cs_conf_keys_set(cs_conf_keys_find("fstab"), FILE_NAME, &class) == 0);
	REQUIRE(cs_fstab_take(&class, text, size, &problems) == 0 && class.fstab_taken);
	fuzz_check_problems(&problems, FILE_NAME);
	REQUIRE(class.mount_count <= CS_CONF_MOUNTS_MAX);
	/* A line with a problem may have come to a mount, too: then there is no plan. */
	for (size_t i = 0; i < class.mount_count; i++)
		if (!has_problem(&problems, class.mounts[i].where.line))
			check_mount(&class.mounts[i]);
	for (; size > 0; number++) {
		const char *end = memchr(text, '\n', size);
		const size_t length = end ? (size_t)(end - text) : size;

		check_line(&class, &problems, number, text, length);
		text += end ? length + 1 : length;
		size -= end ? length + 1 : length;
	}
	cs_conf_mounts_free(&class);
	cs_conf_keys_free(&class);
	cs_conf_problems_free(&problems);
	return 0;
}
