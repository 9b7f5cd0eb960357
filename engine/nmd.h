/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine of NMD Assist: everything that a program needs of it. Rooms, each using only those above:
 *
 *   core    errors, jobs, random streams, the parameter table, files, tables, JSON
 *   image   the grey image and its readers, masks, outlines, preprocessing, echo intensity
 *   data    data sets: import, the demo cohort, splits, batches
 *   nn      graphs of operations, networks, weights
 *   backend devices and sessions: what computes a graph
 *   model   a trained network with its passport, a scan, and the judge of whether they fit
 *   eval    measures with their intervals, rivals, calibration, heat maps
 *   train   recipe, trainer, run folders, evaluation of a run
 *   experiment  plans of many trainings, the journal that processes share, their tables
 *   report  the model card of a run, reporting checklists, evidence packs
 *
 * Who owns what. `…_new`, `…_load`, `…_copy` and `…_compute` hand over a new reference or copy; `…_get…`
 * lends something that lives as long as its owner and must not be changed; `…_ref` adds a reference;
 * functions take no ownership of arguments unless they are called `take`. Every type has a
 * `g_autoptr` or `g_auto` clean-up. Plain structs that a caller fills hold borrowed pointers for the time
 * of the call.
 *
 * What changes. NmdImage, NmdDataset, NmdSample, NmdModel, NmdScan, NmdGraph and results are immutable
 * once made: any thread may read them, references are atomic. NmdParameters, NmdSplit and settings
 * belong to one thread; give others a copy.
 *
 * Which thread calls what. Functions are synchronous, know no main loop, and take a GCancellable where
 * they may last; cancelled, they return %G_IO_ERROR_CANCELLED within a batch, an image or some thousand
 * rows. NmdSession and what was opened on it (NmdPredictor, programs) belong to one thread for life.
 * NmdJob is the way to run any of it beside a main loop: its callbacks come on the thread that started
 * the job.
 *
 * What goes wrong. Failures outside the program are a GError of %NMD_ERROR, #G_FILE_ERROR or
 * %G_IO_ERROR_CANCELLED, with one sentence that names the file; the result is then %NULL or %FALSE. The
 * engine prints nothing, never exits, sets no locale, and leaves no partial file. Bounds of sizes stand
 * in each reader's header; memory for tensors that is not there is %NMD_ERROR_MEMORY.
 *
 * What is the same. The same seed, device and number of threads give the same bits.
 */
