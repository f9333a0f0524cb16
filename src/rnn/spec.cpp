// Bounds, names and gates of a model as tables. What a sentence here says is what a person reads.
#include "rnn/spec.h"

#include <array>
#include <utility>

namespace ribostep::rnn {
namespace {

constexpr int kMaxEpochs = 1000000;
constexpr double kMaxWeights = 16e6;        // 64 MB, and four times that while training
constexpr double kMaxOrthogonalWork = 1e8;  // multiply-adds: about a tenth of a second
constexpr int kMaxEncoderUnits = 256, kMaxDilation = 4096, kMaxWindow = 1'000'000, kMaxEmbedding = 256;

template <class E>
struct Named {
  E value;
  const char* name;
  const char* label;
};

constexpr std::array<Named<CellKind>, kCount<CellKind>> kCells{
    {{CellKind::ElmanTanh, "elman", "Elman (tanh)"},
     {CellKind::ElmanRelu, "elman_relu", "Elman (ReLU)"},
     {CellKind::Lstm, "lstm", "LSTM"},
     {CellKind::Gru, "gru", "GRU"},
     {CellKind::LstmCoupled, "lstm_coupled", "LSTM, coupled gates"},
     {CellKind::LstmBounded, "lstm_bounded", "LSTM, sigmoid candidate"},
     {CellKind::LstmBoundedCoupled, "lstm_bounded_coupled", "LSTM, bounded memory"}}};
constexpr std::array<Named<Directions>, kCount<Directions>> kDirections{
    {{Directions::Forward, "forward", "forward"},
     {Directions::Both, "both", "both directions"},
     {Directions::Strands, "strands", "both strands"},
     {Directions::StrandsTied, "strands_tied", "both strands, same weights"}}};
constexpr std::array<Named<Task>, kCount<Task>> kTasks{
    {{Task::SequenceLabel, "sequence", "label per sequence"},
     {Task::PositionLabel, "position", "label per position"},
     {Task::NextSymbol, "next", "next symbol"},
     {Task::NextVector, "next_vector", "next vector"}}};
constexpr std::array<Named<Pool>, kCount<Pool>> kPools{
    {{Pool::Last, "last", "last state"}, {Pool::Mean, "mean", "mean"}, {Pool::Max, "max", "maximum"}}};
constexpr std::array<Named<OptimiserKind>, kCount<OptimiserKind>> kOptimisers{
    {{OptimiserKind::Sgd, "sgd", "SGD"},
     {OptimiserKind::RmsProp, "rmsprop", "RMSprop"},
     {OptimiserKind::Adam, "adam", "Adam"},
     {OptimiserKind::AdamW, "adamw", "AdamW"},
     {OptimiserKind::Nesterov, "nesterov", "SGD, Nesterov"}}};
constexpr std::array<Named<Input>, kCount<Input>> kInputs{{{Input::Letters, "letters", "letters"},
                                                           {Input::Kmers, "kmers", "k-mers"},
                                                           {Input::Codons, "codons", "codons"},
                                                           {Input::Values, "values", "real values"}}};
constexpr std::array<Named<Circular>, kCount<Circular>> kCirculars{
    {{Circular::Linear, "linear", "linear"},
     {Circular::TwoPass, "two_pass", "circular: two passes"},
     {Circular::Doubled, "doubled", "circular: doubled"},
     {Circular::FixedPoint, "fixed_point", "circular: until it settles"}}};
constexpr std::array<Named<InitialState>, kCount<InitialState>> kInitialStates{
    {{InitialState::Zero, "zero", "zero"},
     {InitialState::Learned, "learned", "learned"},
     {InitialState::ByClass, "by_class", "learned per class"},
     {InitialState::Encoder, "encoder", "encoder"}}};
constexpr std::array<Named<Summary>, kCount<Summary>> kSummaries{
    {{Summary::Last, "last", "last state"}, {Summary::Mean, "mean", "mean state"}}};
constexpr std::array<Named<Initialisation>, kCount<Initialisation>> kInitialisations{
    {{Initialisation::Default, "default", "PyTorch's uniform"},
     {Initialisation::Uniform, "uniform", "uniform"},
     {Initialisation::Orthogonal, "orthogonal", "orthogonal"},
     {Initialisation::Identity, "identity", "identity"}}};
constexpr std::array<Named<ForgetBias>, kCount<ForgetBias>> kForgetBiases{
    {{ForgetBias::Default, "default", "as drawn"},
     {ForgetBias::Constant, "constant", "constant"},
     {ForgetBias::Chrono, "chrono", "chrono"}}};
constexpr std::array<Named<Schedule>, kCount<Schedule>> kSchedules{
    {{Schedule::Constant, "constant", "constant"},
     {Schedule::Step, "step", "steps"},
     {Schedule::Cosine, "cosine", "cosine"}}};

constexpr std::array<Gate, 1> kElmanGates{{{"h", "new state", false}}};
constexpr std::array<Gate, 4> kLstmGates{{{"i", "input gate", true},
                                          {"f", "forget gate", true},
                                          {"g", "candidate", false},
                                          {"o", "output gate", true}}};
constexpr std::array<Gate, 4> kLstmBoundedGates{{{"i", "input gate", true},
                                                 {"f", "forget gate", true},
                                                 {"g", "candidate", true},
                                                 {"o", "output gate", true}}};
constexpr std::array<Gate, 3> kLstmCoupledGates{
    {{"f", "forget gate (i = 1 - f)", true}, {"g", "candidate", false}, {"o", "output gate", true}}};
constexpr std::array<Gate, 3> kLstmBoundedCoupledGates{
    {{"f", "forget gate (i = 1 - f)", true}, {"g", "candidate", true}, {"o", "output gate", true}}};
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
const char* label_in(const std::array<Named<E>, N>& table, E value) {
  const Named<E>* row = entry(table, value);
  return row ? row->label : "";
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

int ModelSpec::token_kinds() const {
  const int letters = input == Input::Kmers ? kmer : input == Input::Codons ? 3 : 1;
  int kinds = 1;
  for (int i = 0; i < letters && kinds <= kMaxSymbols; ++i) kinds *= symbols;
  return kinds;
}
int ModelSpec::inputs() const {
  if (input == Input::Values) return channels;
  return embedding > 0 ? embedding : token_kinds();
}
int ModelSpec::outputs() const {
  if (task == Task::NextVector) return channels;
  if (task != Task::NextSymbol) return classes;
  return input == Input::Codons ? token_kinds() : symbols;
}

namespace {

// What a network of this spec would have in its recurrent layers, without building it.
double recurrent_weights(const ModelSpec& spec) {
  const double rows = static_cast<double>(gates(spec.cell).size()) * spec.hidden;
  double sum = 0;
  for (int level = 0; level < spec.layers; ++level) {
    const double inputs = level == 0 ? spec.inputs() : spec.hidden * spec.direction_count();
    sum += spec.direction_count() * rows * (inputs + spec.hidden + 2);
  }
  return sum;
}

}  // namespace

std::string leak(const ModelSpec& spec) {
  if (spec.directions != Directions::Forward)
    return "Predicting the next symbol needs one direction: a layer that reads from the end has already seen "
           "the symbol it is asked to predict. Choose the forward direction, or another task.";
  if (spec.circular != Circular::Linear)
    return "Predicting the next symbol needs a linear sequence: after one round a circular network has "
           "already "
           "seen the symbol it is asked to predict. Choose linear, or another task.";
  if (spec.window > 0)
    return "Predicting the next symbol needs every step to end at its own letter: the summary of a window "
           "has "
           "already seen the letters up to the window's end. Switch the windows off, or choose another task.";
  return {};
}

std::string problem(const ModelSpec& spec) {
  if (!entry(kCells, spec.cell) || !entry(kDirections, spec.directions) || !entry(kTasks, spec.task) ||
      !entry(kPools, spec.pool) || !entry(kInputs, spec.input) || !entry(kCirculars, spec.circular) ||
      !entry(kInitialStates, spec.initial) || !entry(kSummaries, spec.window_summary) ||
      !entry(kInitialisations, spec.init) || !entry(kForgetBiases, spec.forget_bias))
    return "The model makes a choice that this version does not know.";
  if (spec.hidden < 1 || spec.hidden > kMaxHidden)
    return outside("The number of hidden units", spec.hidden, 1, kMaxHidden);
  if (spec.layers < 1 || spec.layers > kMaxLayers)
    return outside("The number of layers", spec.layers, 1, kMaxLayers);
  if (spec.symbols < 2 || spec.symbols > 32)
    return outside("The number of symbols in the alphabet", spec.symbols, 2, 32);
  if (spec.task != Task::NextSymbol && spec.task != Task::NextVector &&
      (spec.classes < 1 || spec.classes > kMaxClasses))
    return outside("The number of classes", spec.classes, 1, kMaxClasses);
  if (spec.task == Task::NextSymbol || spec.task == Task::NextVector)
    if (const std::string why = leak(spec); !why.empty()) return why;

  if (recurrent_weights(spec) > kMaxWeights)
    return "The network would have more than 16 million weights, too many for a page to train. Choose fewer "
           "units or layers.";
  const double square = static_cast<double>(spec.hidden) * spec.hidden;
  if (spec.init == Initialisation::Orthogonal && static_cast<double>(gates(spec.cell).size()) * spec.layers *
                                                         spec.direction_count() * square * spec.hidden >
                                                     kMaxOrthogonalWork)
    return "Orthogonal first weights of so many units would take seconds to make. Choose fewer units or "
           "layers, "
           "or other first weights.";
  if (spec.peepholes && !is_lstm(spec.cell))
    return "Peepholes look at c, which only an LSTM has. Switch them off.";
  if (spec.layer_norm && spec.hidden < 2)
    return "Layer normalisation needs at least 2 hidden units: one alone would always become 0.";
  if (!within(spec.dropout, 0, 0.95)) return "The dropout must be a share from 0 to 0.95.";
  if (spec.dropout > 0 && spec.layers < 2)
    return "Dropout acts between layers, and there is only one. Add a layer, or set it to 0.";
  if (!within(spec.init_range, 0, 100)) return "The range of the first weights must be from 0 to 100.";
  if (!within(spec.forget_bias_value, -100, 100)) return "The forget bias must be from -100 to 100.";
  if (spec.forget_bias != ForgetBias::Default && !is_lstm(spec.cell) && spec.cell != CellKind::Gru)
    return "An Elman cell has no gate that keeps: the forget bias must be left as drawn.";
  if (spec.chrono_span < 3 || spec.chrono_span > 1'000'000)
    return outside("The time span of the chrono initialisation", spec.chrono_span, 3, 1'000'000);

  if (!spec.dilations.empty() && static_cast<int>(spec.dilations.size()) != spec.layers)
    return "The list of dilations needs one number for each of the " + std::to_string(spec.layers) +
           " layers.";
  for (const int d : spec.dilations)
    if (d < 1 || d > kMaxDilation) return outside("A dilation", d, 1, kMaxDilation);
  if (spec.window < 0 || spec.window > kMaxWindow) return outside("The window", spec.window, 0, kMaxWindow);
  if (spec.window > 0 && spec.layers < 2)
    return "Windows are summarised for a second level to read, and there is only one. Add a layer.";
  if (spec.truncate < 0 || spec.truncate > kMaxWindow)
    return outside("The length between cuts of the gradient", spec.truncate, 0, kMaxWindow);
  if (spec.max_passes < 2 || spec.max_passes > kMaxPasses)
    return outside("The limit of passes", spec.max_passes, 2, kMaxPasses);
  if (spec.circular != Circular::Linear && spec.truncate > 0)
    return "Truncated back-propagation would cut the circle open. Choose linear, or no cut.";
  if (spec.circular != Circular::Linear && spec.window > 0 && !spec.window_carry)
    return "Nothing is carried round the circle when every window starts anew. Let the state carry over "
           "window "
           "ends, or choose linear.";
  if (spec.circular == Circular::Doubled && spec.window > 0)
    return "In a doubled sequence the windows of the two halves would not lie alike. Choose two passes "
           "instead.";

  if (spec.initial == InitialState::ByClass && spec.covariates.size() != 1)
    return "A learned state per class needs one covariate: choose which.";
  if (spec.initial == InitialState::ByClass && (spec.covariate_classes < 1 || spec.covariate_classes > 256))
    return outside("The number of classes of the covariate", spec.covariate_classes, 1, 256);
  if (spec.initial == InitialState::Encoder &&
      (spec.covariates.empty() || spec.covariates.size() > kMaxCovariates))
    return "The encoder needs from 1 to " + std::to_string(kMaxCovariates) + " covariates: choose them.";
  if (spec.initial == InitialState::Encoder && (spec.covariate_center.size() != spec.covariates.size() ||
                                                spec.covariate_scale.size() != spec.covariates.size()))
    return "Each covariate of the encoder needs a center and a scale.";
  for (std::size_t i = 0; i < spec.covariate_scale.size(); ++i)
    if (!within(spec.covariate_scale[i], 1e-30, 1e30)) return "The scale of a covariate must be positive.";
  for (const double c : spec.covariate_center)
    if (!within(c, -1e30, 1e30)) return "The center of a covariate must be a number.";
  if (spec.encoder_units < 1 || spec.encoder_units > kMaxEncoderUnits)
    return outside("The units of the encoder", spec.encoder_units, 1, kMaxEncoderUnits);

  if (spec.kmer < 1 || spec.kmer > 5) return outside("k of the k-mers", spec.kmer, 1, 5);
  if (spec.input == Input::Codons && spec.symbols != 4) return "Codons need DNA or RNA. Choose letters.";
  if (spec.input != Input::Values && spec.token_kinds() > kMaxSymbols)
    return "There would be more than " + std::to_string(kMaxSymbols) +
           " different k-mers. Choose a smaller k.";
  if (spec.embedding < 0 || spec.embedding > kMaxEmbedding)
    return outside("The size of the embedding", spec.embedding, 0, kMaxEmbedding);
  if (spec.input == Input::Values && (spec.channels < 1 || spec.channels > kMaxChannels))
    return outside("The number of values per position", spec.channels, 1, kMaxChannels);
  if (spec.input == Input::Values && spec.embedding > 0)
    return "Real values are read as they are: no embedding.";
  if (spec.task == Task::NextVector && spec.input != Input::Values)
    return "Predicting the next vector needs real values per position. Choose the next symbol instead.";
  if (spec.task == Task::NextSymbol && spec.input == Input::Values)
    return "There are no letters to predict in a series of real values. Choose the next vector instead.";
  if ((spec.directions == Directions::Strands || spec.directions == Directions::StrandsTied) &&
      (spec.symbols != 4 || spec.input != Input::Letters))
    return "Only DNA and RNA, read letter by letter, have a second strand. Choose both directions instead.";
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
  if (!entry(kSchedules, config.schedule)) return "The schedule is one that this version does not know.";
  if (config.warmup < 0 || config.warmup > 1'000'000)
    return outside("The warm-up", config.warmup, 0, 1'000'000);
  if (config.step_epochs < 1 || config.step_epochs > kMaxEpochs)
    return outside("The epochs of a step", config.step_epochs, 1, kMaxEpochs);
  if (!within(config.step_factor, 0, 1)) return "The factor of a step must be from 0 to 1.";
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
  switch (cell) {
    case CellKind::Lstm:
      return kLstmGates;
    case CellKind::LstmCoupled:
      return kLstmCoupledGates;
    case CellKind::LstmBounded:
      return kLstmBoundedGates;
    case CellKind::LstmBoundedCoupled:
      return kLstmBoundedCoupledGates;
    case CellKind::Gru:
      return kGruGates;
    default:
      return kElmanGates;
  }
}
int gate_index(CellKind cell, char symbol) {
  const std::span<const Gate> all = gates(cell);
  for (std::size_t g = 0; g < all.size(); ++g)
    if (all[g].symbol[0] == symbol) return static_cast<int>(g);
  return -1;
}

const char* name(CellKind value) { return name_in(kCells, value); }
const char* name(Directions value) { return name_in(kDirections, value); }
const char* name(Task value) { return name_in(kTasks, value); }
const char* name(Pool value) { return name_in(kPools, value); }
const char* name(OptimiserKind value) { return name_in(kOptimisers, value); }
const char* name(Input value) { return name_in(kInputs, value); }
const char* name(Circular value) { return name_in(kCirculars, value); }
const char* name(InitialState value) { return name_in(kInitialStates, value); }
const char* name(Summary value) { return name_in(kSummaries, value); }
const char* name(Initialisation value) { return name_in(kInitialisations, value); }
const char* name(ForgetBias value) { return name_in(kForgetBiases, value); }
const char* name(Schedule value) { return name_in(kSchedules, value); }
std::optional<CellKind> cell_kind(std::string_view text) { return find(kCells, text); }
std::optional<Directions> directions(std::string_view text) { return find(kDirections, text); }
std::optional<Task> task(std::string_view text) { return find(kTasks, text); }
std::optional<Pool> pool(std::string_view text) { return find(kPools, text); }
std::optional<OptimiserKind> optimiser_kind(std::string_view text) { return find(kOptimisers, text); }
std::optional<Input> input(std::string_view text) { return find(kInputs, text); }
std::optional<Circular> circular(std::string_view text) { return find(kCirculars, text); }
std::optional<InitialState> initial_state(std::string_view text) { return find(kInitialStates, text); }
std::optional<Summary> summary(std::string_view text) { return find(kSummaries, text); }
std::optional<Initialisation> initialisation(std::string_view text) { return find(kInitialisations, text); }
std::optional<ForgetBias> forget_bias(std::string_view text) { return find(kForgetBiases, text); }
std::optional<Schedule> schedule(std::string_view text) { return find(kSchedules, text); }
const char* label(CellKind value) { return label_in(kCells, value); }
const char* label(Directions value) { return label_in(kDirections, value); }
const char* label(Task value) { return label_in(kTasks, value); }
const char* label(Pool value) { return label_in(kPools, value); }
const char* label(OptimiserKind value) { return label_in(kOptimisers, value); }
const char* label(Input value) { return label_in(kInputs, value); }
const char* label(Circular value) { return label_in(kCirculars, value); }
const char* label(InitialState value) { return label_in(kInitialStates, value); }
const char* label(Summary value) { return label_in(kSummaries, value); }
const char* label(Initialisation value) { return label_in(kInitialisations, value); }
const char* label(ForgetBias value) { return label_in(kForgetBiases, value); }
const char* label(Schedule value) { return label_in(kSchedules, value); }

}  // namespace ribostep::rnn
