/* SPDX-License-Identifier: Apache-2.0
 *
 * A segmentation model in a session: proposes the outline of a whole frame. Belongs to the session's
 * thread. The session must be its own: a classifier's tensors may have the same names.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/image/nmd-letterbox.h"
#include "engine/model/nmd-model.h"

G_BEGIN_DECLS

/**
 * NmdOutlineWarnings:
 * @NMD_OUTLINE_WARNING_SIDES: the outline touches the frame on three or four sides
 * @NMD_OUTLINE_WARNING_PARTS: before cleaning there was a second part with at least a tenth of the
 *   pixels of the largest
 * @NMD_OUTLINE_WARNING_SIZE: width or height of its bounds lies outside the training images' 1st to 99th
 *   percentile widened by half their span, as nmd_scan_judge() has it
 * @NMD_OUTLINE_WARNING_PROMPTS: there were prompts, and the network was trained without any
 *
 * What speaks against a proposed outline.
 */
typedef enum
{
  NMD_OUTLINE_WARNING_SIDES   = 1 << 0,
  NMD_OUTLINE_WARNING_PARTS   = 1 << 1,
  NMD_OUTLINE_WARNING_SIZE    = 1 << 2,
  NMD_OUTLINE_WARNING_PROMPTS = 1 << 3,
} NmdOutlineWarnings;

#define NMD_OUTLINE_WARNING_LAST NMD_OUTLINE_WARNING_PROMPTS

/* The sentence for one @warning, untranslated, without a full stop. Static. */
const char   *nmd_outline_warning_to_text (NmdOutlineWarnings warning);

/**
 * NmdProposal:
 * @mask: (nullable): the outline's pixels in the untouched image; %NULL: no outline found, which is an
 *   answer
 * @bounds: smallest box of @mask
 * @area: set pixels
 * @confidence: mean of |2p − 1| over the pixels within the larger of 2 % of the bounds' shorter side and
 *   two pixels of the field of the mask's surface, [0, 1]; NaN without an outline. Low where the network
 *   hesitates about the border
 * @warnings: flags of #NmdOutlineWarnings
 */
typedef struct
{
  NmdImage *mask;
  NmdBox bounds;
  gint64 area;
  double confidence;
  guint warnings;
} NmdProposal;

void          nmd_proposal_clear (NmdProposal  *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdProposal, nmd_proposal_clear)

typedef struct _NmdSegmenter NmdSegmenter;

/* Whether @model was trained with prompts: "prompts" is on and "unprompted" leaves images for them. */
gboolean      nmd_segmenter_takes_prompts (const NmdModel *model);

/**
 * nmd_segmenter_new:
 * @session: must outlive the segmenter
 * @model: of a network for %NMD_TASK_SEGMENT; referenced
 *
 * Compiles the program for one image and loads the weights.
 *
 * Errors: %NMD_ERROR_REFUSED for a model of another task; those of the device.
 *
 * Returns: (transfer full): the segmenter; %NULL with @error set
 */
NmdSegmenter *nmd_segmenter_new  (NmdSession   *session,
                                  NmdModel     *model,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;
void          nmd_segmenter_free (NmdSegmenter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdSegmenter, nmd_segmenter_free)

/**
 * nmd_segmenter_propose:
 * @image: the untouched image
 * @prompts: (nullable): what the user shows, in pixels of @image; %NULL and one without box and clicks are
 *   the same. The same image is asked again with more of them: each answer stands for itself, the outline
 *   before is not among what the network sees
 * @proposal: (out caller-allocates): clear with nmd_proposal_clear()
 *
 * Letterboxes @image, runs the network, with "mirror" also on the mirrored field (p is then the mean of
 * both answers), enlarges p = 1/(1 + e⁻ᶻ) back to @image's pixels, sets those with
 * p ≥ "outline-threshold", keeps the largest 8-connected part ("largest-part") and fills its holes
 * ("fill-holes"), all four as the model's parameters say. What the
 * network is handed of the prompts: nmd_segment_input().
 *
 * Cost: a forward pass of one image, of two with "mirror"; about 10 ms each at 256 × 256 with ghostunet on two cores, and about as
 * much for cleaning and confidence of 0.3 megapixels.
 *
 * Errors: %NMD_ERROR_DIVERGED if a logit is no number; those of the device.
 */
gboolean      nmd_segmenter_propose (NmdSegmenter     *self,
                                     const NmdImage   *image,
                                     const NmdPrompts *prompts,
                                     NmdProposal      *proposal,
                                     GError          **error);

/* The masks of @image at @n thresholds, cleaned by the model's parameters, each of height × width (empty
 * where there is no outline) into @masks (transfer full). Errors: as nmd_segmenter_propose(). */
gboolean      nmd_segmenter_try     (NmdSegmenter     *self,
                                     const NmdImage   *image,
                                     const double     *thresholds,
                                     guint             n,
                                     NmdImage        **masks,
                                     GError          **error);

G_END_DECLS
