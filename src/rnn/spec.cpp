// Bounds, names and gates of a model as tables. What a sentence here says is what a person reads.
#include "rnn/spec.h"

#include <array>
#include <utility>

namespace ribostep::rnn {
namespace {

constexpr int kMaxEpochs = 1000000;

constexpr int kMaxHidden = 512, kMaxLayers = 8, kMaxSymbols = 32;

template <class E>
struct Named {
  E value;
  const char* name;
  const char* label;
};

constexpr std::array<Named<CellKind>, 4> kCells{{{CellKind::ElmanTanh, "elman", "Elman (tanh)"},
                                                 {CellKind::ElmanRelu, "elman_relu", "Elman (ReLU)"},
                                                 {CellKind::Lstm, "lstm", "LSTM"},
                                                 {CellKind::Gru, "gru", "GRU"}}};
constexpr std::array<Named<Directions>, 2> kDirections{
    {{Directions::Forward, "forward", "forward"}, {Directions::Both, "both", "both directions"}}};
constexpr std::array<Named<Task>, 3> kTasks{{{Task::SequenceLabel, "sequence", "label per sequence"},
                                             {Task::PositionLabel, "position", "label per position"},
                                             {Task::NextSymbol, "next", "next symbol"}}};
constexpr std::array<Named<Pool>, 3> kPools{
    {{Pool::Last, "last", "last state"}, {Pool::Mean, "mean", "mean"}, {Pool::Max, "max", "maximum"}}};
constexpr std::array<Named<OptimiserKind>, 4> kOptimisers{{{OptimiserKind::Sgd, "sgd", "SGD"},
                                                           {OptimiserKind::RmsProp, "rmsprop", "RMSprop"},
                                                           {OptimiserKind::Adam, "adam", "Adam"},
                                                           {OptimiserKind::AdamW, "adamw", "AdamW"}}};

constexpr std::array<Gate, 1> kElmanGates{{{"h", "new state", false}}};
constexpr std::array<Gate, 4> kLstmGates{{{"i", "input gate", true},
                                          {"f", "forget gate", true},
                                          {"g", "candidate", false},
                                          {"o", "output gate", true}}};
constexpr std::array<Gate, 3> kGruGates{
    {{"r", "reset gate", true}, {"z", "update gate", true}, {"n", "candidate", false}}};

template <class E, std::size_t N>
const Named<E>* entry(const std::array<Named<E>, N>& table, E value) {
  for (const Named<E>& row : table)
    if (row.value == value) return &row;
  return nullptr;
}

template <class E, std::size_t N>
const char* name_in(const std::array<Named<E>, N>& table, E value) {
  const Named<E>* row = entry(table, value);
  return row ? row->name : "";
}

template <class E, std::size_t N>
std::optional<E> find(const std::array<Named<E>, N>& table, std::string_view name) {
  for (const Named<E>& row : table)
    if (name == row.name) return row.value;
  return std::nullopt;
}

std::string outside(const char* what, int value, int low, int high) {
  return std::string(what) + " must be from " + std::to_string(low) + " to " + std::to_string(high) +
         ", not " + std::to_string(value) + ".";
}

// NaN fails every comparison, so it is refused with the rest.
bool within(double value, double low, double high) { return value >= low && value <= high; }

}  // namespace

std::string problem(const ModelSpec& spec) {
  if (!entry(kCells, spec.cell) || !entry(kDirections, spec.directions) || !entry(kTasks, spec.task) ||
      !entry(kPools, spec.pool))
    return "The model names a cell, direction, task or pool that this version does not know.";
  if (spec.hidden < 1 || spec.hidden > kMaxHidden)
    return outside("The number of hidden units", spec.hidden, 1, kMaxHidden);
  if (spec.layers < 1 || spec.layers > kMaxLayers)
    return outside("The number of layers", spec.layers, 1, kMaxLayers);
  if (spec.symbols < 2 || spec.symbols > kMaxSymbols)
    return outside("The number of symbols in the alphabet", spec.symbols, 2, kMaxSymbols);
  if (spec.task != Task::NextSymbol && (spec.classes < 1 || spec.classes > kMaxClasses))
    return outside("The number of classes", spec.classes, 1, kMaxClasses);
  if (spec.task == Task::NextSymbol && spec.directions == Directions::Both)
    return "Predicting the next symbol needs one direction: a layer that reads from the end has already seen "
           "the "
           "symbol it is asked to predict. Choose the forward direction, or another task.";
  return {};
}

std::string problem(const TrainConfig& config) {
  if (!entry(kOptimisers, config.optimiser)) return "The optimiser is one that this version does not know.";
  if (!within(config.learning_rate, 0, 1e3)) return "The learning rate must be a number from 0 to 1000.";
  if (!within(config.momentum, 0, 0.99999)) return "The momentum must be at least 0 and less than 1.";
  if (!within(config.beta1, 0, 0.99999) || !within(config.beta2, 0, 0.9999999))
    return "Both betas must be at least 0 and less than 1.";
  if (!within(config.alpha, 0, 0.9999999)) return "RMSprop's alpha must be at least 0 and less than 1.";
  if (!within(config.epsilon, 1e-15, 1))
    return "Epsilon must be from 1e-15 to 1: it keeps a division finite.";
  if (!within(config.weight_decay, 0, 100)) return "The weight decay must be a number from 0 to 100.";
  if (!within(config.clip_norm, 0, 1e9)) return "The clipping norm must be 0 (off) or a positive number.";
  if (config.batch_size < 1 || config.batch_size > 4096)
    return outside("The batch size", config.batch_size, 1, 4096);
  if (config.max_epochs < 1 || config.max_epochs > kMaxEpochs)
    return outside("The number of epochs", config.max_epochs, 1, kMaxEpochs);
  if (config.patience < 0) return "The patience must be 0 (off) or a number of epochs.";
  if (!within(config.validation_fraction, 0, 0.9)) return "The validation fraction must be from 0 to 0.9.";
  if (config.window < 0 || config.window == 1)
    return "The window must be 0 (whole sequences) or at least 2 positions.";
  return {};
}

bool apply(TrainConfig& config, const SettingChange& change) {
  static constexpr std::array<std::pair<std::string_view, double TrainConfig::*>, 4> kLive{
      {{"learning_rate", &TrainConfig::learning_rate},
       {"clip_norm", &TrainConfig::clip_norm},
       {"weight_decay", &TrainConfig::weight_decay},
       {"momentum", &TrainConfig::momentum}}};
  for (const auto& [key, member] : kLive)
    if (change.key == key) {
      config.*member = change.value;
      return true;
    }
  if (change.key == "max_epochs" && change.value >= 1 && change.value <= kMaxEpochs) {
    config.max_epochs = static_cast<int>(change.value);
    return true;
  }
  return false;
}

std::span<const Gate> gates(CellKind cell) {
  if (cell == CellKind::Lstm) return kLstmGates;
  if (cell == CellKind::Gru) return kGruGates;
  return kElmanGates;
}

const char* name(CellKind value) { return name_in(kCells, value); }
const char* name(Directions value) { return name_in(kDirections, value); }
const char* name(Task value) { return name_in(kTasks, value); }
const char* name(Pool value) { return name_in(kPools, value); }
const char* name(OptimiserKind value) { return name_in(kOptimisers, value); }
std::optional<CellKind> cell_kind(std::string_view text) { return find(kCells, text); }
std::optional<Directions> directions(std::string_view text) { return find(kDirections, text); }
std::optional<Task> task(std::string_view text) { return find(kTasks, text); }
std::optional<Pool> pool(std::string_view text) { return find(kPools, text); }
std::optional<OptimiserKind> optimiser_kind(std::string_view text) { return find(kOptimisers, text); }

const char* label(CellKind value) {
  const Named<CellKind>* row = entry(kCells, value);
  return row ? row->label : "";
}

}  // namespace ribostep::rnn
