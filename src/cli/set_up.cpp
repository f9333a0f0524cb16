// From options to a Session that is ready to train: the same verbs, in the same order, as on the page.
#include <cstdio>
#include <cstdlib>

#include "bio/reader.h"
#include "cli/commands.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

template <class Value, class Parse>
void choose(Arguments& arguments, const char* name, Parse parse, const char* expected, Value& out) {
  if (!arguments.has(name)) return;
  if (const auto value = parse(arguments.text(name)))
    out = *value;
  else
    arguments.complain(std::string(name) + " must be " + expected + ", not \"" + arguments.text(name) + "\"");
}

rnn::ModelSpec model_from(Arguments& arguments, rnn::ModelSpec spec) {
  const auto parse = [](auto function) {
    return [function](const std::string& text) { return function(text); };
  };
  choose(arguments, "--cell", parse(rnn::cell_kind), "elman, elman_relu, lstm or gru", spec.cell);
  choose(arguments, "--task", parse(rnn::task), "sequence, position or next", spec.task);
  choose(arguments, "--pool", parse(rnn::pool), "last, mean or max", spec.pool);
  spec.hidden = arguments.whole("--hidden", spec.hidden, 1, 512);
  spec.layers = arguments.whole("--layers", spec.layers, 1, 8);
  if (arguments.has("--both")) spec.directions = rnn::Directions::Both;
  return spec;
}

rnn::TrainConfig train_from(Arguments& arguments, rnn::TrainConfig config) {
  choose(
      arguments, "--optimiser", [](const std::string& text) { return rnn::optimiser_kind(text); },
      "sgd, rmsprop, adam or adamw", config.optimiser);
  config.learning_rate = arguments.real("--lr", config.learning_rate);
  config.momentum = arguments.real("--momentum", config.momentum);
  config.weight_decay = arguments.real("--weight-decay", config.weight_decay);
  config.clip_norm = arguments.real("--clip", config.clip_norm);
  config.validation_fraction = arguments.real("--validation", config.validation_fraction);
  config.batch_size = arguments.whole("--batch", config.batch_size, 1, 4096);
  config.max_epochs = arguments.whole("--epochs", config.max_epochs, 1, 1'000'000);
  config.patience = arguments.whole("--patience", config.patience, 0, 1'000'000);
  config.window = arguments.whole("--window", config.window, 0, 1'000'000'000);
  // An epoch has at least one update, so this many epochs are never the limit.
  if (arguments.has("--updates") && !arguments.has("--epochs"))
    config.max_epochs = arguments.whole("--updates", config.max_epochs, 0, 1'000'000) + 1;
  return config;
}

std::string share(int correct, int n, const experiment::Interval& interval) {
  if (n == 0) return "no labelled sequences";
  std::string text = std::to_string(correct) + " of " + std::to_string(n) + " right";
  if (n < 10) return text;  // a percentage of a handful says less than it seems to
  char numbers[80];
  std::snprintf(numbers, sizeof numbers, ": %.3f (95 %% interval %.3f to %.3f)",
                static_cast<double>(correct) / n, interval.low, interval.high);
  return text + numbers;
}

}  // namespace

std::vector<Option> data_options() {
  return {
      {"--example", "ID", "a built-in data set instead of a file"},
      {"--alphabet", "KIND", "dna, rna or protein instead of what the letters suggest"},
      {"--labels", "RULE",
       "where classes are: auto, column, key (label=x), field (...|x), word (the last one) or none"},
  };
}

std::vector<Option> model_options() {
  return {
      {"--cell", "KIND", "elman, elman_relu, lstm or gru (lstm)"},
      {"--hidden", "N", "units per layer and direction (16)"},
      {"--layers", "N", "stacked layers (1)"},
      {"--both", nullptr, "read in both directions"},
      {"--task", "TASK", "sequence, position or next (what the data suggest)"},
      {"--pool", "HOW", "what a sequence's label is read from: last, mean or max (last)"},
  };
}

std::vector<Option> train_options() {
  return {
      {"--optimiser", "NAME", "sgd, rmsprop, adam or adamw (adam)"},
      {"--lr", "X", "learning rate (0.01)"},
      {"--momentum", "X", "of sgd (0.9)"},
      {"--weight-decay", "X", "(0)"},
      {"--clip", "X", "largest norm of the gradient; 0 = off (1)"},
      {"--batch", "N", "sequences per update (16)"},
      {"--epochs", "N", "passes over the training set (60)"},
      {"--patience", "N", "epochs without a better validation loss before stopping; 0 = off (0)"},
      {"--validation", "X", "part held out, 0 to 0.9 (0.2)"},
      {"--window", "N", "cut longer sequences, for tasks per position; 0 = whole"},
      {"--seed", "N", "of the first weights, the order and the split (1)"},
  };
}

