// The numbers and choices of a project document as tables, one row per key: what is written when it differs
// from the fallback is what is read within the bounds. Fallbacks are part of the format and never change,
// even when a program's defaults do: documents that left a key out must mean the same for ever.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "rnn/spec.h"

namespace ribostep::io {

template <class Owner, class Value>
struct NumberField {
  const char* key;
  Value Owner::*member;
  Value fallback, low, high;
};

// A choice is written by its short name; values run from 0 to count-1.
template <class Owner, class Value>
struct ChoiceField {
  const char* key;
  Value Owner::*member;
  Value fallback;
  int count;
  const char* (*name)(Value);
  std::optional<Value> (*parse)(std::string_view);
};

inline constexpr int kMaxWindow = 1'000'000'000;
inline constexpr std::int64_t kMaxUpdates = 1'000'000'000;
inline constexpr std::size_t kMaxChanges = 100'000;
inline constexpr std::size_t kMaxRecords = 4'000'000;
inline constexpr std::size_t kMaxTitle = 1'000, kMaxNotes = 1u << 20u, kMaxHeader = 1u << 16u;
inline constexpr std::size_t kMaxTracks = 1'000;

inline constexpr auto kModelNumbers = std::tuple{
    NumberField<rnn::ModelSpec, int>{"hidden", &rnn::ModelSpec::hidden, 16, 1, 512},
    NumberField<rnn::ModelSpec, int>{"layers", &rnn::ModelSpec::layers, 1, 1, 8},
    NumberField<rnn::ModelSpec, int>{"symbols", &rnn::ModelSpec::symbols, 4, 2, 32},
    NumberField<rnn::ModelSpec, int>{"classes", &rnn::ModelSpec::classes, 2, 1, 64},
};
inline constexpr auto kModelChoices = std::tuple{
    ChoiceField<rnn::ModelSpec, rnn::CellKind>{"cell", &rnn::ModelSpec::cell, rnn::CellKind::Lstm, 4,
                                               &rnn::name, &rnn::cell_kind},
    ChoiceField<rnn::ModelSpec, rnn::Directions>{"directions", &rnn::ModelSpec::directions,
                                                 rnn::Directions::Forward, 2, &rnn::name, &rnn::directions},
    ChoiceField<rnn::ModelSpec, rnn::Task>{"task", &rnn::ModelSpec::task, rnn::Task::SequenceLabel, 3,
                                           &rnn::name, &rnn::task},
    ChoiceField<rnn::ModelSpec, rnn::Pool>{"pool", &rnn::ModelSpec::pool, rnn::Pool::Last, 3, &rnn::name,
                                           &rnn::pool},
};

inline constexpr auto kTrainNumbers = std::tuple{
    NumberField<rnn::TrainConfig, double>{"learning_rate", &rnn::TrainConfig::learning_rate, 0.01, 0, 1000},
    NumberField<rnn::TrainConfig, double>{"momentum", &rnn::TrainConfig::momentum, 0.9, 0, 0.99999},
    NumberField<rnn::TrainConfig, double>{"beta1", &rnn::TrainConfig::beta1, 0.9, 0, 0.99999},
    NumberField<rnn::TrainConfig, double>{"beta2", &rnn::TrainConfig::beta2, 0.999, 0, 0.9999999},
    NumberField<rnn::TrainConfig, double>{"alpha", &rnn::TrainConfig::alpha, 0.99, 0, 0.9999999},
    NumberField<rnn::TrainConfig, double>{"epsilon", &rnn::TrainConfig::epsilon, 1e-8, 1e-15, 1},
    NumberField<rnn::TrainConfig, double>{"weight_decay", &rnn::TrainConfig::weight_decay, 0, 0, 100},
    NumberField<rnn::TrainConfig, double>{"clip_norm", &rnn::TrainConfig::clip_norm, 1, 0, 1e9},
    NumberField<rnn::TrainConfig, int>{"batch_size", &rnn::TrainConfig::batch_size, 16, 1, 4096},
    NumberField<rnn::TrainConfig, int>{"max_epochs", &rnn::TrainConfig::max_epochs, 60, 1, 1'000'000},
    NumberField<rnn::TrainConfig, int>{"patience", &rnn::TrainConfig::patience, 0, 0, 1'000'000},
    NumberField<rnn::TrainConfig, double>{"validation_fraction", &rnn::TrainConfig::validation_fraction, 0.2,
                                          0, 0.9},
    NumberField<rnn::TrainConfig, int>{"window", &rnn::TrainConfig::window, 0, 0, kMaxWindow},
};
inline constexpr auto kTrainChoices = std::tuple{
    ChoiceField<rnn::TrainConfig, rnn::OptimiserKind>{"optimiser", &rnn::TrainConfig::optimiser,
                                                      rnn::OptimiserKind::Adam, 4, &rnn::name,
                                                      &rnn::optimiser_kind},
};

// Calls f with every row of a table.
template <class Table, class F>
void for_each_field(const Table& table, F&& f) {
  std::apply([&](const auto&... field) { (f(field), ...); }, table);
}

}  // namespace ribostep::io
