/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz: see fuzz.h. */
#include "fuzz.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpus.h"
#include "fd.h"
#include "idmap.h"
#include "plan_wire.h"
#include "strict.h"

#define TIMEOUT_MS 1000		/* of a file that is always readable */
#define MESSAGE_MAX ((size_t)1 << 18)

/* ---- input ------------------------------------------------------------------------ */

static int file_fd = -1;

int fuzz_file(const void *data, size_t size)
{
	if (file_fd < 0)
		file_fd = memfd_create("fuzz", MFD_CLOEXEC);
	REQUIRE(file_fd >= 0);
	REQUIRE(ftruncate(file_fd, 0) == 0 && lseek(file_fd, 0, SEEK_SET) == 0);
	REQUIRE(cs_fd_write_all(file_fd, data, size) == 0);
	REQUIRE(lseek(file_fd, 0, SEEK_SET) == 0);
	return file_fd;
}

const char *fuzz_file_path(void)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file_fd);	/* fits */
	return path;
}

struct fuzz_words fuzz_words_of(const uint8_t *data, size_t size, size_t max)
{
	struct fuzz_words words = { .list = calloc(max + 1, sizeof(words.list[0])) };

	REQUIRE(words.list);
	while (size > 0 && words.count < max) {
		const uint8_t *end = memchr(data, '\0', size);
		const size_t length = end ? (size_t)(end - data) : size;

		words.list[words.count] = calloc(length + 1, 1);
		REQUIRE(words.list[words.count]);
		memcpy(words.list[words.count++], data, length);
		data += end ? length + 1 : length;
		size -= end ? length + 1 : length;
	}
	return words;
}

void fuzz_words_free(struct fuzz_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
}

/* ---- texts ------------------------------------------------------------------------ */

bool fuzz_is_line(const char *text, bool high)
{
	for (; *text; text++) {
		const unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !high))
			return false;
	}
	return true;
}

void fuzz_check_problems(const struct cs_conf_problems *problems, const char *file)
{
	const size_t length = strlen(file);

	for (size_t i = 0; i < problems->count; i++) {
		const char *line = problems->lines[i];

		REQUIRE(strncmp(line, file, length) == 0 && line[length] == ':');
		REQUIRE(fuzz_is_line(line, false));
	}
}

/* ---- plans ------------------------------------------------------------------------ */

/* A text lies in the plan, or is constant, as some are of a plan that was made. */
static void check_text(const struct cs_plan *plan, const char *text, size_t max)
{
	const char *const start = plan->text, *const end = start + sizeof(plan->text);

	REQUIRE(text);
	if (text >= start && text < end) {
		REQUIRE(text < start + plan->text_size);
		REQUIRE(memchr(text, '\0', (size_t)(start + plan->text_size - text)));
	}
	REQUIRE(strlen(text) < max);
}

/* One that is constant is a row's of plan.c: to look at each of these takes most of the time. */
static void check_path(const struct cs_plan *plan, const char *path)
{
	if (path < plan->text || path >= plan->text + sizeof(plan->text))
		return;
	check_text(plan, path, CS_PLAN_PATH_MAX);
	REQUIRE(cs_strict_is_path(path));
}

static void check_mount(const struct cs_plan *plan, const struct cs_mount *mount)
{
	check_path(plan, mount->target);
	REQUIRE((unsigned int)mount->kind < CS_MOUNT_KINDS);
	REQUIRE((mount->flags & ~(unsigned int)CS_MOUNT_FLAGS_ALL) == 0 && mount->mode <= 07777);
	if (cs_mount_has_source(mount->kind))
		check_path(plan, mount->source);
	else
		REQUIRE(mount->source[0] == '\0');
}

void fuzz_check_plan(const struct cs_plan *plan)
{
	REQUIRE(plan->mount_count <= CS_PLAN_MOUNTS_MAX && plan->link_count <= CS_PLAN_LINKS_MAX &&
		plan->limit_count <= CS_LIMIT_KINDS && plan->text_size <= CS_PLAN_TEXT_MAX);
	check_text(plan, plan->user, CS_PLAN_TEXT_MAX);
	check_text(plan, plan->maintenance, CS_PLAN_TEXT_MAX);
	check_text(plan, plan->pass_environment, CS_PLAN_TEXT_MAX);
	check_text(plan, plan->passwd, CS_PLAN_TEXT_MAX);
	check_text(plan, plan->group, CS_PLAN_TEXT_MAX);
	check_text(plan, plan->uid_map, CS_IDMAP_TEXT_MAX);
	check_text(plan, plan->gid_map, CS_IDMAP_TEXT_MAX);
	check_text(plan, plan->cpuset, CS_CPUS_TEXT_MAX);
	check_text(plan, plan->netns, CS_PLAN_NETNS_MAX);
	check_text(plan, plan->class_name, CS_PLAN_TEXT_MAX);
	REQUIRE(cs_strict_is_class_name(plan->class_name));
	check_path(plan, plan->home);
	check_path(plan, plan->shell);
	if (plan->fstab[0] != '\0')
		check_path(plan, plan->fstab);
	if (plan->root != CS_ROOT_HOST)
		check_path(plan, plan->image);
	if (plan->seccomp == CS_SECCOMP_FILE)
		check_path(plan, plan->seccomp_file);
	REQUIRE(plan->network == CS_NETWORK_NETNS ? cs_strict_is_netns_name(plan->netns) :
						    plan->netns[0] == '\0');
	for (size_t i = 0; i < plan->mount_count; i++)
		check_mount(plan, &plan->mounts[i]);
	for (size_t i = 0; i < plan->link_count; i++) {
		check_path(plan, plan->links[i].path);
		check_path(plan, plan->links[i].target);
	}
	for (size_t i = 0; i < plan->limit_count; i++)
		REQUIRE(cs_limit_is_sound(&plan->limits[i]));
}