Exit set_up(Workbench& bench, Arguments& arguments) {
  const bool from_file = !arguments.words().empty();
  if (from_file == arguments.has("--example"))
    arguments.complain("give a file of sequences (or - for standard input), or --example ID");
  bio::LabelRule rule = bio::LabelRule::Auto;
  bio::AlphabetKind alphabet = bio::AlphabetKind::Dna;
  choose(
      arguments, "--labels", [](const std::string& text) { return bio::label_rule(text); },
      "auto, column, key, field, word or none", rule);
  choose(
      arguments, "--alphabet", [](const std::string& text) { return bio::alphabet_kind(text); },
      "dna, rna or protein", alphabet);
  const std::uint64_t seed = arguments.unsigned_whole("--seed", 1);
  const rnn::ModelSpec asked = model_from(arguments, {});  // to find mistakes before anything is read
  if (const std::string why = problem(asked); !why.empty()) arguments.complain(why);
  if (const std::string why = problem(train_from(arguments, {})); !why.empty()) arguments.complain(why);
  if (!arguments.problem().empty()) return kUsage;

  session::Session& session = bench.session();
  const bool loaded = from_file ? bench.load_sequences(arguments.words()[0])
                                : bench.load_example(arguments.text("--example"));
  bench.print_diagnostics();
  if (!loaded) return kFailed;
  if (arguments.has("--alphabet")) session.set_alphabet(alphabet);
  if (arguments.has("--labels")) session.set_label_rule(rule);
  session.set_seed(seed);
  session.set_model(model_from(arguments, session.project().model));
  session.set_train(train_from(arguments, session.project().train));
  if (!bench.finish()) return kFailed;
  if (arguments.has("--task") && session.project().model.task != asked.task) {
    complain(
        "the data have nothing to learn this task from: labels for \"sequence\", an annotation for "
        "\"position\"");
    return kFailed;
  }
  return kOk;
}

std::string describe(const rnn::ModelSpec& spec) {
  std::string text = std::string(rnn::label(spec.cell)) + ", " + std::to_string(spec.hidden) + " units, " +
                     std::to_string(spec.layers) + (spec.layers == 1 ? " layer, " : " layers, ") +
                     (spec.directions == rnn::Directions::Both ? "both directions" : "one direction");
  if (spec.task == rnn::Task::SequenceLabel)
    text += std::string(", label per sequence (") + rnn::name(spec.pool) + ")";
  else
    text += spec.task == rnn::Task::PositionLabel ? ", label per position" : ", next symbol";
  return text;
}

std::string describe(const session::Score& score) { return share(score.correct, score.n, score.interval); }

std::string describe(const experiment::BaselineScore& baseline) {
  return baseline.applicable ? share(baseline.correct, baseline.n, baseline.interval)
                             : "not applicable: " + baseline.why_not;
}

Exit open_word(Workbench& bench, Arguments& arguments) {
  if (arguments.words().empty()) arguments.complain("give a link or a project file");
  if (!arguments.problem().empty()) return kUsage;
  return bench.open(arguments.words()[0]) ? kOk : kFailed;
}

int sequence_index(const session::Session& session, const std::string& text) {
  const int count = session.data().size();
  for (int i = 0; i < count; ++i)
    if (session.data().name(i) == text) return i;
  if (!text.empty() && text.size() < 9 && text.find_first_not_of("0123456789") == std::string::npos) {
    const int number = std::atoi(text.c_str());
    if (number >= 1 && number <= count) return number - 1;
  }
  complain("there is no sequence \"" + text + "\": give a name, or a number from 1 to " +
           std::to_string(count));
  return -1;
}

std::optional<io::Project> with_queries(const session::Session& session, const std::string& path,
                                        int& first_new) {
  const auto bytes = read_file(path);
  if (!bytes) {
    complain("cannot read " + path + ": is the name right?");
    return std::nullopt;
  }
  bio::ReadOptions options;
  options.alphabet = session.data().alphabet_kind;
  const bio::ReadResult read = bio::read(*bytes, options);
  for (const Diagnostic& d : read.diagnostics) std::fprintf(stderr, "%s\n", d.text().c_str());
  if (read.data.empty()) {
    complain("no sequence was found in " + path);
    return std::nullopt;
  }
  // The classes must stay the network's: records of the model's own set keep them, new ones come without.
  io::Project project = session.project();
  auto set = std::make_shared<bio::Dataset>(session.data());
  first_new = set->size();
  for (int i = 0; i < read.data.size(); ++i) set->add(read.data.name(i), "", "", read.data.tokens(i));
  project.label_rule = session.labels().rule;
  project.data = {"", set->content_hash(), project.data.name + " + " + path, set};
  const bio::Labels labels = bio::derive_labels(*set, project.label_rule);
  if (labels.classes != session.labels().classes) {
    complain("the names in " + path + " look like labels under the rule \"" + bio::name(project.label_rule) +
             "\": rename the sequences");
    return std::nullopt;
  }
  return project;
}

}  // namespace ribostep::cli
