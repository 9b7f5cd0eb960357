/* SPDX-License-Identifier: Apache-2.0
 *
 * What a model would say of a scan of another brightness or contrast, or on black: the grey levels change, the outline
 * stays, and preprocessing follows as ever. A score that moves with the gain of the machine says so here.
 */
#pragma once

#include "engine/model/nmd-predictor.h"

G_BEGIN_DECLS

#define NMD_WHAT_IF_BRIGHTNESS_END 0.5 /* −0.5 to 0.5: ± 64 grey levels */
#define NMD_WHAT_IF_CONTRAST_LOW 0.5
#define NMD_WHAT_IF_CONTRAST_HIGH 2.0

/**
 * NmdWhatIf:
 * @brightness: 0 as in the file
 * @contrast: 1 as in the file; above 0
 * @blank_background: black outside the outline; nothing without one
 *
 * A grey level v becomes clip (((v/255 − ½)·contrast + ½ + brightness/2)·255), rounded: what a viewer with the same
 * settings shows.
 */
typedef struct
{
  double brightness, contrast;
  gboolean blank_background;
} NmdWhatIf;

#define NMD_WHAT_IF_INIT { 0, 1, FALSE }

/* Which of them is moved to find a flip. */
typedef enum
{
  NMD_WHAT_IF_BRIGHTNESS,
  NMD_WHAT_IF_CONTRAST,
} NmdWhatIfAxis;

/* Returns: (transfer full): @image changed; @mask (nullable) is of its size. Threads: any. */
NmdImage *nmd_what_if_apply (const NmdWhatIf *self,
                             const NmdImage  *image,
                             const NmdImage  *mask) G_GNUC_WARN_UNUSED_RESULT;

/* The score of the changed scan, in [0, 1]. @mask (nullable): its outline; %NULL: the whole frame. Threads: the
 * predictor's. Errors: those of nmd_predictor_score(). */
gboolean  nmd_what_if_score (const NmdWhatIf *self,
                             NmdPredictor    *predictor,
                             const NmdImage  *image,
                             const NmdImage  *mask,
                             double          *score,
                             GError         **error);

/* The score at @value; FALSE with @error set. */
typedef gboolean (*NmdScoreFunc) (gpointer   data,
                                  double     value,
                                  double    *score,
                                  GError   **error);

/**
 * nmd_flip_find:
 * @func: the score at a value; need not be monotonous
 * @at: the value now, within @low to @high
 * @threshold: positive iff score ≥ @threshold
 * @cancellable: (nullable): looked at before each score
 * @flip: (out): the value nearest to @at, of those found, where the class becomes another; NaN: none
 *
 * Looks at 16 steps from @low to @high, from @at outwards, for the first whose class is another than that at @at, and
 * halves the step before it until it is shorter than 1/1000 of the range. A class that becomes another and back
 * within one step is not seen.
 *
 * Cost: at most 28 scores.
 *
 * Errors: those of @func; %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE on success, with or without a flip
 */
gboolean  nmd_flip_find     (NmdScoreFunc     func,
                             gpointer         data,
                             double           at,
                             double           low,
                             double           high,
                             double           threshold,
                             GCancellable    *cancellable,
                             double          *flip,
                             GError         **error);

/* nmd_flip_find() along @axis from @self on, the other settings kept. Threads: the predictor's. */
gboolean  nmd_what_if_flip  (const NmdWhatIf *self,
                             NmdWhatIfAxis    axis,
                             NmdPredictor    *predictor,
                             const NmdImage  *image,
                             const NmdImage  *mask,
                             double           threshold,
                             GCancellable    *cancellable,
                             double          *flip,
                             GError         **error);

G_END_DECLS
