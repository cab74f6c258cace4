/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subid-test: subordinate ids that must not be used are refused, by name; and
 * what is asked of libsubid is what it has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "identity.h"
#include "subid.h"
#include "tap.h"
#include "user.h"

static const struct cs_subid_range none = { 0 };
static const struct cs_subid_range reserved = { 600000000, 65536 };
static const struct cs_subid_files files = { "subuid", "subgid", "passwd", "group" };

static void write_files(const char *subuid, const char *subgid)
{
	files_write("subuid", subuid);
	files_write("subgid", subgid);
	files_write("passwd", "root:x:0:0::/:\nalice:x:1000:1000::/home/alice:\n"
			      "svc:x:150000:1::/:\n");
	files_write("group", "root:x:0:\nbig:x:160000:\n");
}

/* "" if alice may use them; else what is said. */
static const char *say(struct cs_subids subids, const struct cs_subid_range *host_range)
{
	static char error[256];
	gid_t groups[] = { 27, 700000 };
	struct cs_user user = { .uid = 1000, .gid = 1000, .name = "alice", .groups = groups,
				.group_count = 2, .subids = subids };
	int err = cs_subid_check(host_range, &files, &user, error, sizeof(error));

	CHECK(err == 0 || err == -EINVAL);
	return err == 0 ? "" : error;
}

static struct cs_subids both(uint32_t start, uint32_t count)
{
	return (struct cs_subids){ .uids = { 1, { { start, count } } },
				   .gids = { 1, { { start, count } } } };
}

#define EXPECT(got, wanted)                                       \
	do {                                                      \
		const char *said = (got);                         \
		if (strcmp(said, (wanted)) != 0)                  \
			printf("# said: %s\n", said);             \
		CHECK(strcmp(said, (wanted)) == 0);               \
	} while (0)

static void check__of_good_ones(void)
{
	write_files("alice:200000:65536\nbob:265536:65536\n# bob:200000:1\n\nnonsense\n:1:2\n",
		    "alice:200000:65536\nbob:134464:65536\n");
	EXPECT(say(both(200000, 65536), &none), "");
	EXPECT(say(both(200000, 65536), &reserved), "");
	EXPECT(say(both(4294901759, 65536), &none), "");
	write_files("1000:200000:65536\n", "");
	EXPECT(say(both(200000, 65536), &none), "");
}

static void check__of_ranges_that_are_none(void)
{
	struct cs_subids twice = both(200000, 65536);

	write_files("", "");
	EXPECT(say(both(4294901760, 65536), &none),
	       "the subordinate uids of alice go past 4294967294: 4294901760+65536");
	EXPECT(say(both(200000, 4294967295), &none),
	       "the subordinate uids of alice go past 4294967294: 200000+4294967295");
	EXPECT(say(both(65535, 65536), &none),
	       "the subordinate uids of alice begin at 65535: below 65536 are accounts");
	EXPECT(say(both(0, 65536), &none),
	       "the subordinate uids of alice begin at 0: below 65536 are accounts");
	EXPECT(say(both(200000, 65535), &none),
	       "the subordinate uids of alice are 65535, and 65536 are needed");
	twice.uids.list[twice.uids.count++] = (struct cs_subid_range){ 265535, 65536 };
	EXPECT(say(twice, &none), "the subordinate uids of alice have 265535 twice");
	twice = both(200000, 65536);
	twice.gids.count = 0;
	EXPECT(say(twice, &none), "the subordinate gids of alice are 0, and 65536 are needed");
}

static void check__of_somebody_elses(void)
{
	write_files("alice:200000:65536\nbob:265535:65536\n", "");
	EXPECT(say(both(200000, 65536), &none),
	       "the subordinate uids of alice overlap with those of bob (subuid:2)");
	/* within, and around */
	write_files("bob:200100:10\n", "");
	EXPECT(say(both(200000, 65536), &none),
	       "the subordinate uids of alice overlap with those of bob (subuid:1)");
	write_files("", "x\ncarol:65536:4000000000\n");
	EXPECT(say(both(200000, 65536), &none),
	       "the subordinate gids of alice overlap with those of carol (subgid:2)");
}

