// The options that say what a network is and how it is trained, and the words that say it back.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "cli/commands.h"

namespace ribostep::cli {
namespace {

template <class E>
using Parser = std::optional<E> (*)(std::string_view);

// "elman, lstm or gru", from the names of all values of a choice.
template <class E>
std::string names_of_all() {
  std::string text;
  for (int i = 0; i < rnn::kCount<E>; ++i)
    text += std::string(i == 0 ? "" : i + 1 < rnn::kCount<E> ? ", " : " or ") + rnn::name(static_cast<E>(i));
  return text;
}

void not_one_of(Arguments& arguments, const char* option, const std::string& expected) {
  arguments.complain(std::string(option) + " must be " + expected + ", not \"" + arguments.text(option) +
                     "\"");
}

template <class E>
void choose(Arguments& arguments, const char* option, Parser<E> parse, E& out) {
  if (!arguments.has(option)) return;
  if (const auto value = parse(arguments.text(option)))
    out = *value;
  else
    not_one_of(arguments, option, names_of_all<E>());
}

// "step:20:0.5" -> step, 20, 0.5.
std::vector<std::string> pieces(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

std::optional<double> number_in(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}
std::optional<int> whole_in(const std::string& text) {
  const auto value = number_in(text);
  if (!value || *value != std::floor(*value) || std::fabs(*value) > 1e9) return std::nullopt;
  return static_cast<int>(*value);
}

// An option that would change nothing is a misunderstanding, not a wish.
void only_with(Arguments& arguments, const char* option, bool used, const char* needed) {
  if (arguments.has(option) && !used)
    arguments.complain(std::string(option) + " means something only together with " + needed);
}

void choose_directions(Arguments& arguments, rnn::Directions& out) {
  choose<rnn::Directions>(arguments, "--directions", rnn::directions, out);
  if (!arguments.has("--both")) return;
  if (arguments.has("--directions") && out != rnn::Directions::Both)
    arguments.complain("--both is short for --directions both: give one of them");
  out = rnn::Directions::Both;
}

// A number | default | chrono:SPAN.
void choose_forget_bias(Arguments& arguments, rnn::ModelSpec& spec) {
  if (!arguments.has("--forget-bias")) return;
  const std::vector<std::string> parts = pieces(arguments.text("--forget-bias"), ':');
  if (parts.size() == 1 && parts[0] == "default") {
    spec.forget_bias = rnn::ForgetBias::Default;
  } else if (const auto value = number_in(parts[0]); value && parts.size() == 1) {
    spec.forget_bias = rnn::ForgetBias::Constant;
    spec.forget_bias_value = *value;
  } else if (const auto span = whole_in(parts.back()); span && parts.size() == 2 && parts[0] == "chrono") {
    spec.forget_bias = rnn::ForgetBias::Chrono;
    spec.chrono_span = *span;
  } else {
    not_one_of(arguments, "--forget-bias", "a number, default or chrono:SPAN, as in chrono:100");
  }
}

// zero | learned | by_class:NAME | encoder:NAME,NAME
void choose_initial(Arguments& arguments, rnn::ModelSpec& spec) {
  if (!arguments.has("--initial")) return;
  const std::string text = arguments.text("--initial");
  const std::size_t colon = text.find(':');
  const auto kind = rnn::initial_state(text.substr(0, colon));
  const bool by_class = kind == rnn::InitialState::ByClass, encoder = kind == rnn::InitialState::Encoder;
  const std::string rest = colon == text.npos ? std::string() : text.substr(colon + 1);
  if (!kind || (by_class || encoder) == rest.empty() || (colon != text.npos && rest.empty()))
    return not_one_of(arguments, "--initial",
                      "zero, learned, by_class:COVARIATE or encoder:COVARIATE,COVARIATE,...");
  spec.initial = *kind;
  spec.covariates.clear();
  if (by_class) spec.covariates = {rest};
  if (encoder) spec.covariates = pieces(rest, ',');
}

// letters | kmers:K | codons. Real values are read when the data are a series.
void choose_input(Arguments& arguments, rnn::ModelSpec& spec) {
  if (!arguments.has("--input")) return;
  const std::vector<std::string> parts = pieces(arguments.text("--input"), ':');
  const auto kind = rnn::input(parts[0]);
  const auto k = parts.size() == 2 ? whole_in(parts[1]) : std::nullopt;
  const bool kmers = kind == rnn::Input::Kmers;
  if (!kind || kind == rnn::Input::Values || parts.size() > 2 || kmers != k.has_value())
    return not_one_of(arguments, "--input", "letters, kmers:K (as in kmers:3) or codons");
  spec.input = *kind;
  if (kmers) spec.kmer = *k;
}

// constant | step:EPOCHS:FACTOR | cosine
void choose_schedule(Arguments& arguments, rnn::TrainConfig& config) {
  if (!arguments.has("--schedule")) return;
  const std::vector<std::string> parts = pieces(arguments.text("--schedule"), ':');
  const auto kind = rnn::schedule(parts[0]);
  const bool step = kind == rnn::Schedule::Step;
  const auto epochs = parts.size() == 3 ? whole_in(parts[1]) : std::nullopt;
  const auto factor = parts.size() == 3 ? number_in(parts[2]) : std::nullopt;
  if (!kind || parts.size() != (step ? 3u : 1u) || step != (epochs && factor))
    return not_one_of(arguments, "--schedule", "constant, step:EPOCHS:FACTOR (as in step:20:0.5) or cosine");
  config.schedule = *kind;
  if (step) {
    config.step_epochs = *epochs;
    config.step_factor = *factor;
  }
}

std::string count(int n, const char* thing, const char* plural = "s") {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : plural);
}
std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}
template <class List, class F>
std::string joined(const List& list, F text_of) {
  std::string text;
  for (const auto& entry : list) text += (text.empty() ? "" : ", ") + text_of(entry);
  return text;
}

std::string input_words(const rnn::ModelSpec& spec) {
  std::string text;
  if (spec.input == rnn::Input::Kmers) text = ", " + std::to_string(spec.kmer) + "-mers";
  if (spec.input == rnn::Input::Codons) text = ", codons";
  if (spec.input == rnn::Input::Values) text = ", " + count(spec.channels, "real value") + " per position";
  if (spec.embedding > 0) text += ", embedded in " + count(spec.embedding, "number");
  return text;
}

std::string cell_words(const rnn::ModelSpec& spec) {
  std::string text;
  if (spec.peepholes) text += ", peepholes";
  if (spec.layer_norm) text += ", layer normalisation";
  if (spec.dropout > 0) text += ", dropout " + short_number(spec.dropout);
  if (spec.init == rnn::Initialisation::Uniform)
    text += ", first weights uniform within " + short_number(spec.init_range);
  else if (spec.init != rnn::Initialisation::Default)
    text += std::string(", first W_h ") + rnn::label(spec.init);
  if (spec.forget_bias == rnn::ForgetBias::Constant)
    text += ", forget bias " + short_number(spec.forget_bias_value);
  if (spec.forget_bias == rnn::ForgetBias::Chrono)
    text += ", forget bias for " + count(spec.chrono_span, "step") + " (chrono)";
  return text;
}

std::string wiring_words(const rnn::ModelSpec& spec) {
  std::string text;
  if (!spec.dilations.empty()) text += spec.dilations.size() == 1 ? ", dilation " : ", dilations ";
  text += joined(spec.dilations, [](int d) { return std::to_string(d); });
  if (spec.window > 0)
    text += std::string(", ") + rnn::label(spec.window_summary) + " of every " + count(spec.window, "step") +
            " read by the level above" + (spec.window_carry ? "" : ", each window from the initial state");
  if (spec.truncate > 0) text += ", gradient cut every " + count(spec.truncate, "step");
  if (spec.circular != rnn::Circular::Linear) text += std::string(", ") + rnn::label(spec.circular);
  if (spec.circular == rnn::Circular::FixedPoint)
    text += " (at most " + count(spec.max_passes, "pass", "es") + ")";
  return text;
}

std::string initial_words(const rnn::ModelSpec& spec) {
  const std::string names = joined(spec.covariates, [](const std::string& name) { return name; });
  switch (spec.initial) {
    case rnn::InitialState::Zero:
      return {};
    case rnn::InitialState::Learned:
      return ", learned initial state";
    case rnn::InitialState::ByClass:
      return ", an initial state for each of " + std::to_string(spec.covariate_classes) + " values of " +
             names;
    case rnn::InitialState::Encoder:
      return ", initial state from " + names + " (encoder of " + count(spec.encoder_units, "unit") + ")";
  }
  return {};
}

}  // namespace

