#!/usr/bin/env Rscript
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-proc.json: AUC, DeLong's variance, covariance, interval and paired test, corners of the ROC and
# Youden's thresholds by pROC (Robin et al., BMC Bioinformatics 12 (2011) 77). test-packages.c compares to 1e-6.
#
#     Rscript golden-proc.R > golden-proc.json      (R 4.2, pROC 1.18.0, jsonlite 1.8)
#
# The same definitions but for:
#   no variance   where both columns put every row at the same place pROC's z is 0/0; ours is 0 with p 1. Such a
#                 test is null here.
#   interval      where an AUC has no variance pROC gives [AUC, AUC]; we give none. Null here.
#   threshold     pROC lists all thresholds of the largest Youden index, all halfway between two scores that
#                 follow each other; ours is the one nearest to 0.5.
#   one row       of a class: pROC's variance is not a number, ours refuses the table; not here.
suppressMessages({
  library(pROC)
  library(jsonlite)
})

shrink <- function(v) 1 / (1 + exp(-v))

table <- function(positive, negative, distance, digits = 6) {
  y <- c(rep(1, positive), rep(0, negative))
  own <- rnorm(length(y))
  list(y = y, a = round(shrink(own + 0.6 * rnorm(length(y)) + distance * y - distance / 2), digits),
       b = round(shrink(0.6 * own + rnorm(length(y)) + 0.6 * distance * y - distance / 2), digits))
}

one <- function(t) {
  a <- roc(t$y, t$a, levels = c(0, 1), direction = "<", quiet = TRUE)
  b <- roc(t$y, t$b, levels = c(0, 1), direction = "<", quiet = TRUE)
  variance <- c(var(a, method = "delong"), var(b, method = "delong"))
  covariance <- cov(a, b, method = "delong")
  interval <- function(r, v) if (v > 1e-15) as.numeric(ci.auc(r, method = "delong"))[c(1, 3)] else NULL
  test <- NULL
  if (variance[1] + variance[2] - 2 * covariance > 1e-15) {
    found <- roc.test(a, b, method = "delong", paired = TRUE)
    test <- list(z = unbox(as.numeric(found$statistic)), p = unbox(found$p.value))
  }
  list(label = t$y, a = t$a, b = t$b, auc = as.numeric(c(auc(a), auc(b))), variance = variance,
       covariance = unbox(covariance), ci_a = interval(a, variance[1]), ci_b = interval(b, variance[2]),
       test = test, fpr = rev(1 - a$specificities), tpr = rev(a$sensitivities),
       youden = Filter(is.finite, coords(a, "best", best.method = "youden", ret = "threshold",
                                         transpose = FALSE)$threshold))
}

set.seed(1)
few <- table(2, 40, 1)
copies <- table(15, 20, 1)
copies$b <- copies$a
constant <- table(12, 18, 1, 2)
constant$b <- rep(0.5, 30)
apart <- table(10, 14, 1, 2)
apart$a <- ifelse(apart$y == 1, 0.9, 0.1)
near <- table(20, 20, 0.5, 1)
near$b <- near$a + c(1e-12, -1e-12)       # parts the first column's ties
ends <- table(14, 26, 1.5, 1)
ends$a <- round(ends$a)                   # scores 0 and 1 only
cases <- list(table(25, 35, 1.4), table(30, 30, 1, 1), few, table(40, 2, 0.6, 2), table(18, 22, -0.8), copies,
              constant, apart, near, ends)
cat(toJSON(list(cases = lapply(cases, one)), digits = NA, null = "null"), "\n", sep = "")
