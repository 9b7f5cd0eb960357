/* SPDX-License-Identifier: Apache-2.0
 *
 * The tools of a canvas: names, keys, icons, cursors and a line of help each.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  NMD_TOOL_PAN,
  NMD_TOOL_TRACE,
  NMD_TOOL_POLYGON,
  NMD_TOOL_BRUSH,
  NMD_TOOL_LIVEWIRE,
  NMD_TOOL_ELLIPSE,
  NMD_TOOL_BOX,
  NMD_TOOL_PROPOSAL,
  NMD_TOOL_DISTANCE,
  NMD_TOOL_ANGLE,
  NMD_TOOL_CALIBRATE,
  NMD_N_TOOLS,
} NmdTool;

typedef struct
{
  NmdTool tool;
  guint key;          /* GDK key of the letter that chooses it */
  const char *title;  /* untranslated, marked */
  const char *help;   /* one line, untranslated, marked */
  const char *keys;   /* likewise, for who draws by the keyboard; NULL where there is nothing to draw */
  const char *icon;
  gboolean draws;     /* changes the outline; else it moves or measures */
} NmdToolInfo;

/* The facts of @tool. Static. */
const NmdToolInfo *nmd_tool_get_info (NmdTool tool);

/* The tool that the lower-case @key chooses. FALSE if none. */
gboolean           nmd_tool_find_key (guint    key,
                                      NmdTool *tool);

G_END_DECLS
