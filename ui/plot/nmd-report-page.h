/* SPDX-License-Identifier: Apache-2.0
 *
 * One page of A4 for the record: a scan with its outline, and text.
 */
#pragma once

#include "ui/plot/nmd-body-chart.h"
#include "ui/plot/nmd-figure.h"

G_BEGIN_DECLS

/* Texts are borrowed for the call. */
typedef struct
{
  NmdOverlay overlay; /* the picture */
  NmdBodyChart body;  /* beside the picture; n 0: none */
  const char *title;
  const char *text;   /* lines; what does not fit on the page is cut, and the last line says so */
  const char *cut;    /* that line */
  const char *foot;   /* at the bottom */
} NmdReportPage;

/* Returns: (transfer full): a PDF of one page; errors of nmd_figure_render() */
GBytes *nmd_report_page_render (const NmdReportPage  *page,
                                GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
