// What a network is made of and how it is trained, as plain values: they serialise, compare and print.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ribostep::rnn {

inline constexpr int kMaxClasses = 64;  // a readout tells at most this many apart
inline constexpr int kMaxHidden = 512, kMaxLayers = 8;
inline constexpr int kMaxSymbols = 1024;  // kinds of input tokens
inline constexpr int kMaxPasses = 64;     // round a circle
inline constexpr int kMaxCovariates = 16;
inline constexpr int kMaxChannels = 64;  // of a series of real values
// Bits of training are a promise (share links carry recipes): raised whenever any of them changes. 1: the
// order of sums, the shards and the functions of math.h as they are; 0 was everything before.
inline constexpr int kNumericsVersion = 1;

// LstmCoupled: i = 1 - f. LstmBounded: the candidate is a sigmoid. LstmBoundedCoupled: both, so that c_t is a
// weighted mean of c_{t-1} and a number in (0, 1).
enum class CellKind : std::uint8_t {
  ElmanTanh,
  ElmanRelu,
  Lstm,
  Gru,
  LstmCoupled,
  LstmBounded,
  LstmBoundedCoupled
};
// Strands: the second direction reads the reverse complement, with weights of its own or the first one's.
enum class Directions : std::uint8_t { Forward, Both, Strands, StrandsTied };
enum class Task : std::uint8_t { SequenceLabel, PositionLabel, NextSymbol, NextVector };
enum class Pool : std::uint8_t { Last, Mean, Max };  // how positions become one vector (SequenceLabel only)
enum class OptimiserKind : std::uint8_t { Sgd, RmsProp, Adam, AdamW, Nesterov };

// What one step of the first layer reads. Kmers: the k letters that end at this one, a step a letter. Codons:
// three letters at a time. Values: a vector of real numbers per position, given by the data.
enum class Input : std::uint8_t { Letters, Kmers, Codons, Values };
// Where a circular sequence begins. TwoPass: h_T and c_T are carried into a second pass, which is scored.
// Doubled: the sequence is read twice in a row and scored on its second half (a second direction: first
// half). FixedPoint: passes are repeated until the states carried over the origin stop changing.
enum class Circular : std::uint8_t { Linear, TwoPass, Doubled, FixedPoint };
// h_0 (and c_0): zero; learned and shared; one learned state per class of a covariate; made by a small
// encoder from continuous covariates: e = tanh(W c + b), h_0 = tanh(W_h e + b_h), c_0 = W_c e + b_c.
enum class InitialState : std::uint8_t { Zero, Learned, ByClass, Encoder };
enum class Summary : std::uint8_t { Last, Mean };  // what the level above reads of a window
// Weights at the start. Default: PyTorch's, uniform in +-1/sqrt(H). Uniform: in +-init_range. Orthogonal: W_h
// of each gate orthogonal (Saxe et al. 2014). Identity: W_h of each gate the identity (IRNN, Le et al. 2015).
enum class Initialisation : std::uint8_t { Default, Uniform, Orthogonal, Identity };
// The bias of the gate that keeps (LSTM: f; GRU: z). Constant: forget_bias_value. Chrono: log of a uniform
// number from 1 to chrono_span - 1, and its negative for i (Tallec & Ollivier 2018).
enum class ForgetBias : std::uint8_t { Default, Constant, Chrono };
enum class Schedule : std::uint8_t { Constant, Step, Cosine };

struct ModelSpec {
  CellKind cell = CellKind::Lstm;
  int hidden = 16;  // units per layer and direction, 1..512
  int layers = 1;   // 1..8
  Directions directions = Directions::Forward;
  Task task = Task::SequenceLabel;
  Pool pool = Pool::Last;
  int symbols = 4;  // D, letters of the alphabet
  int classes = 2;  // K, ignored for NextSymbol and NextVector