static void check_same_mounts(const struct cs_plan *one, const struct cs_plan *other)
{
	REQUIRE(one->mount_count == other->mount_count && one->link_count == other->link_count);
	for (size_t i = 0; i < one->mount_count; i++) {
		const struct cs_mount *a = &one->mounts[i], *b = &other->mounts[i];

		REQUIRE(a->kind == b->kind && a->flags == b->flags && a->mode == b->mode &&
			a->size == b->size && strcmp(a->target, b->target) == 0 &&
			strcmp(a->source, b->source) == 0);
	}
	for (size_t i = 0; i < one->link_count; i++)
		REQUIRE(strcmp(one->links[i].path, other->links[i].path) == 0 &&
			strcmp(one->links[i].target, other->links[i].target) == 0);
}

/* Each member of struct cs_plan. */
static void check_same(const struct cs_plan *one, const struct cs_plan *other)
{
	const struct {
		const char *one, *other;
	} texts[] = {
		{ one->user, other->user },	{ one->home, other->home },
		{ one->class_name, other->class_name }, { one->shell, other->shell },
		{ one->uid_map, other->uid_map }, { one->gid_map, other->gid_map },
		{ one->pass_environment, other->pass_environment },
		{ one->seccomp_file, other->seccomp_file }, { one->image, other->image },
		{ one->passwd, other->passwd },	{ one->group, other->group },
		{ one->netns, other->netns },	{ one->maintenance, other->maintenance },
		{ one->fstab, other->fstab },	{ one->cpuset, other->cpuset },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		REQUIRE(strcmp(texts[i].one, texts[i].other) == 0);
	REQUIRE(one->uid == other->uid && one->gid == other->gid);
	REQUIRE(one->identity == other->identity && one->allow_root == other->allow_root);
	REQUIRE(one->nested == other->nested && one->seccomp == other->seccomp);
	REQUIRE(one->keep_groups == other->keep_groups && one->root == other->root);
	REQUIRE(one->writable == other->writable && one->writable_size == other->writable_size);
	REQUIRE(one->network == other->network && one->scope == other->scope);
	REQUIRE(one->recycle == other->recycle && one->linger_ms == other->linger_ms);
	REQUIRE(one->stop_timeout_ms == other->stop_timeout_ms);
	REQUIRE(one->max_sessions == other->max_sessions && one->max_age_ms == other->max_age_ms);
	REQUIRE(one->idle_timeout_ms == other->idle_timeout_ms);
	REQUIRE(one->maintenance_sftp == other->maintenance_sftp);
	REQUIRE(one->devices == other->devices && one->limit_count == other->limit_count);
	REQUIRE(memcmp(one->limits, other->limits,
		       one->limit_count * sizeof(one->limits[0])) == 0);
	check_same_mounts(one, other);
}

/* The bytes that @plan is sent as, or 0 if it has no room. */
static size_t sent(const struct cs_plan *plan, uint8_t *ret_bytes)
{
	const struct cs_conf_stamp stamp = { { 7, 9 } };
	const int fd = fuzz_file("", 0);
	const int result = cs_plan_send(fd, plan, &stamp);
	ssize_t got;

	REQUIRE(result == 0 || result == -E2BIG);
	if (result < 0)
		return 0;
	got = pread(fd, ret_bytes, MESSAGE_MAX, 0);
	REQUIRE(got > 0 && (size_t)got < MESSAGE_MAX && lseek(fd, 0, SEEK_SET) == 0);
	return (size_t)got;
}

void fuzz_check_round_trip(const struct cs_plan *plan, bool full)
{
	static struct cs_plan arrived;
	static uint8_t first[MESSAGE_MAX], second[MESSAGE_MAX];
	struct cs_plan_refusal refusal;
	struct cs_conf_stamp stamp;
	const size_t size = sent(plan, first);

	REQUIRE(size > 0 || full);
	if (size == 0)
		return;
	REQUIRE(cs_plan_receive(file_fd, TIMEOUT_MS, &arrived, &stamp, &refusal) == 0);
	REQUIRE(stamp.hash[0] == 7 && stamp.hash[1] == 9);
	check_same(plan, &arrived);
	REQUIRE(sent(&arrived, second) == size && memcmp(first, second, size) == 0);
}
