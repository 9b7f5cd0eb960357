/* SPDX-License-Identifier: Apache-2.0
 *
 * A document's blocks and their Markdown.
 */
#include "engine/report/nmd-document.h"

#include <string.h>

static void
test_markdown (void)
{
  static const char *const head[] = { "a", "b" }, *const row[] = { "1|2", NULL };
  g_autoptr (NmdDocument) document = nmd_document_new ();
  g_autofree char *text = NULL;

  nmd_document_add (document, NMD_BLOCK_TITLE, "Card of %s", "run_1");
  nmd_document_add (document, NMD_BLOCK_HEADING, "Data");
  nmd_document_add (document, NMD_BLOCK_TEXT, "<script> & *stars* [link](x)");
  nmd_document_add (document, NMD_BLOCK_TEXT, "- not a list");
  nmd_document_add (document, NMD_BLOCK_ITEM, "one");
  nmd_document_add (document, NMD_BLOCK_ITEM, "two");
  nmd_document_add (document, NMD_BLOCK_HEADING, "Results");
  nmd_document_add_table (document, "Counts", 2, head);
  nmd_document_add_row (document, row);
  nmd_document_add_figure (document, "roc", "ROC");
  text = nmd_document_to_markdown (document, "figures");
  g_assert_cmpstr (text, ==,
                   "# Card of run\\_1\n\n"
                   "## 1. Data\n\n"
                   "&lt;script> &amp; \\*stars\\* \\[link\\](x)\n\n"
                   "\\- not a list\n\n"
                   "- one\n- two\n\n"
                   "## 2. Results\n\n"
                   "Counts\n\n"
                   "| a | b |\n| --- | --- |\n| 1\\|2 | – |\n\n"
                   "![ROC](figures/roc.png)\n\n");
  g_assert_cmpuint (nmd_document_get_section (document), ==, 2);
}

/* Names of files may be anything: nothing of them breaks a line or is no UTF-8. */
static void
test_foreign (void)
{
  g_autoptr (NmdDocument) document = nmd_document_new ();
  const NmdBlock *block = NULL;

  nmd_document_add (document, NMD_BLOCK_TEXT, "a\nb\xff\x1b[31m");
  block = nmd_document_get (document, 0);
  g_assert_true (g_utf8_validate (block->text, -1, NULL));
  g_assert_null (strpbrk (block->text, "\n\x1b"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/markdown", test_markdown);
  g_test_add_func ("/document/foreign", test_foreign);
  return g_test_run ();
}
