/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's one error domain. Whatever can fail for reasons outside the program reports
 * here, in #G_FILE_ERROR, or as %G_IO_ERROR_CANCELLED. Messages start with a capital, carry no
 * full stop, name the file and the two things that disagree:
 * "Mask BB_anon_7_2.png is 480 × 480, its image is 512 × 480".
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * NmdError:
 * @NMD_ERROR_FORMAT: a file or text does not have the form it should have
 * @NMD_ERROR_SHAPE: sizes or shapes disagree
 * @NMD_ERROR_UNSUPPORTED: a well-formed request that this build or device cannot serve
 * @NMD_ERROR_DEVICE: a compute device is missing or failed
 * @NMD_ERROR_MEMORY: memory does not suffice (the message says what would)
 * @NMD_ERROR_DIVERGED: a computation gave NaN or infinity
 * @NMD_ERROR_CHANGED: something is not what it was when its record was made (data set, run)
 * @NMD_ERROR_BUSY: another program holds it (the message names the holder)
 * @NMD_ERROR_REFUSED: refused to protect the user's data (not empty, leaves its root)
 * @NMD_ERROR_NEEDS_POSITIVE: a label word has no meaning: the caller has to name the positive one.
 *   Choices: the label words of the data set
 * @NMD_ERROR_NEEDS_UNPACK: an archive can be read only after the user agreed to unpack it into the
 *   cache. No choices
 * @NMD_ERROR_NEEDS_COLUMNS: a table lacks a column that is needed: the caller has to name it.
 *   Choices: the headers of the table, in order
 * @NMD_ERROR_NEEDS_MASKS: masks lie in several places, or not where the caller said: the caller has to
 *   name their folder or suffix. Choices: names of folders, none if there is nothing to choose from
 * @NMD_ERROR_NEEDS_OUTLINE_LABEL: outlines of several labels are drawn: the caller has to name the one to
 *   measure. Choices: the labels, and "*" for all together
 * @NMD_ERROR_NEEDS_SPLIT: the parts that a data set states divide subjects: the caller has to name the
 *   split, "stated" to take them as they are. No choices
 * @NMD_ERROR_NEEDS_MASK_VALUE: masks hold several label values: the caller has to say which one is meant.
 *   Choices: the values, and "any"
 * @NMD_ERROR_NEEDS_MASKS_SEEN: masks are doubtful: they have to be mended, or accepted, before a training.
 *   No choices
 * @NMD_ERROR_NO_FIT: the images do not fit what the model was trained on, or that cannot be judged; the
 *   user may have scores anyway, marked "not meaningful"
 *
 * The NEEDS codes are questions: the same call succeeds once its settings hold the answer.
 * Callers look at the code and at nmd_error_get_choices(), never at the text.
 */
typedef enum
{
  NMD_ERROR_FORMAT,
  NMD_ERROR_SHAPE,
  NMD_ERROR_UNSUPPORTED,
  NMD_ERROR_DEVICE,
  NMD_ERROR_MEMORY,
  NMD_ERROR_DIVERGED,
  NMD_ERROR_CHANGED,
  NMD_ERROR_BUSY,
  NMD_ERROR_REFUSED,
  NMD_ERROR_NEEDS_POSITIVE,
  NMD_ERROR_NEEDS_UNPACK,
  NMD_ERROR_NEEDS_COLUMNS,
  NMD_ERROR_NEEDS_MASKS,
  NMD_ERROR_NEEDS_OUTLINE_LABEL,
  NMD_ERROR_NEEDS_SPLIT,
  NMD_ERROR_NEEDS_MASK_VALUE,
  NMD_ERROR_NEEDS_MASKS_SEEN,
  NMD_ERROR_NO_FIT,
} NmdError;

#define NMD_ERROR (nmd_error_quark ())

/* Quark of the domain; use %NMD_ERROR. */
GQuark             nmd_error_quark       (void);

#define NMD_ERROR_MAX_CHOICES 256

/**
 * nmd_error_set_choices:
 * @error: an error of this domain, as g_set_error() left it
 * @choices: (array zero-terminated=1): the answers that the user may choose from; copied
 *
 * Attaches the choices of a question to its error; they travel with g_error_copy() and
 * g_propagate_error(). Only the first %NMD_ERROR_MAX_CHOICES are kept.
 */
void               nmd_error_set_choices (GError             *error,
                                          const char *const  *choices);

/**
 * nmd_error_get_choices:
 * @error: (nullable): any error
 *
 * The answers to the question that @error asks.
 *
 * Returns: (transfer none) (array zero-terminated=1): choices, as long as @error lives; an empty list
 *   where there are none or @error is of another domain, never %NULL
 */
const char *const *nmd_error_get_choices (const GError       *error);

G_END_DECLS
