/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan-wire-test: what the planner sends arrives, and nothing else does. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_keys.h"
#include "conf_mounts.h"
#include "fd.h"
#include "plan.h"
#include "plan_wire.h"
#include "strict.h"
#include "tap.h"

#define TIMEOUT_MS 1000
#define MESSAGE_MAX 131072

static const struct cs_conf_stamp example_stamp = { { 7, 9 } };

static void make_with(enum cs_identity identity, const char *root, struct cs_plan *ret_plan)
{
	struct cs_conf_class class = { .name = "default" };
	char home[] = "/home/alice", name[] = "users", *names[] = { name };
	const struct cs_subid_ranges ranges = { 1, { { 100000, 65536 } } };
	struct cs_user user = { .uid = 1000, .gid = 100, .name = "alice", .home = home,
				.subids = { .uids = ranges, .gids = ranges } };
	char error[256];

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	CHECK(cs_conf_keys_set(cs_conf_keys_find("network"), "netns:%u.net", &class) == 0);
	CHECK(cs_conf_keys_set(cs_conf_keys_find("seccomp"), "/etc/filter.bpf", &class) == 0);
	class.nested = identity == CS_IDENTITY_KEEP;
	class.identity = identity;
	class.allow_root = identity == CS_IDENTITY_ROOT;
	CHECK(cs_conf_keys_set(cs_conf_keys_find("root"), root, &class) == 0);
	if (strcmp(root, "host") != 0)
		class.writable = CS_WRITABLE_EPHEMERAL;
	user.group_names = names;
	CHECK(cs_plan_make(&class, &user, ret_plan, error, sizeof(error)) == 0);
	cs_conf_keys_free(&class);
}

static void make(struct cs_plan *ret_plan)
{
	make_with(CS_IDENTITY_HOST, "host", ret_plan);
}

/* What receive says to these bytes. */
static int receive(const void *bytes, size_t size, struct cs_plan *ret_plan,
		   struct cs_plan_refusal *ret_refusal)
{
	struct cs_conf_stamp stamp;
	int ends[2], result;

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(fcntl(ends[1], F_SETPIPE_SZ, 2 * MESSAGE_MAX) > 0);
	CHECK(cs_fd_write_all(ends[1], bytes, size) == 0);
	(void)close(ends[1]);
	result = cs_plan_receive(ends[0], TIMEOUT_MS, ret_plan, &stamp, ret_refusal);
	(void)close(ends[0]);
	return result;
}

/* The bytes that @plan, or a refusal, is sent as. */
static size_t sent(const struct cs_plan *plan, char *ret_bytes)
{
	int ends[2];
	ssize_t got;

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(fcntl(ends[1], F_SETPIPE_SZ, 2 * MESSAGE_MAX) > 0);
	CHECK((plan ? cs_plan_send(ends[1], plan, &example_stamp) :
		      cs_plan_send_refusal(ends[1], "read it", "it is not there")) == 0);
	(void)close(ends[1]);
	got = read(ends[0], ret_bytes, MESSAGE_MAX);
	(void)close(ends[0]);
	CHECK(got > 0);
	return (size_t)got;
}

static bool same(const struct cs_plan *one, const struct cs_plan *other)
{
	if (one->mount_count != other->mount_count || one->link_count != other->link_count)
		return false;
	for (size_t i = 0; i < one->mount_count; i++) {
		const struct cs_mount *a = &one->mounts[i], *b = &other->mounts[i];

		if (a->kind != b->kind || a->flags != b->flags || a->mode != b->mode ||
		    a->size != b->size || strcmp(a->target, b->target) != 0 ||
		    strcmp(a->source, b->source) != 0)
			return false;
	}
	for (size_t i = 0; i < one->link_count; i++)
		if (strcmp(one->links[i].path, other->links[i].path) != 0 ||
		    strcmp(one->links[i].target, other->links[i].target) != 0)
			return false;
	if (one->limit_count != other->limit_count || strcmp(one->cpuset, other->cpuset) != 0 ||
	    memcmp(one->limits, other->limits, one->limit_count * sizeof(one->limits[0])) != 0)
		return false;
	return one->uid == other->uid && one->gid == other->gid &&
	       one->devices == other->devices && one->devices != 0 &&
	       one->stop_timeout_ms == other->stop_timeout_ms && one->network == other->network &&
	       strcmp(one->netns, other->netns) == 0 && one->nested == other->nested &&
	       one->seccomp == other->seccomp &&
	       strcmp(one->seccomp_file, other->seccomp_file) == 0 &&
	       strcmp(one->root_verity, other->root_verity) == 0 &&
	       one->identity == other->identity && one->allow_root == other->allow_root &&
	       one->keep_groups == other->keep_groups && one->root == other->root &&
	       one->writable == other->writable && one->writable_size == other->writable_size &&
	       strcmp(one->image, other->image) == 0 &&
	       strcmp(one->passwd, other->passwd) == 0 && strcmp(one->group, other->group) == 0 &&
	       strcmp(one->uid_map, other->uid_map) == 0 &&
	       strcmp(one->gid_map, other->gid_map) == 0 &&
	       strcmp(one->user, other->user) == 0 && strcmp(one->home, other->home) == 0 &&
	       strcmp(one->class_name, other->class_name) == 0 &&
	       strcmp(one->shell, other->shell) == 0 &&
	       strcmp(one->fstab, other->fstab) == 0 &&
	       strcmp(one->pass_environment, other->pass_environment) == 0;
}

