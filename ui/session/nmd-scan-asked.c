/* SPDX-License-Identifier: Apache-2.0
 *
 * The scan is kept with who asks.
 */
#include "ui/session/nmd-scan-asked.h"

#include <glib/gi18n.h>

#define ASKED "nmd-scan-asked"

void
nmd_scan_asked_note (GObject *object, NmdScanSession *session)
{
  NmdScan *scan = nmd_scan_session_get_scan (session);

  g_return_if_fail (G_IS_OBJECT (object));
  g_object_set_data_full (object, ASKED, scan != NULL ? g_object_ref (scan) : NULL,
                          g_object_unref);
}

NmdScan *
nmd_scan_asked_get (GObject *object)
{
  g_return_val_if_fail (G_IS_OBJECT (object), NULL);
  return g_object_get_data (object, ASKED);
}

gboolean
nmd_scan_asked_is_shown (GObject *object,
                         NmdScanSession *session,
                         NmdNotices *notices,
                         gboolean page)
{
  NmdScan *asked = nmd_scan_asked_get (object);
  NmdScan *shown = nmd_scan_session_get_scan (session);

  if (asked != NULL && shown != NULL && (!page || asked->page == shown->page)
      && g_str_equal (asked->path, shown->path))
    return TRUE;
  nmd_notices_problem (notices,
                       _ ("Another image is shown by now: nothing was changed or saved"));
  return FALSE;
}
