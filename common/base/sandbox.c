/* sandbox.c - runs hostile programs: see sandbox.h. Three processes: the first
 * enters the namespaces, the second is the init process of the new ones, with
 * which all their processes end, and the third becomes the program.
 */
#define _GNU_SOURCE
#include "common/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/subprocess.h"

enum { NOBODY = 65534, FAILED = 125 };

static enum { UNKNOWN, ISOLATED, PLAIN } how;

/* Prepared before fork: afterwards only what is safe between fork and exec is
 * called. */
struct cell {
	const struct sandbox_limits *limits;
	const struct sandbox_file *files;
	size_t nfile;
	bool isolated;
	const char *dir;		/* when not isolated */
	char map[2][32], mount[96];
	char path[4096], home[4096];
	char *env[6];
};

/* ---- in the child ---- */

static void put(const char *name, const char *p, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t did = 0;

	if (fd < 0)
		_exit(FAILED);
	for (; n; p += did, n -= (size_t)did) {
		did = write(fd, p, n);
		if (did < 0 && errno != EINTR)
			_exit(FAILED);
		did = did < 0 ? 0 : did;
	}
	close(fd);
}

static void must(bool good)
{
	if (!good)
		_exit(FAILED);
}

/* Waits for a process, and ends as it did. */
_Noreturn static void follow(pid_t pid)
{
	int status;

	must(pid > 0);
	while (waitpid(pid, &status, 0) < 0)
		must(errno == EINTR);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 +
		WTERMSIG(status));
}

/* Root of a container may have no nobody to become. */
static void drop_root(void)
{
	if (geteuid())
		return;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			setresuid(NOBODY, NOBODY, NOBODY))
		return;
	prctl(PR_SET_DUMPABLE, 1);	/* else /proc/self is root's */
}

static void enter_namespaces(const struct cell *c)
{
	bool nobody = geteuid() == NOBODY;
	const char *uid = nobody ? "1000 65534 1" : c->map[0];
	const char *gid = nobody ? "1000 65534 1" : c->map[1];

	must(!unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
		CLONE_NEWNET | CLONE_NEWIPC));
	put("/proc/self/setgroups", "deny", 4);
	put("/proc/self/uid_map", uid, strlen(uid));
	put("/proc/self/gid_map", gid, strlen(gid));
}

/* All that was there becomes read-only; /tmp is new. */
static void mount_all(const struct cell *c)
{
#ifdef SYS_mount_setattr
	struct { uint64_t set, clear, propagation, userns; } attr = {
		.set = 1 | 2 };		/* read-only, no setuid */
	const int recursive = 0x8000;

	must(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(!syscall(SYS_mount_setattr, -1, "/", recursive, &attr,
		sizeof attr));
	must(!mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, c->mount));
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			NULL))
		must(!mount("tmpfs", "/proc", "tmpfs", MS_RDONLY, NULL));
#else
	_exit(FAILED);
#endif
}

static void limit(int what, rlim_t n)
{
	struct rlimit r;

	if (!getrlimit(what, &r) && r.rlim_max != RLIM_INFINITY &&
			r.rlim_max < n)
		n = r.rlim_max;
	r.rlim_cur = r.rlim_max = n;
	setrlimit(what, &r);
}

/* Without a namespace of their own, the processes of a user are counted with all
 * of his, so that limit is only for nobody. */
static void set_limits(const struct cell *c, bool own)
{
	const struct sandbox_limits *l = c->limits;

	limit(RLIMIT_CPU, (rlim_t)ceil(l->seconds) + 1);
	limit(RLIMIT_AS, l->memory);
	limit(RLIMIT_FSIZE, l->files);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 256);
	if (own)
		limit(RLIMIT_NPROC, (rlim_t)l->processes);
}

static void write_files(const struct cell *c)
{
	size_t i;

	for (i = 0; i < c->nfile; i++)
		put(c->files[i].name, c->files[i].p, c->files[i].n);
}

