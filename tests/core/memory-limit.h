/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a function in a child with little memory, to test what readers promise.
 */
#pragma once

#include <glib.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_LIMIT_HOLDS 0 /* sanitizers reserve address space as they like */
#else
#define MEMORY_LIMIT_HOLDS 1
#endif

/* Runs @func (@data) in a child process that may take @bytes more address space than this process has.
 * What fails or aborts there fails the test. */
static inline void
memory_limit_run (gsize bytes, void (*func) (gpointer data), gpointer data)
{
  g_autofree char *text = NULL;
  guint64 pages = 0;
  int status = 0;
  pid_t child;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  pages = g_ascii_strtoull (text, NULL, 10);
  fflush (NULL);
  child = fork ();
  if (child == 0)
    {
      const rlim_t most = pages * (guint64)sysconf (_SC_PAGESIZE) + bytes;
      const struct rlimit limit = { most, most };

      if (MEMORY_LIMIT_HOLDS && setrlimit (RLIMIT_AS, &limit) != 0)
        _exit (3);
      func (data);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}