static void check__of_accounts(void)
{
	struct cs_subids subids = both(100000, 65536);

	write_files("", "");
	EXPECT(say(subids, &none), "the subordinate uids of alice hold the uid 150000 of the account svc");
	subids.uids = both(300000, 65536).uids;
	EXPECT(say(subids, &none), "the subordinate gids of alice hold the gid 160000 of the group big");
	EXPECT(say(both(690000, 65536), &none),
	       "the subordinate gids of alice hold the gid 700000, which alice has");
}

static void check__of_the_id_range(void)
{
	const struct cs_subid_range low = { 650000, 65536 };

	write_files("", "");
	EXPECT(say(both(599999999, 65536), &reserved),
	       "the subordinate uids of alice reach into the id-range of the configuration: 599999999+65536");
	EXPECT(say(both(3000000000, 65536), &reserved),
	       "the subordinate uids of alice reach into the id-range of the configuration: 3000000000+65536");
	EXPECT(say(both(300000, 65536), &low),
	       "the subordinate gids of alice cannot be used: the gid 700000 lies in the id-range of the configuration");
}

/* Nobody of this name has subordinate ids on the machine that runs the tests. */
static int find(uid_t uid, const struct cs_subid_range *range, struct cs_user *ret_user,
		char *ret_error)
{
	*ret_user = (struct cs_user){ .uid = uid, .gid = uid, .name = "cs-no-such-user" };
	return cs_subid_find(range, range, &files, ret_user, ret_error, 256);
}

static void find__takes_of_the_id_range(void)
{
	const struct cs_subid_range wide = { 600000000, 131072 };
	struct cs_user user;
	char error[256] = "";

	write_files("", "");
	CHECK(find(1000, &none, &user, error) == 0 && user.subids.uids.count == 0);
	CHECK(find(1000, &reserved, &user, error) == 0 && user.subids.configured);
	CHECK(user.subids.uids.count == 1 && user.subids.gids.count == 1);
	CHECK(user.subids.uids.list[0].start == 600000000 + 1000 * 65536);
	CHECK(user.subids.gids.list[0].count == 65536);
	CHECK(find(1001, &wide, &user, error) == 0);
	CHECK(user.subids.uids.list[0].start == 600000000 + 1001 * 131072);
	/* The last uid with room, and the first without. */
	CHECK(find(56379, &reserved, &user, error) == 0);
	CHECK(find(56380, &reserved, &user, error) == -EINVAL);
	EXPECT(error, "the id-range 600000000+65536 has no room for the uid 56380");
	CHECK(find(4294967294, &reserved, &user, error) == -EINVAL);
}

static void find__of_the_id_range_is_checked(void)
{
	struct cs_user user;
	char error[256] = "";

	write_files("bob:665536000:1\n", "");
	CHECK(find(1000, &reserved, &user, error) == -EINVAL);
	EXPECT(error, "the id-range's uids of cs-no-such-user overlap with those of bob (subuid:1)");
	write_files("", "");
	files_write("passwd", "svc:x:665536001:1::/:\n");
	CHECK(find(1000, &reserved, &user, error) == -EINVAL);
	EXPECT(error, "the id-range's uids of cs-no-such-user hold the uid 665536001 of the account svc");
}

/* The first name of /etc/subuid, as libsubid sees it and as we do. */
static void find__asks_libsubid(void)
{
	cs_autofree char *text = files_read("/etc/subuid");
	struct cs_user user = { .uid = 4000, .gid = 4000 };
	size_t length = text ? strcspn(text, ":") : 0;
	char error[256];
	int err;

	if (length == 0 || length >= sizeof(user.name) || text[length] != ':')
		SKIP("nobody here has subordinate ids");
	memcpy(user.name, text, length);
	write_files("", "");
	err = cs_subid_find(&none, &none, &files, &user, error, sizeof(error));
	CHECK(err == 0 || err == -EINVAL);
	if (user.subids.uids.count == 0)
		SKIP("libsubid asks another database here");
	CHECK(user.subids.uids.list[0].start == (uint32_t)strtoul(text + length + 1, NULL, 10));
	CHECK(!user.subids.configured);
}

