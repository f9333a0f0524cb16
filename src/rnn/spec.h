// What a network is made of and how it is trained, as plain values: they serialise, compare and print.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ribostep::rnn {

// Bits of training are a promise (share links carry recipes). Raised whenever any of them changes.
inline constexpr int kMaxClasses = 64;      // a readout tells at most this many apart
inline constexpr int kNumericsVersion = 0;  // 0: provisional until the kernels are final

enum class CellKind : std::uint8_t { ElmanTanh, ElmanRelu, Lstm, Gru };
enum class Directions : std::uint8_t { Forward, Both };
enum class Task : std::uint8_t { SequenceLabel, PositionLabel, NextSymbol };
enum class Pool : std::uint8_t { Last, Mean, Max };  // how positions become one vector (SequenceLabel only)
enum class OptimiserKind : std::uint8_t { Sgd, RmsProp, Adam, AdamW };

struct ModelSpec {
  CellKind cell = CellKind::Lstm;
  int hidden = 16;  // units per layer and direction, 1..512
  int layers = 1;   // 1..8
  Directions directions = Directions::Forward;
  Task task = Task::SequenceLabel;
  Pool pool = Pool::Last;
  int symbols = 4;  // D, letters of the alphabet
  int classes = 2;  // K, ignored for NextSymbol (K = D)

  bool operator==(const ModelSpec&) const = default;
  int outputs() const { return task == Task::NextSymbol ? symbols : classes; }
  int direction_count() const { return directions == Directions::Both ? 2 : 1; }
};
// Empty when the spec can be built; otherwise one sentence saying why not and what to do.
std::string problem(const ModelSpec& spec);

struct TrainConfig {
  OptimiserKind optimiser = OptimiserKind::Adam;
  double learning_rate = 0.01;
  double momentum = 0.9;              // Sgd
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
                                     // PositionLabel and NextSymbol; 0 = whole sequences
  bool operator==(const TrainConfig&) const = default;
};
std::string problem(const TrainConfig& config);

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
std::span<const Gate> gates(CellKind cell);
inline bool has_cell_state(CellKind cell) { return cell == CellKind::Lstm; }

// Tables of names at the edge (JSON, CLI, menus): short name <-> value, and the label people read.
const char* name(CellKind);       // "elman", "elman_relu", "lstm", "gru"
const char* name(Directions);     // "forward", "both"
const char* name(Task);           // "sequence", "position", "next"
const char* name(Pool);           // "last", "mean", "max"
const char* name(OptimiserKind);  // "sgd", "rmsprop", "adam", "adamw"
std::optional<CellKind> cell_kind(std::string_view);
std::optional<Directions> directions(std::string_view);
std::optional<Task> task(std::string_view);
std::optional<Pool> pool(std::string_view);
std::optional<OptimiserKind> optimiser_kind(std::string_view);
const char* label(CellKind);  // "Elman (tanh)", "LSTM", ...

}  // namespace ribostep::rnn
