/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores a run's figures. What they show is ui/plot's.
 */
#include "app/nmd-figures.h"

gboolean
nmd_figures_check (NmdOutputGuard *guard,
                   guint formats,
                   const char *folder,
                   GError **error)
{
  guint n = 0;
  const NmdFigureFile *files = nmd_run_figures_list (&n);

  return nmd_figure_files_check (files, n, guard, formats, folder, error);
}

gboolean
nmd_figures_write (const NmdRun *run,
                   NmdPart part,
                   const NmdThresholdRule *rule,
                   guint formats,
                   const char *folder,
                   GError **error)
{
  guint n = 0;
  const NmdFigureFile *files = nmd_run_figures_list (&n);
  g_autoptr (NmdRunFigures) self = nmd_run_figures_new (run, part, rule, error);

  return self != NULL && nmd_figure_files_write (files, n, self, formats, folder, error);
}