static void receive__gives_the_plan_that_was_sent(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	for (enum cs_identity identity = CS_IDENTITY_HOST; identity <= CS_IDENTITY_ROOT; identity++) {
		make_with(identity, "host", &plan);
		CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
		CHECK(same(&plan, &arrived));
	}
	make_with(CS_IDENTITY_HOST, "/srv/image.squashfs", &plan);
	CHECK(plan.passwd[0] != '\0' && plan.group[0] != '\0' && plan.root == CS_ROOT_SQUASHFS);
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
	CHECK(same(&plan, &arrived));
}

/* A map that is not sound, or one where there is no user namespace, or none where there is. */
static void receive__of_maps_that_cannot_be(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	make_with(CS_IDENTITY_KEEP, "host", &plan);
	plan.uid_map = "0 0 65536\n";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_KEEP, "host", &plan);
	plan.uid_map = "1 100000 65536\n";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_ROOT, "host", &plan);
	plan.gid_map = "";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_HOST, "host", &plan);
	plan.uid_map = plan.gid_map = "0 100000 1\n";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_HOST, "host", &plan);
	plan.allow_root = true;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
}

/* An image without a name or with one that is no path; or what is an image's, without one. */
static void receive__of_an_image_that_cannot_be(void)
{
	static const char *const wrong[] = { "", "srv/image", "/srv/../image", "/srv/image/" };
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	for (size_t i = 0; i < TAP_COUNT(wrong); i++) {
		make_with(CS_IDENTITY_HOST, "/srv/image", &plan);
		plan.image = wrong[i];
		CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	}
	make_with(CS_IDENTITY_HOST, "/srv/image", &plan);
	plan.root = CS_ROOT_SQUASHFS + 1;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_HOST, "/srv/image", &plan);
	plan.root = CS_ROOT_HOST;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make(&plan);
	plan.writable = CS_WRITABLE_EPHEMERAL;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make(&plan);
	plan.passwd = "alice:*:1000:100::/:/bin/sh\n";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_KEEP, "/srv/image", &plan);
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
}

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A digest of another form, or of what has none and would not be looked at. */
static void receive__of_a_digest_that_cannot_be(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	make_with(CS_IDENTITY_KEEP, "/srv/image.erofs", &plan);
	plan.root_verity = DIGEST;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
	CHECK(same(&plan, &arrived));
	plan.root_verity = DIGEST "0";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_KEEP, "/srv/image", &plan);
	plan.root_verity = DIGEST;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_with(CS_IDENTITY_KEEP, "host", &plan);
	plan.root_verity = DIGEST;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
}

/* The host's trees with owners for a root that the user can be. */
static void receive__of_owners_that_must_not_be(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];
	size_t usr = 0;

	make_with(CS_IDENTITY_KEEP, "host", &plan);
	while (usr < plan.mount_count && strcmp(plan.mounts[usr].target, "/usr") != 0)
		usr++;
	CHECK(usr < plan.mount_count && (plan.mounts[usr].flags & CS_MOUNT_IDMAP));
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
	plan.allow_root = true;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	for (enum cs_identity identity = CS_IDENTITY_HOST; identity <= CS_IDENTITY_ROOT; identity++) {
		if (identity == CS_IDENTITY_KEEP)
			continue;
		make_with(identity, "host", &plan);
		CHECK(!(plan.mounts[usr].flags & CS_MOUNT_IDMAP));
		plan.mounts[usr].flags |= CS_MOUNT_IDMAP;
		plan.allow_root = false;
		CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	}
}

