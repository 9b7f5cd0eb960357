/* SPDX-License-Identifier: Apache-2.0
 *
 * One call before everything else in main(); computing itself is the engine's.
 */
#include "app/nmd-openmp-wait.h"

#include <glib.h>
#include <unistd.h>

void
nmd_openmp_wait_passively (char **argv)
{
  if (g_getenv ("OMP_WAIT_POLICY") != NULL)
    return;
  g_setenv ("OMP_WAIT_POLICY", "passive", TRUE);
  execv ("/proc/self/exe", argv); /* no /proc: go on as it is */
}