static void map__holds_root_and_own_ids(void)
{
	gid_t groups[] = { 0, 27, 1000 };
	struct cs_user user = { .uid = 1000, .gid = 1000, .name = "alice", .groups = groups,
				.group_count = 3, .subids = both(200000, 65536) };
	struct cs_idmap uids, gids;
	uint32_t outside = 0;
	char error[256];

	CHECK(cs_identity_map(CS_IDENTITY_KEEP, &user, &uids, &gids, error, sizeof(error)) == 0);
	CHECK(cs_idmap_outside(&uids, 0, &outside) && outside == 200000);
	CHECK(cs_idmap_outside(&uids, 1000, &outside) && outside == 1000);
	CHECK(cs_idmap_outside(&gids, 0, &outside) && outside == 200000);
	CHECK(cs_idmap_outside(&gids, 27, &outside) && outside == 27);
	/* By their place, whatever is given before them. */
	CHECK(cs_idmap_outside(&uids, 65535, &outside) && outside == 265535);
	CHECK(cs_idmap_outside(&gids, 26, &outside) && outside == 200026);
	CHECK(cs_idmap_outside(&gids, 28, &outside) && outside == 200028);
	CHECK(!cs_idmap_outside(&uids, 65536, &outside));
	CHECK(cs_identity_map(CS_IDENTITY_ROOT, &user, &uids, &gids, error, sizeof(error)) == 0);
	CHECK(cs_idmap_outside(&uids, 0, &outside) && outside == 1000);
	CHECK(cs_idmap_outside(&gids, 0, &outside) && outside == 1000);
	CHECK(cs_idmap_outside(&uids, 1, &outside) && outside == 200000);
	CHECK(cs_idmap_outside(&gids, 65536, &outside) && outside == 265535);
}

/* Whatever the groups, what is made is sound: the host's 0 is in no map. */
static void map__is_always_sound(void)
{
	gid_t groups[200];
	struct cs_user user = { .uid = 1000, .gid = 1000, .name = "alice", .groups = groups,
				.subids = both(200000, 131072) };
	struct cs_idmap uids, gids, again;
	char error[256], text[CS_IDMAP_TEXT_MAX];

	srand(1);
	for (unsigned int round = 0; round < 2000; round++) {
		user.group_count = (size_t)rand() % 200;
		for (size_t i = 0; i < user.group_count; i++)
			groups[i] = (gid_t)rand() % (round % 2 ? 150 : 70000);
		for (enum cs_identity which = CS_IDENTITY_KEEP; which <= CS_IDENTITY_ROOT; which++) {
			CHECK(cs_identity_map(which, &user, &uids, &gids, error, sizeof(error)) == 0);
			CHECK(cs_idmap_print(&gids, text, sizeof(text)) == 0);
			CHECK(cs_idmap_parse(text, &again) == 0);
			CHECK(cs_idmap_print(&uids, text, sizeof(text)) == 0);
			CHECK(cs_idmap_parse(text, &again) == 0);
		}
	}
}

static void map__refuses_roots_group(void)
{
	struct cs_user user = { .uid = 1000, .gid = 0, .name = "alice",
				.subids = both(200000, 65536) };
	struct cs_idmap uids, gids;
	char error[256];

	CHECK(cs_identity_map(CS_IDENTITY_KEEP, &user, &uids, &gids, error, sizeof(error)) == -EINVAL);
	EXPECT(error, "the primary group of alice is root's");
	CHECK(cs_identity_map(CS_IDENTITY_ROOT, &user, &uids, &gids, error, sizeof(error)) == -EINVAL);
}

static const struct tap_test tests[] = {
	TAP_TEST(check__of_good_ones),
	TAP_TEST(check__of_ranges_that_are_none),
	TAP_TEST(check__of_somebody_elses),
	TAP_TEST(check__of_accounts),
	TAP_TEST(check__of_the_id_range),
	TAP_TEST(find__takes_of_the_id_range),
	TAP_TEST(find__of_the_id_range_is_checked),
	TAP_TEST(find__asks_libsubid),
	TAP_TEST(map__holds_root_and_own_ids),
	TAP_TEST(map__is_always_sound),
	TAP_TEST(map__refuses_roots_group),
};

int main(void)
{
	char directory[] = "/tmp/subid-test.XXXXXX";
	int status;

	if (!mkdtemp(directory) || chdir(directory) < 0) {
		printf("Bail out! no directory\n");
		return 1;
	}
	status = tap_run(tests, TAP_COUNT(tests));
	(void)unlink("subuid");
	(void)unlink("subgid");
	(void)unlink("passwd");
	(void)unlink("group");
	(void)rmdir(directory);
	return status;
}
