/* subprocess.c - a shell command with pipes: see subprocess.h */
#include "common/base/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Without close_range(2), descriptors up to this one are closed one by one. */
#define MAX_DESCRIPTOR 65536

/* Numbers from 3 up, also if we were started without standard input: dup2 in
 * the child must not meet them. */
static bool make_pipe(int fd[2])
{
	int low[2], e;

	if (pipe(low))
		return false;
	fd[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 3);
	fd[1] = fcntl(low[1], F_DUPFD_CLOEXEC, 3);
	e = errno;
	close(low[0]);
	close(low[1]);
	if (fd[0] >= 0 && fd[1] >= 0)
		return true;
	if (fd[0] >= 0)
		close(fd[0]);
	if (fd[1] >= 0)
		close(fd[1]);
	errno = e;
	return false;
}

/* Also the pipes of other processes, which must end with the program. */
static void close_others(void)
{
	long n, fd;

#ifdef SYS_close_range
	if (!syscall(SYS_close_range, 3u, ~0u, 0u))
		return;
#endif
	n = sysconf(_SC_OPEN_MAX);
	if (n < 0 || n > MAX_DESCRIPTOR)
		n = MAX_DESCRIPTOR;
	for (fd = 3; fd < n; fd++)
		close((int)fd);
}

/* Runs in the child: only what is safe between fork and exec. */
_Noreturn static void become(const char *command, int in, int out,
	void (*prepare)(void *ctx), void *ctx)
{
	setpgid(0, 0);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close_others();
	if (prepare)
		prepare(ctx);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* fork, between two pairs of pipes; returns its result. */
static pid_t start(const char *command, void (*prepare)(void *ctx), void *ctx,
	int in[2], int out[2])
{
	pid_t pid;
	int e;

	if (!make_pipe(in))
		return -1;
	if (!make_pipe(out)) {
		close(in[0]);
		close(in[1]);
		return -1;
	}
	pid = fork();
	if (pid == 0)
		become(command, in[0], out[1], prepare, ctx);
	e = errno;
	close(in[0]);
	close(out[1]);
	if (pid < 0) {
		close(in[1]);
		close(out[0]);
	}
	errno = e;
	return pid;
}

bool subprocess_start(struct subprocess *p, const char *command)
{
	return subprocess_start_in(p, command, NULL, NULL);
}

bool subprocess_start_in(struct subprocess *p, const char *command,
	void (*prepare)(void *ctx), void *ctx)
{
	int in[2], out[2];
	pid_t pid;

	pid = start(command, prepare, ctx, in, out);
	if (pid < 0)
		return false;
	setpgid(pid, pid);
	*p = (struct subprocess){ .pid = pid, .to = in[1], .from = out[0] };
	fcntl(p->to, F_SETFL, O_NONBLOCK);
	fcntl(p->from, F_SETFL, O_NONBLOCK);
	return true;
}

ssize_t subprocess_write(struct subprocess *p, const void *bytes, size_t n)
{
	const struct timespec now = { 0, 0 };
	sigset_t broken, before;
	ssize_t put;
	int e;

	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &broken, &before);
	put = write(p->to, bytes, n);
	e = errno;
	if (put < 0 && e == EPIPE)
		while (sigtimedwait(&broken, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = e;
	return put;
}

void subprocess_close_input(struct subprocess *p)
{
	if (p->to >= 0)
		close(p->to);
	p->to = -1;
}

bool subprocess_ended(const struct subprocess *p)
{
	siginfo_t ended = { .si_pid = 0 };

	return !waitid(P_PID, (id_t)p->pid, &ended,
		WEXITED | WNOHANG | WNOWAIT) && ended.si_pid;
}

int subprocess_kill(struct subprocess *p)
{
	int status = 0;

	subprocess_close_input(p);
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
	return status;
}

void subprocess_close(struct subprocess *p)
{
	close(p->from);
	p->from = -1;
}

bool subprocess_again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}
