/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores the figures of an experiment. What is in them is engine/experiment's, how they look ui/plot's.
 */
#include "app/nmd-experiment-figures.h"

#include "app/nmd-figure-files.h"
#include "ui/plot/nmd-experiment-charts.h"

gboolean
nmd_experiment_figures_write (const char *experiment,
                              const NmdExperimentResults *results,
                              guint formats,
                              GError **error)
{
  g_autofree char *folder = g_build_filename (experiment, "figures", NULL);
  g_autoptr (NmdExperimentCurves) curves
      = nmd_experiment_curves_load (experiment, results, NMD_EXPERIMENT_MOST_ROWS, error);

  if (curves == NULL)
    return FALSE;
  for (guint i = 0; i < NMD_N_EXPERIMENT_CHARTS; i++)
    {
      const NmdExperimentFigure figure = { (NmdExperimentChart)i, results, curves, TRUE };
      NmdFigureFile file
          = { nmd_experiment_chart_get_name (figure.chart), nmd_experiment_chart_draw };

      nmd_experiment_chart_get_size (figure.chart, results, &file.width, &file.height);
      if (!nmd_figure_files_write (&file, 1, &figure, formats, folder, error))
        return FALSE;
    }
  return TRUE;
}