rnn::ModelSpec model_from(Arguments& arguments, rnn::ModelSpec spec) {
  choose<rnn::CellKind>(arguments, "--cell", rnn::cell_kind, spec.cell);
  choose<rnn::Task>(arguments, "--task", rnn::task, spec.task);
  choose<rnn::Pool>(arguments, "--pool", rnn::pool, spec.pool);
  spec.hidden = arguments.whole("--hidden", spec.hidden, 1, rnn::kMaxHidden);
  spec.layers = arguments.whole("--layers", spec.layers, 1, rnn::kMaxLayers);
  choose_directions(arguments, spec.directions);

  if (arguments.has("--peepholes")) spec.peepholes = true;
  if (arguments.has("--layer-norm")) spec.layer_norm = true;
  spec.dropout = arguments.real("--dropout", spec.dropout);
  choose<rnn::Initialisation>(arguments, "--init", rnn::initialisation, spec.init);
  spec.init_range = arguments.real("--init-range", spec.init_range);
  only_with(arguments, "--init-range", spec.init == rnn::Initialisation::Uniform, "--init uniform");
  choose_forget_bias(arguments, spec);

  if (arguments.has("--dilations")) {
    spec.dilations.clear();
    for (const std::uint64_t d : arguments.list("--dilations", {}))
      spec.dilations.push_back(static_cast<int>(std::min<std::uint64_t>(d, 1'000'000'000)));
    const auto given = static_cast<int>(spec.dilations.size());
    if (!arguments.has("--layers") && given <= rnn::kMaxLayers) spec.layers = given;
  }
  spec.window = arguments.whole("--summary-every", spec.window, 0, 1'000'000);
  choose<rnn::Summary>(arguments, "--window-summary", rnn::summary, spec.window_summary);
  if (arguments.has("--restart-windows")) spec.window_carry = false;
  only_with(arguments, "--window-summary", spec.window > 0, "--summary-every N");
  only_with(arguments, "--restart-windows", spec.window > 0, "--summary-every N");
  spec.truncate = arguments.whole("--truncate", spec.truncate, 0, 1'000'000);
  choose<rnn::Circular>(arguments, "--circular", rnn::circular, spec.circular);
  spec.max_passes = arguments.whole("--max-passes", spec.max_passes, 2, rnn::kMaxPasses);
  only_with(arguments, "--max-passes", spec.circular == rnn::Circular::FixedPoint, "--circular fixed_point");

  choose_initial(arguments, spec);
  spec.encoder_units = arguments.whole("--encoder-units", spec.encoder_units, 1, 256);
  only_with(arguments, "--encoder-units", spec.initial == rnn::InitialState::Encoder,
            "--initial encoder:...");
  choose_input(arguments, spec);
  spec.embedding = arguments.whole("--embedding", spec.embedding, 0, 256);
  return spec;
}

rnn::TrainConfig train_from(Arguments& arguments, rnn::TrainConfig config) {
  choose<rnn::OptimiserKind>(arguments, "--optimiser", rnn::optimiser_kind, config.optimiser);
  config.learning_rate = arguments.real("--lr", config.learning_rate);
  config.momentum = arguments.real("--momentum", config.momentum);
  config.weight_decay = arguments.real("--weight-decay", config.weight_decay);
  config.clip_norm = arguments.real("--clip", config.clip_norm);
  config.validation_fraction = arguments.real("--validation", config.validation_fraction);
  config.batch_size = arguments.whole("--batch", config.batch_size, 1, 4096);
  config.max_epochs = arguments.whole("--epochs", config.max_epochs, 1, 1'000'000);
  config.patience = arguments.whole("--patience", config.patience, 0, 1'000'000);
  config.window = arguments.whole("--window", config.window, 0, 1'000'000'000);
  choose_schedule(arguments, config);
  config.warmup = arguments.whole("--warmup", config.warmup, 0, 1'000'000);
  if (arguments.has("--class-weights")) config.class_weights = true;
  if (arguments.has("--random-rotation")) config.random_rotation = true;
  // An epoch has at least one update, so this many epochs are never the limit.
  if (arguments.has("--updates") && !arguments.has("--epochs"))
    config.max_epochs = arguments.whole("--updates", config.max_epochs, 0, 1'000'000) + 1;
  return config;
}

std::vector<Option> model_options() {
  return {
      {"--cell", "KIND",
       "elman, elman_relu, lstm, gru, lstm_coupled (i = 1 - f), lstm_bounded (sigmoid candidate) or "
       "lstm_bounded_coupled (lstm)"},
      {"--hidden", "N", "units per layer and direction (16)"},
      {"--layers", "N", "stacked layers (1)"},
      {"--directions", "HOW",
       "forward, both, strands (the second reads the reverse complement) or strands_tied (with the same "
       "weights) (forward)"},
      {"--both", nullptr, "short for --directions both"},
      {"--task", "TASK", "sequence, position, next or next_vector (what the data suggest)"},
      {"--pool", "HOW", "what a sequence's label is read from: last, mean or max (last)"},
      {"--peepholes", nullptr, "LSTMs: i and f see c of the step before, o sees c"},
      {"--layer-norm", nullptr, "normalise each gate's sum over the units"},
      {"--dropout", "X", "share of the states between layers set to 0 in training (0)"},
      {"--init", "HOW", "first weights: default (PyTorch's), uniform, orthogonal or identity (default)"},
      {"--init-range", "X", "of --init uniform (0.1)"},
      {"--forget-bias", "B", "of the gate that keeps: a number, default (as drawn) or chrono:SPAN (default)"},
      {"--dilations", "A,B,...", "one per layer: step t is fed by step t-A; sets the number of layers"},
      {"--summary-every", "N",
       "hierarchy: layers from the second on read a summary of every N steps; 0 = off (0)"},
      {"--window-summary", "HOW", "of those N steps: last or mean state (last)"},
      {"--restart-windows", nullptr, "the first layer starts anew in each of those windows"},
      {"--truncate", "N", "cut the gradient every N steps; 0 = off (0)"},
      {"--circular", "HOW", "linear, two_pass, doubled or fixed_point (linear)"},
      {"--max-passes", "N", "of fixed_point (16)"},
      {"--initial", "HOW",
       "initial state: zero, learned, by_class:COVARIATE or encoder:COVARIATE,... (zero); covariates are "
       "key=value in headers or columns of a table"},
      {"--encoder-units", "N", "of the encoder (8)"},
      {"--input", "HOW", "a step reads letters, kmers:K (the K letters that end there) or codons (letters)"},
      {"--embedding", "N", "a learned vector of N numbers for each kind of input; 0 = one-hot (0)"},
  };
}

std::vector<Option> train_options() {
  return {
      {"--optimiser", "NAME", "sgd, rmsprop, adam, adamw or nesterov (adam)"},
      {"--lr", "X", "learning rate (0.01)"},
      {"--schedule", "HOW", "of the rate: constant, step:EPOCHS:FACTOR or cosine (constant)"},
      {"--warmup", "N", "updates over which the rate rises from 0 (0)"},
      {"--momentum", "X", "of sgd and nesterov (0.9)"},
      {"--weight-decay", "X", "(0)"},
      {"--clip", "X", "largest norm of the gradient; 0 = off (1)"},
      {"--batch", "N", "sequences per update (16)"},
      {"--epochs", "N", "passes over the training set (60)"},
      {"--patience", "N", "epochs without a better validation loss before stopping; 0 = off (0)"},
      {"--validation", "X", "part held out, 0 to 0.9 (0.2)"},
      {"--window", "N", "cut longer sequences for training, for tasks per position; 0 = whole"},
      {"--class-weights", nullptr, "weigh the loss so that every class counts the same"},
      {"--random-rotation", nullptr, "rotate each training example anew every time (circular sequences)"},
      {"--seed", "N", "of the first weights, the order and the split (1)"},
  };
}

std::string describe(const rnn::ModelSpec& spec) {
  std::string text =
      std::string(rnn::label(spec.cell)) + ", " + count(spec.hidden, "unit") + ", " +
      count(spec.layers, "layer") + ", " +
      (spec.directions == rnn::Directions::Forward ? "one direction" : rnn::label(spec.directions));
  text += std::string(", ") + rnn::label(spec.task);
  if (spec.task == rnn::Task::SequenceLabel) text += std::string(" (") + rnn::name(spec.pool) + ")";
  return text + cell_words(spec) + wiring_words(spec) + initial_words(spec) + input_words(spec);
}

std::string describe(const rnn::TrainConfig& config) {
  std::string text = std::string(rnn::name(config.optimiser)) + ", learning rate " +
                     short_number(config.learning_rate) + ", batch " + std::to_string(config.batch_size);
  if (config.schedule == rnn::Schedule::Step)
    text +=
        ", rate times " + short_number(config.step_factor) + " every " + count(config.step_epochs, "epoch");
  if (config.schedule == rnn::Schedule::Cosine) text += ", cosine schedule";
  if (config.warmup > 0) text += ", warm-up over " + count(config.warmup, "update");
  if (config.class_weights) text += ", class weights";
  if (config.random_rotation) text += ", random rotation";
  return text;
}

}  // namespace ribostep::cli
