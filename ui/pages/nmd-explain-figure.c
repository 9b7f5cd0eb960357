/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers what the explain page shows into a figure. How it is drawn is ui/plot's.
 */
#include "ui/pages/nmd-explain-figure.h"

#include "ui/widgets/nmd-grey-picture.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Texts that a figure borrows until it is drawn. */
static const char *
keep (GPtrArray *texts, char *text)
{
  g_ptr_array_add (texts, text);
  return text;
}

static void
fill_overlay (NmdOverlay *overlay,
              const NmdExplainView *view,
              NmdExplanationSession *explanation,
              GPtrArray *texts)
{
  const NmdOverlay empty = NMD_OVERLAY_INIT;
  NmdScan *scan = view->scan;
  gboolean shown = nmd_explanation_session_may_show (explanation, view->answer);

  *overlay = empty;
  nmd_grey_window_get_levels (&(NmdGreyWindow){ view->brightness, view->contrast, FALSE },
                              &overlay->black, &overlay->white);
  overlay->image = scan->image;
  overlay->mask = scan->mask;
  overlay->map = shown ? view->answer->map : NULL;
  overlay->colours = view->colours;
  overlay->opacity = view->opacity;
  overlay->show_outline = view->show_outline;
  overlay->show_box = view->show_outline;
  overlay->synthetic = scan->is_synthetic;
  if (nmd_explanation_session_is_meaningless (explanation, view->answer))
    overlay->not_meaningful = keep (
        /* Translators: across a saved picture; the placeholder is the reason */
        texts, g_strdup_printf (_ ("Not meaningful: %s"), view->answer->verdict.reason));
}

static const char *
describe_model (const NmdExplainView *view,
                NmdRunsSession *runs,
                gboolean has_map,
                GPtrArray *texts)
{
  NmdModel *model = nmd_runs_session_get_model (runs);
  NmdRunItem *run = nmd_runs_session_get_run (runs);

  if (model == NULL)
    return NULL;
  g_autofree char *folder
      = run != NULL ? g_path_get_basename (run->folder) : g_strdup ("");
  const char *which = g_strcmp0 (nmd_model_get_which (model), "average") == 0
                          ? _ ("average weights")
                          : _ ("best weights");
  /* Translators: a network, "average weights", a folder */
  const char *text = keep (texts, g_strdup_printf (_ ("%s, %s, run %s"),
                                                   nmd_model_get_network (model)->title,
                                                   which, folder));
  if (!has_map || view->answer->device == NULL)
    return text;
  return keep (texts,
               g_strdup_printf (_ ("%s; computed by %s"), text, view->answer->device));
}

/* NULL where the picture has the grey levels of the file. */
static const char *
describe_grey (const NmdExplainView *view, GPtrArray *texts)
{
  char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];

  if (fabs (view->brightness) < 0.005 && fabs (view->contrast - 1) < 0.005)
    return NULL;
  return keep (texts,
               g_strdup_printf (
                   /* Translators: factors of a picture that was made brighter */
                   _ ("Shown with brightness %s and contrast × %s; echo intensity is "
                      "that of the untouched image"),
                   g_ascii_formatd (a, sizeof a, "%+.2f", view->brightness),
                   g_ascii_formatd (b, sizeof b, "%.2f", view->contrast)));
}

NmdFigure *
nmd_explain_figure_draw (const NmdExplainView *view,
                         NmdRunsSession *runs,
                         NmdExplanationSession *explanation,
                         NmdFigureFormat format,
                         GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  NmdExplainFigure figure = { 0 };
  NmdScan *scan = view->scan;
  NmdPlotStyle style;

  fill_overlay (&figure.overlay, view, explanation, texts);
  figure.image_name = scan->name;
  figure.classes[0] = nmd_explanation_session_get_class (explanation, 0);
  figure.classes[1] = nmd_explanation_session_get_class (explanation, 1);
  figure.part = nmd_explanation_session_get_part (explanation, scan, view->answer);
  figure.model = describe_model (view, runs, figure.overlay.map != NULL, texts);
  if (view->answer != NULL && view->answer->verdict.fit != NMD_FIT_YES)
    figure.fit = view->answer->verdict.reason;
  figure.show_score = nmd_explanation_session_may_show (explanation, view->answer);
  figure.echo_mean = scan->echo.n > 0 ? scan->echo.mean : NAN;
  figure.echo_sd = scan->echo.n > 0 ? scan->echo.sd : NAN;
  figure.grey_note = describe_grey (view, texts);
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  return nmd_figure_explain (&figure, format, 1, &style, error);
}

char *
nmd_explain_figure_name (NmdScan *scan)
{
  g_autofree char *base = g_path_get_basename (scan->name);
  char *dot = strrchr (base, '.');

  if (dot != NULL)
    *dot = '\0';
  return g_strdup_printf ("%s-explained.png", base);
}

char *
nmd_explain_figure_title (const NmdMap *map, NmdExplanationSession *explanation)
{
  if (map == NULL)
    return g_strdup (_ ("Map over the image"));
  /* Translators: class explained, method (a name), layer, its grid */
  return g_strdup_printf (_ ("“%s” · %s, %s, %d × %d"),
                          nmd_explanation_session_get_class (explanation, map->target),
                          _ (nmd_map_method_get_title (map->method)),
                          nmd_map_method_has_layer (map->method) ? map->layer
                                                                 : _ ("input"),
                          map->grid_width, map->grid_height);
}

const char *
nmd_explain_figure_note (const NmdMap *map, const NmdModel *model)
{
  if (map == NULL)
    return model == NULL ? _ ("A map needs a trained model") : "";
  if (!map->no_positive_evidence)
    return _ ("where the network was sensitive, not where disease is");
  return nmd_map_method_has_layer (map->method)
             ? _ ("No positive evidence: nothing in this scan speaks for this class at "
                  "this layer")
             : _ ("No positive evidence: nothing in this scan speaks for this class");
}
