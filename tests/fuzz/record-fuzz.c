/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record-fuzz: the record of a container, and the process that it names.
 *
 * The first byte says what the others are: a record's bytes; how many bytes a good record is
 * short of, and its changes, each of five bytes, a place, a length and what is put there; or the
 * name of a process, which is its own to choose and stands in the midst of /proc/PID/stat.
 *
 * No file is opened: the calls are the ones below, and give the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "record.h"

#define INSTANCE "default"
#define START 123456789
#define CHANGE_BYTES 5
#define COMM_MAX 64

/* ---- the calls ------------------------------------------------------------------------ */

static int file_fd = -1;

/* The file, from its start. */
static int open_file(int flags)
{
	if ((flags & O_TRUNC) != 0)
		REQUIRE(ftruncate(file_fd, 0) == 0);
	REQUIRE(lseek(file_fd, 0, SEEK_SET) == 0);
	return dup(file_fd);
}

int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int dir_fd, const char *path, int flags, ...);
int __wrap_fstat(int fd, struct stat *ret_info);
int __wrap_fstatat(int dir_fd, const char *path, struct stat *ret_info, int flags);

int __wrap_open(const char *path, int flags, ...)
{
	(void)path;
	return open_file(flags);
}

int __wrap_openat(int dir_fd, const char *path, int flags, ...)
{
	(void)dir_fd;
	(void)path;
	return open_file(flags);
}

int __wrap_fstat(int fd, struct stat *ret_info)
{
	(void)fd;
	*ret_info = (struct stat){ .st_mode = S_IFREG | 0600, .st_nlink = 1 };
	return 0;
}

int __wrap_fstatat(int dir_fd, const char *path, struct stat *ret_info, int flags)
{
	(void)dir_fd;
	(void)path;
	(void)flags;
	*ret_info = (struct stat){ .st_mode = S_IFREG | 0600, .st_ino = 4711 };
	return 0;
}

/* ---- the record ------------------------------------------------------------------------- */

#define TEXT(member) \
	{ offsetof(struct cs_record, member), sizeof(((struct cs_record *)NULL)->member) }

/* Each array of characters in struct cs_record. */
static const struct {
	size_t offset, size;
} texts[] = {
	TEXT(instance), TEXT(class_name), TEXT(cgroup), TEXT(network), TEXT(user), TEXT(home),
	TEXT(shell), TEXT(pass_environment), TEXT(maintenance), TEXT(fstab), TEXT(seccomp_file),
	TEXT(image), TEXT(layer),
};

static void check_record(const void *bytes, size_t size)
{
	struct cs_record *record = calloc(1, sizeof(*record));
	int result;

	REQUIRE(record);
	file_fd = fuzz_file(bytes, size);
	result = cs_record_read(-1, INSTANCE, record);
	REQUIRE(result == 0 || result == -EBADMSG);
	REQUIRE(result < 0 || size >= sizeof(*record));
	if (result == 0) {
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			REQUIRE(memchr((const char *)record + texts[i].offset, '\0',
				       texts[i].size));
		REQUIRE(strcmp(record->instance, INSTANCE) == 0);
		REQUIRE(record->limit_count <= CS_LIMIT_SESSION_MAX);
	}
	free(record);
}

/* One that is written as the helper writes it. */
static const struct cs_record *good_record(void)
{
	static struct cs_record record = {
		.instance = INSTANCE, .class_name = "default", .user = "alice",
		.home = "/home/alice", .shell = "/bin/bash", .layer = "0123456789abcdef",
	};

	if (record.magic == 0) {
		file_fd = fuzz_file("", 0);
		REQUIRE(cs_record_prepare(-1, &record, NULL, 0) == 0 && record.magic != 0);
	}
	return &record;
}

static void check_changes(const uint8_t *data, size_t size)
{
	struct cs_record record = *good_record();
	uint8_t *bytes = (uint8_t *)&record;
	size_t short_of = 0;

	if (size >= 2) {
		short_of = (size_t)(data[0] << 8 | data[1]) % sizeof(record);
		data += 2;
		size -= 2;
	}
	for (; size >= CHANGE_BYTES; size -= CHANGE_BYTES, data += CHANGE_BYTES) {
		const size_t at = (size_t)(data[0] << 8 | data[1]) % sizeof(record);
		const size_t length = (size_t)(data[2] << 8 | data[3]);
		const size_t room = sizeof(record) - at;

		memset(bytes + at, data[4], length < room ? length : room);
	}
	check_record(bytes, sizeof(record) - short_of);
}

/* ---- the process ------------------------------------------------------------------------ */

static void check_name(const uint8_t *data, size_t size)
{
	struct cs_record record = { 0 };
	char text[512], name[COMM_MAX + 1];
	int length;

	if (size > COMM_MAX)
		size = COMM_MAX;
	memcpy(name, data, size);
	name[size] = '\0';
	length = snprintf(text, sizeof(text), "7 (%s) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 "
			  "17 18 %d 20 21 22\n", name, START);
	file_fd = fuzz_file(text, (size_t)length);
	REQUIRE(cs_record_identify(7, &record) == 0);
	REQUIRE(record.init_pid == 7 && record.init_start == START &&
		record.init_namespace == 4711);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		check_record(data + 1, size - 1);
		break;
	case 1:
		check_changes(data + 1, size - 1);
		break;
	default:
		check_name(data + 1, size - 1);
		break;
	}
	return 0;
}
