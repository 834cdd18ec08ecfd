/* peakrss FILE COMMAND ... - runs the command, passes on its exit status, and
 * writes its peak resident memory, in KiB, to FILE
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/err.h"
#include "common/base/io.h"

int main(int argc, char **argv)
{
	struct rusage used;
	struct output *out;
	int status;
	pid_t pid;

	err_init(argv[0]);
	if (argc < 3)
		die_usage("FILE COMMAND ...");
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die_errno("%s: cannot run", argv[2]);
	getrusage(RUSAGE_CHILDREN, &used);
	out = output_open(argv[1]);
	output_printf(out, "%ld\n", used.ru_maxrss);
	output_close(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
