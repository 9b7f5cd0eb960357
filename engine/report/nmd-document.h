/* SPDX-License-Identifier: Apache-2.0
 *
 * A document as a list of blocks: headings, paragraphs, tables, figures by name. What it says is the
 * writer's; as pages it is drawn by ui/plot. Texts are valid UTF-8 on one line: foreign bytes become what
 * nmd_text_display() shows. Threads: one at a time.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  NMD_BLOCK_TITLE,
  NMD_BLOCK_HEADING,    /* of a section; they are numbered from 1 */
  NMD_BLOCK_SUBHEADING,
  NMD_BLOCK_TEXT,
  NMD_BLOCK_WARNING,    /* a sentence that must be seen */
  NMD_BLOCK_ITEM,       /* of a list */
  NMD_BLOCK_TABLE,
  NMD_BLOCK_FIGURE,
} NmdBlockKind;

/**
 * NmdBlock:
 * @kind: what it is
 * @text: its text; of a table or figure the line that says what it shows
 * @number: of a heading, from 1
 * @cells: (nullable) (element-type utf8): of a table, row by row, the first row is its head
 * @n_columns: of a table
 * @figure: (nullable): name of a figure, without ending: "roc"
 *
 * Borrowed from the document.
 */
typedef struct
{
  NmdBlockKind kind;
  char *text;
  guint number;
  GPtrArray *cells;
  guint n_columns;
  char *figure;
} NmdBlock;

typedef struct _NmdDocument NmdDocument;

NmdDocument    *nmd_document_new         (void) G_GNUC_WARN_UNUSED_RESULT;
void            nmd_document_free        (NmdDocument       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdDocument, nmd_document_free)

/* Appends a block of any kind but table and figure. */
void            nmd_document_add         (NmdDocument       *self,
                                          NmdBlockKind       kind,
                                          const char        *format,
                                          ...) G_GNUC_PRINTF (3, 4);
/* Appends a table of @n_columns columns under the line @text, with its head. */
void            nmd_document_add_table   (NmdDocument       *self,
                                          const char        *text,
                                          guint              n_columns,
                                          const char *const *head);
/* Appends a row to the last table; %NULL cells are "–". */
void            nmd_document_add_row     (NmdDocument       *self,
                                          const char *const *cells);
/* Appends a figure. */
void            nmd_document_add_figure  (NmdDocument       *self,
                                          const char        *name,
                                          const char        *text);

/* Number of blocks, and block @i < n. */
guint           nmd_document_get_n       (const NmdDocument *self);
const NmdBlock *nmd_document_get         (const NmdDocument *self,
                                          guint              i);
/* Number of the last heading, 0 before the first. */
guint           nmd_document_get_section (const NmdDocument *self);

/* The document as Markdown (CommonMark with pipe tables); figures are the PNG files of their names in
 * @folder, a relative path. Every character with a meaning in Markdown is escaped.
 * Returns: (transfer full) */
char           *nmd_document_to_markdown (const NmdDocument *self,
                                          const char        *folder) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
