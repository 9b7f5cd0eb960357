/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks and their Markdown. Pages are drawn elsewhere.
 */
#include "config.h"

#include "engine/report/nmd-document.h"

#include "engine/core/nmd-text.h"

#include <string.h>

struct _NmdDocument
{
  GPtrArray *blocks; /* NmdBlock */
  guint n_headings;
};

static void
block_free (gpointer data)
{
  NmdBlock *self = data;

  g_free (self->text);
  g_free (self->figure);
  g_clear_pointer (&self->cells, g_ptr_array_unref);
  g_free (self);
}

NmdDocument *
nmd_document_new (void)
{
  NmdDocument *self = g_new0 (NmdDocument, 1);

  self->blocks = g_ptr_array_new_with_free_func (block_free);
  return self;
}

void
nmd_document_free (NmdDocument *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

static NmdBlock *
add_block (NmdDocument *self, NmdBlockKind kind, const char *text)
{
  NmdBlock *block = g_new0 (NmdBlock, 1);

  block->kind = kind;
  block->text = nmd_text_display (text);
  if (kind == NMD_BLOCK_HEADING)
    block->number = ++self->n_headings;
  g_ptr_array_add (self->blocks, block);
  return block;
}

void
nmd_document_add (NmdDocument *self, NmdBlockKind kind, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  g_return_if_fail (kind != NMD_BLOCK_TABLE && kind != NMD_BLOCK_FIGURE);
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  add_block (self, kind, text);
}

void
nmd_document_add_table (NmdDocument *self,
                        const char *text,
                        guint n_columns,
                        const char *const *head)
{
  NmdBlock *block = add_block (self, NMD_BLOCK_TABLE, text);

  block->n_columns = n_columns;
  block->cells = g_ptr_array_new_with_free_func (g_free);
  nmd_document_add_row (self, head);
}

void
nmd_document_add_row (NmdDocument *self, const char *const *cells)
{
  NmdBlock *block
      = self->blocks->len > 0 ? self->blocks->pdata[self->blocks->len - 1] : NULL;

  g_return_if_fail (block != NULL && block->kind == NMD_BLOCK_TABLE);
  for (guint i = 0; i < block->n_columns; i++)
    g_ptr_array_add (block->cells, nmd_text_display (cells[i] != NULL ? cells[i] : "–"));
}

void
nmd_document_add_figure (NmdDocument *self, const char *name, const char *text)
{
  add_block (self, NMD_BLOCK_FIGURE, text)->figure = g_strdup (name);
}

guint
nmd_document_get_n (const NmdDocument *self)
{
  return self->blocks->len;
}

const NmdBlock *
nmd_document_get (const NmdDocument *self, guint i)
{
  g_return_val_if_fail (i < self->blocks->len, NULL);
  return self->blocks->pdata[i];
}

guint
nmd_document_get_section (const NmdDocument *self)
{
  return self->n_headings;
}

/* ---- Markdown */

static void
append_escaped (GString *out, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '<')
      g_string_append (out, "&lt;");
    else if (*c == '&')
      g_string_append (out, "&amp;");
    else
      {
        /* a number or a sign at the start of a line would begin a list or a heading */
        if (strchr ("\\`*_[]|~", *c) != NULL
            || (c == text && strchr ("#>+-=", *c) != NULL))
          g_string_append_c (out, '\\');
        g_string_append_c (out, *c);
      }
}

static void
append_table (GString *out, const NmdBlock *block)
{
  for (guint i = 0; i < block->cells->len; i++)
    {
      g_string_append (out, "| ");
      append_escaped (out, block->cells->pdata[i]);
      g_string_append_c (out, ' ');
      if (i % block->n_columns < block->n_columns - 1)
        continue;
      g_string_append (out, "|\n");
      for (guint k = 0; k < block->n_columns && i == block->n_columns - 1; k++)
        g_string_append (out, k < block->n_columns - 1 ? "| --- " : "| --- |\n");
    }
}

/* Text between @before and @after. */
static void
append_between (GString *out, const char *before, const char *text, const char *after)
{
  g_string_append (out, before);
  append_escaped (out, text);
  g_string_append (out, after);
}

static void
append_block (GString *out, const NmdBlock *block, const char *folder)
{
  switch (block->kind)
    {
    case NMD_BLOCK_TITLE:
      append_between (out, "# ", block->text, "\n\n");
      break;
    case NMD_BLOCK_HEADING:
      g_string_append_printf (out, "## %u. ", block->number);
      append_between (out, "", block->text, "\n\n");
      break;
    case NMD_BLOCK_SUBHEADING:
      append_between (out, "### ", block->text, "\n\n");
      break;
    case NMD_BLOCK_TEXT:
      append_between (out, "", block->text, "\n\n");
      break;
    case NMD_BLOCK_WARNING:
      append_between (out, "> **", block->text, "**\n\n");
      break;
    case NMD_BLOCK_ITEM:
      append_between (out, "- ", block->text, "\n");
      break;
    case NMD_BLOCK_TABLE:
      if (*block->text != '\0')
        append_between (out, "", block->text, "\n\n");
      append_table (out, block);
      g_string_append_c (out, '\n');
      break;
    case NMD_BLOCK_FIGURE:
      append_between (out, "![", block->text, "](");
      g_string_append_printf (out, "%s/%s.png)\n\n", folder, block->figure);
      break;
    }
}

char *
nmd_document_to_markdown (const NmdDocument *self, const char *folder)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const NmdBlock *block = self->blocks->pdata[i];
      const NmdBlock *before = i > 0 ? self->blocks->pdata[i - 1] : NULL;

      if (before != NULL && before->kind == NMD_BLOCK_ITEM
          && block->kind != NMD_BLOCK_ITEM)
        g_string_append_c (out, '\n');
      append_block (out, block, folder);
    }
  return g_string_free (out, FALSE);
}