static void become_init(const struct cell *c)
{
	pid_t pid = fork();

	if (pid)
		follow(pid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mount_all(c);
	must(!chdir("/tmp"));
	write_files(c);
	pid = fork();
	if (pid)
		follow(pid);
}

/* Between fork and exec of the program. */
static void lock_up(void *ctx)
{
	const struct cell *c = ctx;
	bool root = !geteuid();
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0)
		dup2(null, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	drop_root();
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* setuid cleared it */
	if (c->isolated) {
		enter_namespaces(c);
		become_init(c);
	} else {
		must(!chdir(c->dir));
		write_files(c);
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	set_limits(c, c->isolated || root);
	environ = (char **)c->env;
}

/* ---- outside ---- */

static void prepare(struct cell *c)
{
	const char *path = getenv("PATH");

	snprintf(c->map[0], sizeof c->map[0], "1000 %u 1",
		(unsigned)geteuid());
	snprintf(c->map[1], sizeof c->map[1], "1000 %u 1",
		(unsigned)getegid());
	snprintf(c->mount, sizeof c->mount,
		"size=%zu,nr_inodes=1024,mode=0700", c->limits->files +
		((size_t)1 << 20));
	snprintf(c->path, sizeof c->path, "PATH=%s", path ? path :
		"/usr/local/bin:/usr/bin:/bin");
	snprintf(c->home, sizeof c->home, "HOME=%s", c->isolated ? "/tmp" :
		c->dir);
	c->env[0] = c->path;
	c->env[1] = c->home;
	c->env[2] = "LANG=C.UTF-8";
	c->env[3] = "TZ=UTC";
	c->env[4] = "OPENBLAS_NUM_THREADS=1";
}

/* Moves input and output until the end. */
static enum sandbox_end converse(struct subprocess *p, double end,
	size_t most, const char *input, size_t n, struct buf *out)
{
	bool open = true;

	while (open || !subprocess_ended(p)) {
		struct pollfd fds[2] = { { open ? p->from : -1, POLLIN, 0 },
			{ n ? p->to : -1, POLLOUT, 0 } };
		double left = end - clock_seconds();
		ssize_t got;

		if (left <= 0)
			return SANDBOX_TIMEOUT;
		if (!n)
			subprocess_close_input(p);
		poll(fds, 2, !open ? 1 : left < .05 ? 1 + (int)(left * 1e3) :
			50);
		if (fds[1].revents) {
			got = subprocess_write(p, input, n);
			if (got < 0 && !subprocess_again())
				n = 0;		/* it reads no more */
			input += got > 0 ? got : 0;
			n -= got > 0 ? (size_t)got : 0;
		}
		got = read(p->from, buf_room(out, 1 << 16), 1 << 16);
		out->n += got > 0 ? (size_t)got : 0;
		if (got == 0 || (got < 0 && (!subprocess_again() ||
				subprocess_ended(p))))
			open = false;
		if (out->n > most)
			return SANDBOX_OUTPUT;
	}
	return SANDBOX_EXITED;
}

static int remove_entry(const char *name, const struct stat *st, int flag,
	struct FTW *at)
{
	remove(name);
	return 0;
}

static enum sandbox_end run(struct cell *c, const char *command,
	const char *input, size_t ninput, struct buf *out, int *status)
{
	struct subprocess p;
	enum sandbox_end result;
	double end = clock_seconds() + c->limits->seconds;

	prepare(c);
	if (!subprocess_start_in(&p, command, lock_up, c))
		return SANDBOX_NO_PROCESS;
	result = converse(&p, end, c->limits->output, input, ninput, out);
	*status = subprocess_kill(&p);
	subprocess_close(&p);
	*status = WIFEXITED(*status) ? WEXITSTATUS(*status) :
		128 + WTERMSIG(*status);
	return result;
}

bool sandbox_isolated(void)
{
	static const struct sandbox_limits limits = { 10, (size_t)1 << 30,
		1 << 20, 1 << 20, 8 };
	struct cell c = { .limits = &limits, .isolated = true };
	struct buf out = { 0 };
	int status;

	if (how == UNKNOWN) {
		how = run(&c, "exit 0", NULL, 0, &out, &status) ==
			SANDBOX_EXITED && !status ? ISOLATED : PLAIN;
		buf_free(&out);
	}
	return how == ISOLATED;
}

enum sandbox_end sandbox_run(const char *command,
	const struct sandbox_limits *limits, const struct sandbox_file *files,
	size_t n, const char *input, size_t ninput, struct buf *out,
	int *status)
{
	struct cell c = { .limits = limits, .files = files, .nfile = n,
		.isolated = sandbox_isolated() };
	const char *tmp = getenv("TMPDIR");
	char dir[2048];
	enum sandbox_end result;

	buf_reset(out);
	if (!c.isolated) {
		snprintf(dir, sizeof dir, "%s/sandbox.XXXXXX", tmp ? tmp :
			"/tmp");
		if (!mkdtemp(dir))
			return SANDBOX_NO_PROCESS;
		/* There may be no nobody, as in drop_root. */
		if (!geteuid())
			(void)!chown(dir, NOBODY, NOBODY);
		c.dir = dir;
	}
	result = run(&c, command, input, ninput, out, status);
	if (!c.isolated)
		nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return result;
}
