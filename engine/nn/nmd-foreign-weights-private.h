/* SPDX-License-Identifier: Apache-2.0
 *
 * Weights files of other programs, told by their first bytes.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Leading bytes that nmd_foreign_weights_explain() looks at. */
#define NMD_FOREIGN_WEIGHTS_HEAD 512

/* What the file @path is if its first @length bytes @head are no safetensors file's: a PyTorch file (a
 * zip with a pickle in it, or the pickle of PyTorch before 1.6), with the line of Python that converts
 * it; another zip; an HDF5 file. One sentence without the file's name at its beginning; %NULL if they
 * are of none of these. */
char *nmd_foreign_weights_explain (const char   *path,
                                   const guchar *head,
                                   gsize         length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
