// The recipe of automata.h, run as a project would run it: the same preparation, split and trainer.
#include "experiment/automata.h"

#include <algorithm>

#include "experiment/prepare.h"

namespace ribostep::experiment {

motif::SampleOptions recipe_data(std::uint64_t seed) {
  motif::SampleOptions options;
  options.records = kRecipeRecords;
  options.max_length = kRecipeLongest;
  options.seed = seed;
  return options;
}

rnn::ModelSpec recipe_model(rnn::CellKind cell) {
  rnn::ModelSpec spec;
  spec.cell = cell;
  spec.hidden = 16;
  spec.task = rnn::Task::PositionLabel;
  return spec;
}

rnn::TrainConfig recipe_training() {
  rnn::TrainConfig config;
  config.learning_rate = 0.02;
  config.batch_size = 32;
  config.max_epochs = 60;
  return config;
}

LearnedMachine learn_and_extract(const motif::Dfa& machine, bio::AlphabetKind alphabet, rnn::CellKind cell,
                                 std::uint64_t seed) {
  const auto data = std::make_shared<bio::Dataset>(motif::sample(machine, alphabet, recipe_data(seed)));
  const Prepared prepared = prepare(data, bio::LabelRule::Auto);
  LearnedMachine learned;
  learned.model = fitted(recipe_model(cell), prepared);
  const rnn::TrainConfig config = recipe_training();
  const rnn::Network net = rnn::make_network(learned.model);
  rnn::Trainer trainer(net, training_material(prepared, learned.model, config, seed).training, config, seed);
  std::size_t seen = 0;
  for (int right = 0; trainer.finish() == rnn::Finish::Running && right < kRecipeRight;) {
    trainer.update();
    if (trainer.evaluations().size() == seen) continue;
    seen = trainer.evaluations().size();
    const rnn::EvaluationPoint& now = trainer.evaluations().back();
    const bool all = now.train_correct == now.train_items && now.validation_correct == now.validation_items;
    right = all ? right + 1 : 0;
    if (now.train_loss >= kRecipeLoss) right = std::min(right, kRecipeRight - 1);
  }
  const rnn::EvaluationPoint& last = trainer.evaluations().back();
  learned.epochs = last.epoch;
  learned.train_correct = last.train_correct;
  learned.train_items = last.train_items;
  learned.validation_correct = last.validation_correct;
  learned.validation_items = last.validation_items;
  learned.parameters.assign(trainer.parameters().begin(), trainer.parameters().end());

  std::vector<motif::Word> strings;
  for (int i = 0; i < data->size(); ++i) strings.emplace_back(data->tokens(i).begin(), data->tokens(i).end());
  const std::vector<std::string> classes = prepared.output_names(learned.model.task);
  const auto yes = std::find(classes.begin(), classes.end(), "1") - classes.begin();
  for (const bool clusters : {false, true}) {
    motif::ExtractionOptions options;
    options.clusters = clusters;
    options.empty_string = machine.accepts(machine.start) ? 1 : 0;
    motif::Extractor extractor(net, learned.parameters, prepared.table, machine.symbols,
                               static_cast<int>(yes), strings, options);
    while (!extractor.run(1 << 20)) {
    }
    motif::Extraction& found = clusters ? learned.clusters : learned.questions;
    found = extractor.take();
    (clusters ? learned.clusters_differ : learned.questions_differ) =
        motif::difference(machine, *found.machine);
  }
  return learned;
}

}  // namespace ribostep::experiment
