/*
 * Preloaded into one process of the function (LD_PRELOAD).
 *
 * PLATFORM_CLOCK names a file of eight bytes: by how many seconds this process's time of day is off. Whoever writes the
 * file moves the clock at once. The monotonic clock, by which waits are measured, is left alone.
 * PLATFORM_PIPE is how many bytes the pipe of the standard output holds, where that is to be little.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef int clock_reader(clockid_t, struct timespec *);

static clock_reader *machine_clock;
static const volatile int64_t *seconds_off;

__attribute__((constructor)) static void look_around(void)
{
    machine_clock = (clock_reader *)dlsym(RTLD_NEXT, "clock_gettime");

    const char *pipe_bytes = getenv("PLATFORM_PIPE");
    if (pipe_bytes != NULL) {
        fcntl(STDOUT_FILENO, F_SETPIPE_SZ, atoi(pipe_bytes));
    }

    const char *path = getenv("PLATFORM_CLOCK");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        if (page != MAP_FAILED) {
            seconds_off = page;
        }
        close(file);
    }
}

int clock_gettime(clockid_t which, struct timespec *moment)
{
    if (machine_clock == NULL) {
        machine_clock = (clock_reader *)dlsym(RTLD_NEXT, "clock_gettime");
    }
    int result = machine_clock(which, moment);
    if (result == 0 && which == CLOCK_REALTIME && seconds_off != NULL) {
        moment->tv_sec += *seconds_off;
    }
    return result;
}