static const struct {
	const char *key, *value;
} limits[] = {
	{ "memory-max", "2G" }, { "swap-max", "50%" }, { "oom", "kill-container" },
	{ "pids-max", "100" }, { "cpu-weight", "idle" }, { "cpuset", "0-3,5" },
	{ "nice", "-20" }, { "limit-nofile", "256:1024" }, { "limit-stack", "infinity" },
};

static void make_limited(struct cs_plan *ret_plan)
{
	struct cs_conf_class class = { .name = "default" };
	char home[] = "/home/alice", error[256];
	struct cs_user user = { .uid = 1000, .gid = 100, .name = "alice", .home = home };

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	for (size_t i = 0; i < TAP_COUNT(limits); i++)
		CHECK(cs_conf_keys_set(cs_conf_keys_find(limits[i].key), limits[i].value, &class) == 0);
	CHECK(cs_plan_make(&class, &user, ret_plan, error, sizeof(error)) == 0);
	cs_conf_keys_free(&class);
}

static void receive__gives_the_limits_that_were_sent(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	make_limited(&plan);
	CHECK(plan.limit_count == TAP_COUNT(limits) - 1);
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
	CHECK(same(&plan, &arrived));
}

/* Of no kind or form, out of bounds, two of a kind, or for no processors. */
static void receive__of_limits_that_cannot_be(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	make_limited(&plan);
	plan.limits[plan.limit_count - 1].kind = CS_LIMIT_KINDS;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_limited(&plan);
	plan.limits[0].form = CS_LIMIT_NONE;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_limited(&plan);
	plan.limits[0].soft = plan.limits[0].hard = 0;
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_limited(&plan);
	plan.limits[1] = plan.limits[0];
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
	make_limited(&plan);
	plan.cpuset = "3-1";
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == -EBADMSG);
}

/* As many mounts as a class may ask for, each of other flags, and long paths. */
static void receive__gives_a_plan_that_is_full(void)
{
	static struct cs_plan plan, arrived;
	struct cs_conf_class class = { .name = "default" };
	char home[] = "/home/alice", error[256];
	struct cs_user user = { .uid = 1000, .gid = 100, .name = "alice", .home = home };
	struct cs_plan_refusal refusal;
	static char bytes[MESSAGE_MAX];

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	CHECK(cs_conf_keys_set(cs_conf_keys_find("fstab"), "/etc/fstab", &class) == 0);
	class.fstab_taken = true;
	for (unsigned int i = 0; i < CS_CONF_MOUNTS_MAX; i++) {
		char source[128], target[128];
		const struct cs_conf_mount mount = {
			.kind = i % 2 ? CS_MOUNT_BIND : CS_MOUNT_TMPFS, .source = i % 2 ? source : error,
			.target = target, .size = i, .mode = i, .key = CS_KEY_FSTAB,
			.flags = CS_MOUNT_GIVEN | (i % 3 ? CS_MOUNT_RO : 0) | (i % 5 ? CS_MOUNT_FLAT : 0),
		};

		error[0] = '\0';
		(void)snprintf(source, sizeof(source), "/%080u/source", i);
		(void)snprintf(target, sizeof(target), "/%080u/target", i);
		CHECK(cs_conf_mounts_add(&class, &mount) == 0);
	}
	CHECK(cs_plan_make(&class, &user, &plan, error, sizeof(error)) == 0);
	CHECK(plan.mount_count > CS_CONF_MOUNTS_MAX);
	CHECK(receive(bytes, sent(&plan, bytes), &arrived, &refusal) == 0);
	CHECK(same(&plan, &arrived));
	cs_conf_mounts_free(&class);
	cs_conf_keys_free(&class);
}