  bool peepholes = false;   // LSTMs: i and f see c_{t-1}, o sees c_t (Gers & Schmidhuber 2000)
  bool layer_norm = false;  // each gate's pre-activations are normalised over the units (Ba et al. 2016)
  double dropout = 0;       // share of the states between layers set to 0 in training
  Initialisation init = Initialisation::Default;
  double init_range = 0.1;  // Uniform
  ForgetBias forget_bias = ForgetBias::Default;
  double forget_bias_value = 1;  // Constant
  int chrono_span = 100;         // Chrono: positions to be remembered over

  std::vector<int> dilations;  // per level: position t is fed by t-d; empty: 1 everywhere; else one per layer
  int window = 0;  // > 0: hierarchical, levels from the second on read a summary every `window` steps
  Summary window_summary = Summary::Last;
  bool window_carry = true;  // the first level's state carries over window ends; else it starts anew in each
  int truncate = 0;          // > 0: gradients stop at every multiple of this many steps (truncated BPTT)
  Circular circular = Circular::Linear;
  int max_passes = 16;  // FixedPoint

  InitialState initial = InitialState::Zero;
  std::vector<std::string> covariates;  // names: one for ByClass, one or more for Encoder
  int covariate_classes = 0;            // ByClass: as the data have them
  int encoder_units = 8;
  std::vector<double> covariate_center, covariate_scale;  // Encoder: reads (c - center) / scale

  Input input = Input::Letters;
  int kmer = 3;       // Kmers: k
  int embedding = 0;  // 0: tokens are one-hot; else a learned vector of this many numbers for each
  int channels = 0;   // Values: numbers per position

  bool operator==(const ModelSpec&) const = default;
  int direction_count() const { return directions == Directions::Forward ? 1 : 2; }
  int letters_per_step() const { return input == Input::Codons ? 3 : 1; }
  int token_kinds() const;  // D of what the first layer distinguishes: symbols, symbols^k, symbols^3
  int inputs() const;       // columns of the first layer's W_x
  int outputs() const;      // K
  int dilation(int level) const { return dilations.empty() ? 1 : dilations[static_cast<std::size_t>(level)]; }
};
// Empty when the spec can be built; otherwise one sentence saying why not and what to do.
std::string problem(const ModelSpec& spec);
// Why the next symbol (or vector) cannot be asked of this wiring: it has already seen it. Empty when causal.
std::string leak(const ModelSpec& spec);

struct TrainConfig {
  OptimiserKind optimiser = OptimiserKind::Adam;
  double learning_rate = 0.01;
  double momentum = 0.9;              // Sgd, Nesterov
  double beta1 = 0.9, beta2 = 0.999;  // Adam, AdamW
  double alpha = 0.99;                // RmsProp
  double epsilon = 1e-8;
  double weight_decay = 0;  // AdamW: decoupled; others: L2 as in torch.optim
  double clip_norm = 1;     // global L2 norm of the gradient; 0 = off
  int batch_size = 16;
  int max_epochs = 60;
  int patience = 0;                  // epochs without better validation loss before stopping; 0 = off
  double validation_fraction = 0.2;  // 0 = train on everything
  int window = 0;                    // longer sequences are cut into windows of this length for
                                     // tasks per position; 0 = whole sequences
  Schedule schedule = Schedule::Constant;
  int warmup = 0;                // updates over which the rate rises linearly from 0 to its value
  int step_epochs = 20;          // Step: the rate is multiplied by step_factor every so many epochs
  double step_factor = 0.5;      // Step
  bool class_weights = false;    // losses weighed by n / (K n_class) of the training records
  bool random_rotation = false;  // each training example is rotated anew every time (circular sequences)

  bool operator==(const TrainConfig&) const = default;
};
std::string problem(const TrainConfig& config);
// The learning rate of update number `update` (0-based) of `planned`. Cosine falls from learning_rate to 0.
double scheduled_rate(const TrainConfig& config, std::int64_t update, std::int64_t per_epoch,
                      std::int64_t planned);

// A setting changed while training ran: takes effect before update number `update` (0-based).
struct SettingChange {
  std::int64_t update = 0;
  std::string key;  // "learning_rate", "clip_norm", "weight_decay", "momentum", "max_epochs"
  double value = 0;
  bool operator==(const SettingChange&) const = default;
};
// Applies key=value; false if the key is not one that can change while running.
bool apply(TrainConfig& config, const SettingChange& change);

