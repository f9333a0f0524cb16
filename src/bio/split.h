// Train / validation / folds without leaks: records with the same sequence always stay together, classes are
// spread evenly, and the order depends on the seed alone.
#pragma once
#include <cstdint>
#include <vector>

#include "bio/dataset.h"

namespace ribostep::bio {

struct Split {
  std::vector<int> train, validation;  // record indices, ascending
};

// Stratified by class. Records with label -1 are left out when `labelled_only`.
Split split_train_validation(const Dataset& data, const Labels& labels, bool labelled_only,
                             double validation_fraction, std::uint64_t seed);

// Fold of every record, 0..k-1; -1 for records without a label. Stratified; equal sequences share a fold.
std::vector<int> stratified_folds(const Dataset& data, const Labels& labels, int k, std::uint64_t seed);

}  // namespace ribostep::bio