#pragma once

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-error.h"
#include "engine/core/nmd-event-file.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-job.h"
#include "engine/core/nmd-json-value.h"
#include "engine/core/nmd-json.h"
#include "engine/core/nmd-module.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-parameters.h"
#include "engine/core/nmd-protobuf.h"
#include "engine/core/nmd-random.h"
#include "engine/core/nmd-right-of-way.h"
#include "engine/core/nmd-task.h"
#include "engine/core/nmd-text.h"
#include "engine/core/nmd-words.h"
#include "engine/image/nmd-augment-pair.h"
#include "engine/image/nmd-dicom.h"
#include "engine/image/nmd-image.h"
#include "engine/image/nmd-letterbox.h"
#include "engine/image/nmd-livewire.h"
#include "engine/image/nmd-mask-check.h"
#include "engine/image/nmd-mask-edit.h"
#include "engine/image/nmd-mask-distance.h"
#include "engine/image/nmd-mask-parts.h"
#include "engine/image/nmd-measure.h"
#include "engine/image/nmd-mask-shapes.h"
#include "engine/image/nmd-outline.h"
#include "engine/image/nmd-perceptual-hash.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/image/nmd-preprocess.h"
#include "engine/image/nmd-reader.h"
#include "engine/image/nmd-texture.h"
#include "engine/data/nmd-dataset.h"
#include "engine/data/nmd-import-report.h"
#include "engine/data/outlines/nmd-outlines.h"
#include "engine/data/outlines/nmd-outlines-export.h"
#include "engine/data/nmd-leak-check.h"
#include "engine/data/nmd-part.h"
#include "engine/data/nmd-split.h"
#include "engine/data/nmd-stamp.h"
#include "engine/data/nmd-batch.h"
#include "engine/data/import/nmd-cache.h"
#include "engine/data/import/nmd-import.h"
#include "engine/data/import/nmd-mask-names.h"
#include "engine/data/import/nmd-table.h"
#include "engine/data/demo/nmd-demo.h"
#include "engine/nn/graph/nmd-graph.h"
#include "engine/nn/blocks/nmd-blocks.h"
#include "engine/nn/nmd-network.h"
#include "engine/nn/nmd-onnx.h"
#include "engine/nn/nmd-pytorch.h"
#include "engine/nn/nmd-summary.h"
#include "engine/nn/nmd-transfer.h"
#include "engine/nn/nmd-weights.h"
#include "engine/backend/nmd-device.h"
#include "engine/backend/nmd-session.h"
#include "engine/backend/nmd-threads.h"
#include "engine/model/nmd-conformal.h"
#include "engine/model/nmd-passport.h"
#include "engine/model/nmd-passport-make.h"
#include "engine/model/nmd-model.h"
#include "engine/model/nmd-predictor.h"
#include "engine/model/nmd-segmenter.h"
#include "engine/model/nmd-reference.h"
#include "engine/model/nmd-sample-z.h"
#include "engine/model/nmd-scan.h"
#include "engine/model/nmd-verdict.h"
#include "engine/eval/nmd-scores.h"
#include "engine/eval/nmd-metrics.h"
#include "engine/eval/nmd-kappa.h"
#include "engine/eval/nmd-roc.h"
#include "engine/eval/nmd-delong.h"
#include "engine/eval/nmd-cluster-bootstrap.h"
#include "engine/eval/nmd-rival.h"
#include "engine/eval/nmd-rivals.h"
#include "engine/eval/nmd-threshold.h"
#include "engine/eval/nmd-calibration.h"
#include "engine/eval/nmd-utility.h"
#include "engine/eval/nmd-conformal-fit.h"
#include "engine/eval/nmd-sample-size.h"
#include "engine/eval/nmd-results.h"
#include "engine/eval/nmd-audit.h"
#include "engine/eval/nmd-colours.h"
#include "engine/eval/nmd-attribution.h"
#include "engine/eval/nmd-map-measure.h"
#include "engine/eval/nmd-map.h"
#include "engine/eval/nmd-map-check.h"
#include "engine/eval/nmd-map-repeat.h"
#include "engine/eval/nmd-map-table.h"
#include "engine/eval/nmd-what-if.h"
#include "engine/eval/nmd-agreement.h"
#include "engine/eval/nmd-outline-measures.h"
#include "engine/eval/nmd-outline-table.h"
#include "engine/eval/nmd-outline-user.h"
#include "engine/eval/nmd-outline-shown.h"
#include "engine/train/nmd-quick-look.h"
#include "engine/train/nmd-train.h"
#include "engine/train/nmd-run.h"
#include "engine/train/nmd-run-entry.h"
#include "engine/train/nmd-run-notes.h"
#include "engine/train/nmd-evaluate.h"
#include "engine/experiment/nmd-plan.h"
#include "engine/experiment/nmd-journal.h"
#include "engine/experiment/nmd-experiment.h"
#include "engine/experiment/nmd-experiment-results.h"
#include "engine/experiment/nmd-experiment-curves.h"
#include "engine/report/nmd-checklist.h"
#include "engine/report/nmd-document.h"
#include "engine/report/nmd-file-list.h"
#include "engine/report/nmd-metrics-check.h"
#include "engine/report/nmd-pack.h"
#include "engine/report/nmd-run-card.h"
#include "engine/report/nmd-run-facts.h"