// Gates in PyTorch's order; Elman has one.
struct Gate {
  const char* symbol;   // "i", "f", "g", "o"; "r", "z", "n"; "h"
  const char* name;     // "input gate"
  bool squashed_to_01;  // sigmoid (else tanh or ReLU)
};
std::span<const Gate> gates(CellKind cell);  // coupled LSTMs: f g o
inline bool is_lstm(CellKind cell) {
  return cell != CellKind::ElmanTanh && cell != CellKind::ElmanRelu && cell != CellKind::Gru;
}
inline bool has_cell_state(CellKind cell) { return is_lstm(cell); }
inline bool coupled(CellKind cell) {
  return cell == CellKind::LstmCoupled || cell == CellKind::LstmBoundedCoupled;
}
inline bool sigmoid_candidate(CellKind cell) {
  return cell == CellKind::LstmBounded || cell == CellKind::LstmBoundedCoupled;
}
// Where in gates() the gate with this symbol stands, or -1.
int gate_index(CellKind cell, char symbol);

// Tables of names at the edge (JSON, CLI, menus): short name <-> value, and the label people read.
const char* name(CellKind);       // "elman", "elman_relu", "lstm", "gru", "lstm_coupled", "lstm_bounded", ...
const char* name(Directions);     // "forward", "both", "strands", "strands_tied"
const char* name(Task);           // "sequence", "position", "next", "next_vector"
const char* name(Pool);           // "last", "mean", "max"
const char* name(OptimiserKind);  // "sgd", "rmsprop", "adam", "adamw", "nesterov"
const char* name(Input);          // "letters", "kmers", "codons", "values"
const char* name(Circular);       // "linear", "two_pass", "doubled", "fixed_point"
const char* name(InitialState);   // "zero", "learned", "by_class", "encoder"
const char* name(Summary);        // "last", "mean"
const char* name(Initialisation);  // "default", "uniform", "orthogonal", "identity"
const char* name(ForgetBias);      // "default", "constant", "chrono"
const char* name(Schedule);        // "constant", "step", "cosine"
std::optional<CellKind> cell_kind(std::string_view);
std::optional<Directions> directions(std::string_view);
std::optional<Task> task(std::string_view);
std::optional<Pool> pool(std::string_view);
std::optional<OptimiserKind> optimiser_kind(std::string_view);
std::optional<Input> input(std::string_view);
std::optional<Circular> circular(std::string_view);
std::optional<InitialState> initial_state(std::string_view);
std::optional<Summary> summary(std::string_view);
std::optional<Initialisation> initialisation(std::string_view);
std::optional<ForgetBias> forget_bias(std::string_view);
std::optional<Schedule> schedule(std::string_view);
// What people read in menus: "Elman (tanh)", "two passes", ...
const char* label(CellKind);
const char* label(Directions);
const char* label(Task);
const char* label(Pool);
const char* label(OptimiserKind);
const char* label(Input);
const char* label(Circular);
const char* label(InitialState);
const char* label(Summary);
const char* label(Initialisation);
const char* label(ForgetBias);
const char* label(Schedule);
// Values of a choice run from 0 to kCount - 1.
template <class E>
inline constexpr int kCount = 0;
template <>
inline constexpr int kCount<CellKind> = 7;
template <>
inline constexpr int kCount<Directions> = 4;
template <>
inline constexpr int kCount<Task> = 4;
template <>
inline constexpr int kCount<Pool> = 3;
template <>
inline constexpr int kCount<OptimiserKind> = 5;
template <>
inline constexpr int kCount<Input> = 4;
template <>
inline constexpr int kCount<Circular> = 4;
template <>
inline constexpr int kCount<InitialState> = 4;
template <>
inline constexpr int kCount<Summary> = 2;
template <>
inline constexpr int kCount<Initialisation> = 4;
template <>
inline constexpr int kCount<ForgetBias> = 3;
template <>
inline constexpr int kCount<Schedule> = 3;

}  // namespace ribostep::rnn
