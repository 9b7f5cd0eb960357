/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd`, the headless twin of the window: the same engine, the same results, no GTK. This
 * file lists the commands and finds the one that is asked for.
 */
#include "config.h"

#include "app/nmd-command.h"
#include "engine/nmd.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

const NmdCommand nmd_commands[] = {
  { "demo", "DIR",
    "Make a synthetic cohort: simulated muscle ultrasound images with masks and labels.",
    "DIR must be new or empty. It gets the folders of the paper's data set:\n"
    "BB, GM, TA / Healthy, Pathological / Images, Masks.",
    nmd_command_demo },
  { "dataset", "PATH",
    "Read a data set (a folder, a .zip, a .tar.gz or a manifest table) and report what "
    "is "
    "in it.",
    "A manifest is a table (.csv, .tsv, .txt or .xlsx) with the columns image, mask,\n"
    "subject and label; name other headers with --image-column and so on. Images may be\n"
    "named without folder or ending, with backslashes, or by absolute paths of another\n"
    "machine. Empty cells, NA, N/A, NaN, None, null and - say nothing. A row that "
    "cannot\n"
    "be used is left out and named. A column split, part, partition or subset of words\n"
    "such as train, val and test states the parts.\n"
    "Positive labels are 1, true, positive, pos, pathological, abnormal, malignant and\n"
    "patient; negative ones 0, -1, false, negative, neg, healthy, normal, benign and\n"
    "control. For other words (yes and no too) name the positive one: --positive WORD.\n"
    "“nmd dataset --caches” lists the cache of unpacked archives and preprocessed "
    "images.",
    nmd_command_dataset },
  { "outlines", "DATASET --format labelme|coco --out DIR",
    "Write the masks of a data set as outlines for labelme or COCO.",
    "Polygons run along the borders of pixels: read again they give the same masks. A "
    "mask\n"
    "with a hole is written as pixels. labelme gets a file for each image, COCO one for "
    "all.",
    nmd_command_outlines },
  { "preprocess", "IMAGE --out DIR",
    "Preprocess one image and write each stage: roi, resize, median and clahe .png.",
    "Without --mask or --roi the whole frame is used.", nmd_command_preprocess },
  { "model", "NAME",
    "Print a network's layers with output size, parameters and multiply-adds.",
    "Networks: nmdassistnet, ghostnet, efficientnet, cspnet, hrnet, vit; ghostunet and "
    "unet\n"
    "find outlines.",
    nmd_command_model },
  { "train", "DATASET --out RUN",
    "Train a network on a data set and evaluate it. RUN is a new or empty folder.",
    "Without --out the run folder is run-DATE-TIME in the current folder.\n"
    "Ctrl-C stops after the current batch; the run folder then holds everything up to "
    "the\n"
    "last complete epoch, and “nmd train --resume RUN” continues with the run's own "
    "settings;\n"
    "DATASET then says where the same data set lies now, if it was moved.\n"
    "--split FILE is a table (.csv, .tsv, .txt or .xlsx) with the columns image and "
    "part:\n"
    "train, validation (val) or test. Images are named by their ids as “nmd dataset” "
    "has\n"
    "them, with or without folder and ending; those not named are not used.\n"
    "Where the data set states a part of every image, in a column “split” or by "
    "folders,\n"
    "that is the split unless --split says\n"
    "otherwise. run.json says which split was used, and where it came from.\n"
    "--init reads a safetensors file with the tensor names of PyTorch or timm\n"
    "(model.safetensors). Its classifier is not used if it has another number of "
    "classes.\n"
    "Of a run folder it takes the weights that the run scores with; ghostunet takes the "
    "encoder\nof a nmdassistnet, and the other way round.",
    nmd_command_train },
  { "evaluate", "RUN",
    "Score all images of a run's data set, or of another one, and print the measures.",
    "With --dataset and another data set, images that do not fit the model get no "
    "score,\n"
    "as in “nmd predict”.",
    nmd_command_evaluate },
  { "crossval", "DATASET --out DIR",
    "Train and test networks on every fold of a data set; mean and SD over folds and "
    "seeds.",
    "Folds are by subject (--folds 5), of a table (--split FILE with the columns image "
    "and\n"
    "fold), or the values of a column (--leave-out device). Thresholds, epochs and "
    "calibration\n"
    "come from the validation part of each training. Ctrl-C stops; the same command, or "
    "“nmd\n"
    "experiment DIR”, goes on. Several processes may work on one folder.",
    nmd_command_crossval },
  { "compare", "DATASET --out DIR", "Train networks on the same split and compare them.",
    "With --split kfold, --split FILE or --leave-out COLUMN on every fold.",
    nmd_command_compare },
  { "ablate", "DATASET --out DIR --what preprocessing|architecture|recipe",
    "Train a network with parts of preprocessing, architecture or recipe left out.",
    "preprocessing: A box and resize alone, B with median, C with CLAHE, D with "
    "augmentation,\n"
    "E with Mixup, and E on the whole frame. architecture: without CBAM, shuffle, "
    "separable\n"
    "stem, expansion. recipe: without label smoothing, SWALR, averaging.",
    nmd_command_ablate },
  { "leaks", "DATASET|RUN",
    "Look for subjects and near-duplicate images that parts of a split have in common.",
    "Of a run it is the run's split, of a data set that of --split KIND|FILE; without "
    "it\n"
    "near-duplicates of different subjects are looked for. Images are compared by a\n"
    "perceptual hash, then by correlation (0.95) of 64 × 64 pixels. Mirrored ones are "
    "not found.",
    nmd_command_leaks },
  { "leak-gap", "DATASET --out DIR",
    "Train by the same recipe under a split by subject and one by image: what the leak "
    "pretends.",
    "With several --seeds the difference has an interval over them.",
    nmd_command_leak_gap },
  { "experiment", "DIR",
    "Go on with an experiment (crossval, compare, ablate), show or merge it.",
    "Shards that ran in folders of their own, each with the same plan.json, are put "
    "together\n"
    "with --merge. slurm.sh in DIR is a job array over the shards.",
    nmd_command_experiment },
  { "predict", "RUN IMAGE…", "Score single images with a trained run.",
    "A score is the network's softmax for the positive class, from 0 to 1. It is not a\n"
    "probability of disease. Where the validation part had nine subjects of each class, "
    "a\n"
    "score that allows both classes is marked “cannot be judged”: of new images like "
    "those\n"
    "nine of ten keep their true class.\n"
    "There is no score without an outline (--mask, --masks or --roi), unless the model "
    "was\n"
    "trained on whole frames and scores whole frames, for a scan that does\n"
    "not fit what the model was trained on, and where organ or muscle is not known: "
    "state\n"
    "them with --organ and --muscle. --override gives a score anyway, marked “not\n"
    "meaningful”.\n"
    "--masks DIR looks for the mask of scan.png as scan.png, scan_mask.png and\n"
    "mask_scan.png in DIR, and for that of prefix_scan.png also as mask_scan.png.",
    nmd_command_predict },
  { "segment", "RUN IMAGE…",
    "Propose the outlines of single images with a run of the task segment.",
    "An outline is the largest part where the network's output is at least the "
    "threshold, "
    "with\nholes filled. Its confidence is the mean of |2p − 1| near its border, from 0 "
    "to "
    "1; it is low\nwhere the network hesitates. “No outline found” is an answer.\n"
    "--box and --click say where the muscle is; a run trained with --prompts off may not "
    "follow\nthem, and a warning says so. Each answer is of all that is given at once.\n"
    "A NAME_mask.png or NAME.json in --out that this command did not write, such as an\n"
    "expert's mask, is kept: nothing is written then.",
    nmd_command_segment },
  { "explain", "RUN IMAGE --out PICTURE | RUN --cohort --out DIR",
    "Draw a heat map: where the network was sensitive, not where disease is.",
    "Methods: gradcam, gradcam++ and layercam read a layer; ig (Integrated Gradients, 48 "
    "steps\n"
    "from the image's mean grey) and smoothgrad (32 noisy copies) follow gradients to "
    "the\n"
    "pixels; occlusion slides a grey square over the image. HiResCAM and XGrad-CAM are "
    "not\n"
    "offered: at the default layer, which goes straight into mean pooling, they are "
    "Grad-CAM.\n"
    "--check removes what the map marks and puts it back in 28 steps on the image's mean "
    "grey, and\n"
    "makes the layers random from the top: an honest map changes with them. --cohort "
    "does the\n"
    "former for a whole part: maps.csv, means.csv, maps.md with intervals by subject.\n"
    "Where there is no score (see “nmd predict --help”) the map is marked “not "
    "meaningful”\n"
    "and the predicted class is not named.",
    nmd_command_explain },
  { "metrics", "TABLE…",
    "Compute AUC, sensitivity and so on, with 95 % intervals, from tables of scores.",
    "A table is a .csv, .tsv, .txt or .xlsx file with the columns label and score, and\n"
    "subject and image if it has them; name other headers with --label-column and so "
    "on.\n"
    "Rows of several tables are put together; a table with labels and one with scores "
    "are\n"
    "joined by the names of their images. Without subjects intervals are by image.\n"
    "Labels are words as “nmd dataset --help” lists them. A score is high for the "
    "positive\n"
    "class; an image counts as positive if its score is at least the threshold. Where a\n"
    "column part or split says that images of several parts are there, name one: --part.",
    nmd_command_metrics },
  { "audit", "paper | --matrix TP,FN,FP,TN NAME=VALUE…",
    "Compute what a published confusion matrix gives beside the numbers printed for it.",
    "Names are accuracy, sensitivity (recall), specificity, ppv (precision), npv, f1,\n"
    "balanced-accuracy, mcc, kappa and auc; values are shares or percentages. The other\n"
    "class as positive, macro and weighted averages are tried before a number is called\n"
    "not reproducible from the printed matrix. Without a matrix the numbers are "
    "compared\n"
    "with each other. paper: the tables of Xie and Zhang 2025.",
    nmd_command_audit },
  { "report", "RUN", "Write the model card of an evaluated run as Markdown and PDF.",
    "It holds data by part, protocol, parameters, measures with intervals, rivals,\n"
    "calibration, decision curve, figures, the twelve most wrong images with their "
    "maps,\n"
    "limits, the SHA-256 of the run's files, and CLAIM 2024, TRIPOD+AI and STARD-AI "
    "filled\n"
    "by what the run has. Its numbers are those of the run's files; where metrics.json "
    "is\n"
    "not what predictions.csv gives there is no report. Without the data set it says so "
    "and\n"
    "does without images, sex and age.",
    nmd_command_report },
  { "verify", "PACK", "Check an evidence pack that “nmd report --pack” wrote.",
    "PACK is the folder or the zip. Every file must have the SHA-256 that SHA256SUMS "
    "lists,\n"
    "nothing may be missing or added, and every measure of metrics.json is computed "
    "again\n"
    "from predictions.csv. Says OK, or names the file or number that differs (status 1).",
    nmd_command_verify },
  { "runs", "DIR", "List the runs in a folder, the last started first, with their notes.",
    "Title, tags and note are those of the window, in notes.json of the run's folder.",
    nmd_command_runs },
  { "weights", "FILE|RUN",
    "List the tensors of a safetensors file and name the network they fit.",
    "Of a run folder it is the file that it scores with. Only the header of a file is "
    "read\n"
    "and checked, not the values. Weights that fit a network can start its training:\n"
    "nmd train … --init FILE. The words module., _orig_mod. and model. before names are "
    "left\n"
    "out. --pytorch writes the network as Python that needs nothing but PyTorch; the "
    "weights\n"
    "file is its state dict. --onnx writes network, weights and preprocessing as one "
    "file.",
    nmd_command_weights },
  { "zscore",
    "fit DATASET --out FILE | apply FILE | labels DATASET --reference FILE --out CSV",
    "Compare echo intensity with what is expected of a healthy person (z).",
    "fit makes a reference from the healthy subjects of a data set whose table has age, "
    "sex,\n"
    "height and weight: a linear model for each muscle. It holds for one device and its\n"
    "settings. apply gives expected value, SD and z for --muscle and --echo, or says "
    "why\n"
    "there is none; outside the ages and so on of the healthy subjects there is none. "
    "labels\n"
    "writes a table with a label for each image, pathological where the mean echo "
    "intensity\n"
    "of its subject's images of the muscle has a z above --limit, and tells how it "
    "differs\n"
    "from the data set's own labels. In the folder that it says, that of the data set's "
    "images,\n"
    "the table opens as a data set.",
    nmd_command_zscore },
  { "bench", "NETWORK",
    "Measure how fast a network trains or scores here, and its memory.", NULL,
    nmd_command_bench },
  { "devices", "", "List the devices that can compute, and why others cannot.", NULL,
    nmd_command_devices },
  { NULL },
};

static void
print_help (FILE *out)
{
  fputs ("Usage: nmd COMMAND [ARGUMENTS]\n\n"
         "Classifies muscle ultrasound images as healthy or pathological with networks "
         "that\n"
         "you train yourself. For research and teaching, not a medical device. Works "
         "offline.\n"
         "\nCommands:\n",
         out);
  for (const NmdCommand *command = nmd_commands; command->name != NULL; command++)
    fprintf (out, "  %-11s %s\n", command->name, command->summary);
  fputs (
      "\n“nmd COMMAND --help” lists a command's options. With --json a command prints "
      "one JSON\n"
      "object. Progress and errors go to standard error.\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C or SIGTERM.\n",
      out);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_set_prgname ("nmd");
  nmd_command_guard_descriptors ();
  if (argc < 2)
    {
      print_help (stderr);
      return NMD_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0)
    {
      print_help (stdout);
      return nmd_command_finish (NMD_EXIT_DONE);
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      puts ("nmd " NMD_VERSION);
      return nmd_command_finish (NMD_EXIT_DONE);
    }
  for (const NmdCommand *command = nmd_commands; command->name != NULL; command++)
    if (strcmp (command->name, argv[1]) == 0)
      {
        nmd_command_catch_signals ();
        return nmd_command_finish (command->run (argc - 1, argv + 1));
      }
  nmd_command_say ("nmd: There is no command “%s”. Try “nmd --help”.", argv[1]);
  return NMD_EXIT_USAGE;
}