/* Paths that fit each for itself, and not all together. */
static void make__refuses_paths_that_have_no_room(void)
{
	static struct cs_plan plan;
	struct cs_conf_class class = { .name = "default" };
	char home[] = "/home/alice", error[256] = "", empty[] = "";
	struct cs_user user = { .uid = 1000, .gid = 100, .name = "alice", .home = home };

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	for (unsigned int i = 0; i < CS_CONF_MOUNTS_MAX; i++) {
		char target[1024];
		const struct cs_conf_mount mount = {
			.kind = CS_MOUNT_TMPFS, .source = empty, .target = target,
			.flags = CS_MOUNT_GIVEN, .key = CS_KEY_SHARE,
		};

		(void)snprintf(target, sizeof(target), "/%0900u", i);
		CHECK(cs_conf_mounts_add(&class, &mount) == 0);
	}
	CHECK(cs_plan_make(&class, &user, &plan, error, sizeof(error)) == -EBADMSG);
	CHECK(strstr(error, "is too much: the paths have 56K in all"));
	cs_conf_mounts_free(&class);
	cs_conf_keys_free(&class);
}

static void receive__gives_the_refusal_that_was_sent(void)
{
	static struct cs_plan arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];

	CHECK(receive(bytes, sent(NULL, bytes), &arrived, &refusal) == -ECANCELED);
	CHECK(strcmp(refusal.what, "read it") == 0 && strcmp(refusal.why, "it is not there") == 0);
}

static void receive__of_nothing_or_of_a_part(void)
{
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];
	size_t size;

	make(&plan);
	size = sent(&plan, bytes);
	CHECK(receive(bytes, 0, &arrived, &refusal) == -EPIPE);
	for (size_t part = 1; part < size; part++)
		CHECK(receive(bytes, part, &arrived, &refusal) == -EBADMSG);
	bytes[size] = '\0';
	CHECK(receive(bytes, size + 1, &arrived, &refusal) == -EBADMSG);
	memset(bytes, 'x', sizeof(bytes));
	CHECK(receive(bytes, sizeof(bytes), &arrived, &refusal) == -EBADMSG);
}

/* Whatever byte is another: refused, or a plan whose texts end and whose paths are paths. */
static void receive__of_a_message_with_one_byte_wrong(void)
{
	static const unsigned char wrong[] = { 0x00, 0x01, 0x2e, 0x2f, 0x7f, 0x80, 0xff };
	static struct cs_plan plan, arrived;
	struct cs_plan_refusal refusal;
	char bytes[MESSAGE_MAX];
	size_t size;
	bool sound = true;

	make(&plan);
	size = sent(&plan, bytes);
	for (size_t at = 0; at < size; at++) {
		const char right = bytes[at];

		for (size_t i = 0; i < sizeof(wrong); i++) {
			int result;

			bytes[at] = (char)wrong[i];
			result = receive(bytes, size, &arrived, &refusal);
			sound = sound && (result == 0 || result == -EBADMSG || result == -ECANCELED);
			if (result != 0)
				continue;
			for (size_t k = 0; k < arrived.mount_count; k++)
				sound = sound && cs_strict_is_path(arrived.mounts[k].target) &&
					arrived.mounts[k].kind < CS_MOUNT_KINDS;
			sound = sound && cs_strict_is_path(arrived.home) &&
				cs_strict_is_path(arrived.shell) &&
				cs_strict_is_class_name(arrived.class_name) &&
				(arrived.network != CS_NETWORK_NETNS ||
				 cs_strict_is_netns_name(arrived.netns));
		}
		bytes[at] = right;
	}
	CHECK(sound);
}

static void receive__of_a_sender_that_hangs(void)
{
	static struct cs_plan arrived;
	struct cs_plan_refusal refusal;
	struct cs_conf_stamp stamp;
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(cs_plan_receive(ends[0], 10, &arrived, &stamp, &refusal) == -ETIMEDOUT);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static const struct tap_test tests[] = {
	TAP_TEST(receive__gives_the_plan_that_was_sent),
	TAP_TEST(receive__gives_a_plan_that_is_full),
	TAP_TEST(receive__gives_the_limits_that_were_sent),
	TAP_TEST(receive__of_limits_that_cannot_be),
	TAP_TEST(make__refuses_paths_that_have_no_room),
	TAP_TEST(receive__of_maps_that_cannot_be),
	TAP_TEST(receive__of_an_image_that_cannot_be),
	TAP_TEST(receive__of_a_digest_that_cannot_be),
	TAP_TEST(receive__of_owners_that_must_not_be),
	TAP_TEST(receive__gives_the_refusal_that_was_sent),
	TAP_TEST(receive__of_nothing_or_of_a_part),
	TAP_TEST(receive__of_a_message_with_one_byte_wrong),
	TAP_TEST(receive__of_a_sender_that_hangs),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
