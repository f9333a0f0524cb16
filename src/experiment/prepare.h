// From sequences to what a network eats: token table, class names, covariates, examples, windows, split. The
// one place where bio's records become rnn's examples.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bio/covariates.h"
#include "bio/dataset.h"
#include "bio/split.h"
#include "rnn/spec.h"
#include "rnn/trainer.h"

namespace ribostep::experiment {

// Rows of numbers as an encoder reads them, one matrix per list of covariates that was asked for. Kept for as
// long as the data, because examples point into it; filled by whoever asks first (one thread only).
class CovariateRows {
 public:
  std::span<const double> row(const std::vector<bio::Covariate>& covariates,
                              const std::vector<bio::CovariateColumn>& columns,
                              const std::vector<std::string>& names, int records, int record);

 private:
  std::map<std::vector<std::string>, std::vector<double>> matrices_;  // [records][names]
};

// Everything that follows from a data set and a label rule alone. Spans in examples point into it.
struct Prepared {
  bio::DatasetPtr data;
  bio::Labels labels;
  bio::PositionClasses positions;
  rnn::TokenTable table;
  std::vector<std::uint8_t> position_labels;  // class of every token of every record, kNoClass where none
  std::vector<bio::Covariate> covariates{};
  std::vector<bio::CovariateColumn> covariate_columns{};  // as covariates
  std::shared_ptr<CovariateRows> covariate_rows{};

  std::span<const std::uint8_t> position_labels_of(int record) const;
  int covariate(const std::string& name) const;  // index, or -1
  std::vector<std::string> output_names(rnn::Task task) const;
  std::vector<std::string> output_names(const rnn::ModelSpec& spec) const;  // the next codon has 64
  int classes(rnn::Task task) const;  // K; 0 when the task has nothing to learn from
  // Why this task cannot be trained on this data and what to do; empty when it can.
  std::string obstacle(rnn::Task task) const;
  // The same for a model: its input may ask more of the data.
  std::string obstacle(const rnn::ModelSpec& spec) const;
};
Prepared prepare(bio::DatasetPtr data, bio::LabelRule rule);
// No masks for a series.
rnn::TokenTable token_table(const bio::Alphabet& alphabet);

// The task the data suggest: classes -> sequence label, annotation -> position label, otherwise next symbol,
// or for a series the next vector.
rnn::Task suggested_task(const Prepared& prepared);
// `spec` as the data allow it: a task that is possible with a wiring that does not see its answer, symbols,
// classes and channels as they are, an input that the data have, and covariates that they give. What the data
// say nothing about stays. Centers and scales of covariates are made when there are none (mean and deviation
// over all records that say), and kept otherwise: records added later must not change a model.
rnn::ModelSpec fitted(rnn::ModelSpec spec, const Prepared& prepared);

rnn::Example example(const Prepared& prepared, const rnn::ModelSpec& spec, int record);

// Training and validation by record; a set of few long records is split by windows instead (the last windows
// of each record are held out) and then `split` lists every record as training. Windows of codons start at
// whole codons.
struct Material {
  rnn::TrainingData training;
  bio::Split split;
  bool by_window = false;
};
Material training_material(const Prepared& prepared, const rnn::ModelSpec& spec,
                           const rnn::TrainConfig& config, std::uint64_t seed);
// Its split alone, without the examples.
bio::Split split_of(const Prepared& prepared, const rnn::ModelSpec& spec, const rnn::TrainConfig& config,
                    std::uint64_t seed);

}  // namespace ribostep::experiment
