// From sequences to what a network eats: token table, class names, examples, windows, split. The one place
// where bio's records become rnn's examples.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bio/dataset.h"
#include "bio/split.h"
#include "rnn/spec.h"
#include "rnn/trainer.h"

namespace ribostep::experiment {

// Everything that follows from a data set and a label rule alone. Spans in examples point into it.
struct Prepared {
  bio::DatasetPtr data;
  bio::Labels labels;
  bio::PositionClasses positions;
  rnn::TokenTable table;
  std::vector<std::uint8_t> position_labels;  // class of every token of every record, kNoClass where none

  std::span<const std::uint8_t> position_labels_of(int record) const;
  std::vector<std::string> output_names(rnn::Task task) const;
  int classes(rnn::Task task) const;  // K; 0 when the task has nothing to learn from
  // Why this task cannot be trained on this data and what to do; empty when it can.
  std::string obstacle(rnn::Task task) const;
};
Prepared prepare(bio::DatasetPtr data, bio::LabelRule rule);
rnn::TokenTable token_table(const bio::Alphabet& alphabet);

// The task the data suggest: classes -> sequence label, annotation -> position label, otherwise next symbol.
rnn::Task suggested_task(const Prepared& prepared);
// `spec` with symbols and classes as the data have them, and a task that is possible.
rnn::ModelSpec fitted(rnn::ModelSpec spec, const Prepared& prepared);

rnn::Example example(const Prepared& prepared, int record);

// Training and validation by record; a set of few long records is split by windows instead (the last windows
// of each record are held out) and then `split` lists every record as training.
struct Material {
  rnn::TrainingData training;
  bio::Split split;
  bool by_window = false;
};
Material training_material(const Prepared& prepared, const rnn::ModelSpec& spec,
                           const rnn::TrainConfig& config, std::uint64_t seed);

}  // namespace ribostep::experiment
