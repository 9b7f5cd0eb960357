/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of tools. What they do is nmd-outline-editor.c's.
 */
#include "ui/widgets/nmd-tools.h"

#include <gdk/gdk.h>
#include <glib/gi18n.h>

/* clang-format off */
static const NmdToolInfo tools[NMD_N_TOOLS] = {
  { NMD_TOOL_PAN, GDK_KEY_v, N_("Move"), N_("Drag to move, wheel to zoom, right button for grey levels"),
    NULL,
    "find-location-symbolic", FALSE },
  { NMD_TOOL_TRACE, GDK_KEY_t, N_("Trace"), N_("Draw along the border with the button held; back at the start it closes. Shift adds, Ctrl takes away"),
    N_("Arrows move the cross (Shift: by ten), Enter begins the line and ends it. Shift+Enter adds, Ctrl+Enter takes away"),
    "nmd-trace-symbolic", TRUE },
  { NMD_TOOL_POLYGON, GDK_KEY_y, N_("Polygon"), N_("Click corners, double click closes. Then drag corners, click an edge for a new one, Delete removes"),
    N_("Arrows move the cross (Shift: by ten), Enter sets a corner, once more closes. Then Enter takes and drops corners, Delete removes"),
    "nmd-polygon-symbolic", TRUE },
  { NMD_TOOL_BRUSH, GDK_KEY_b, N_("Brush"), N_("Paint to add, with Ctrl to erase. [ and ] change its size"),
    N_("Arrows move the brush (Shift: by ten), Enter begins to paint and ends it, Ctrl+Enter erases. [ and ] change its size"),
    "nmd-brush-symbolic", TRUE },
  { NMD_TOOL_LIVEWIRE, GDK_KEY_l, N_("Livewire"), N_("Click along the fascia: the line finds the edge. Double click closes, Backspace takes a click back"),
    N_("Arrows move the cross (Shift: by ten), Enter fixes the line, once more closes, Backspace takes back"),
    "nmd-livewire-symbolic", TRUE },
  { NMD_TOOL_ELLIPSE, GDK_KEY_o, N_("Ellipse"), N_("Drag from corner to corner. Shift adds, Ctrl takes away"),
    N_("Arrows move the cross (Shift: by ten), Enter at two corners. Shift+Enter adds, Ctrl+Enter takes away"),
    "nmd-ellipse-symbolic", TRUE },
  { NMD_TOOL_BOX, GDK_KEY_x, N_("Box"), N_("Drag from corner to corner. Shift adds, Ctrl takes away"),
    N_("Arrows move the cross (Shift: by ten), Enter at two corners. Shift+Enter adds, Ctrl+Enter takes away"),
    "nmd-box-symbolic", TRUE },
  { NMD_TOOL_PROPOSAL, GDK_KEY_p, N_("Proposal"), N_("A trained network finds the outline. Drag a box around the muscle, click what belongs to it, Ctrl click what does not; Backspace takes the last back"),
    N_("Arrows move the cross (Shift: by ten), Enter twice at one place: it belongs (begun with Ctrl: it does not), at two corners: a box"),
    "nmd-propose-symbolic", TRUE },
  { NMD_TOOL_DISTANCE, GDK_KEY_d, N_("Callipers"), N_("Drag from one border to the other: thickness or any distance"),
    N_("Arrows move the cross (Shift: by ten), Enter at both ends"),
    "nmd-distance-symbolic", FALSE },
  { NMD_TOOL_ANGLE, GDK_KEY_g, N_("Angle"), N_("Click three points; the second one is the corner"),
    N_("Arrows move the cross (Shift: by ten), Enter at three points; the second one is the corner"),
    "nmd-angle-symbolic", FALSE },
  { NMD_TOOL_CALIBRATE, GDK_KEY_k, N_("Calibrate"), N_("Drag between two marks of the depth scale, then say how far apart they are"),
    N_("Arrows move the cross (Shift: by ten), Enter at two marks of the depth scale, then say how far apart they are"),
    "nmd-calibrate-symbolic", FALSE },
};
/* clang-format on */

const NmdToolInfo *
nmd_tool_get_info (NmdTool tool)
{
  g_return_val_if_fail ((int)tool >= 0 && tool < NMD_N_TOOLS, &tools[0]);
  return &tools[tool];
}

gboolean
nmd_tool_find_key (guint key, NmdTool *tool)
{
  for (guint i = 0; i < NMD_N_TOOLS; i++)
    if (tools[i].key == key)
      {
        *tool = (NmdTool)i;
        return TRUE;
      }
  return FALSE;
}
