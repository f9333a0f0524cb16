// The numbers and choices of a project document as tables, one row per key: what is written when it differs
// from the fallback is what is read within the bounds. Fallbacks are part of the format and never change,
// even when a program's defaults do: documents that left a key out must mean the same for ever.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

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

// A switch.
template <class Owner>
struct FlagField {
  const char* key;
  bool Owner::*member;
  bool fallback;
};

// A list that is empty unless the document says otherwise. `most` entries, each within low..high.
template <class Owner, class Value>
struct ListField {
  const char* key;
  std::vector<Value> Owner::*member;
  std::size_t most;
  Value low, high;
};

// A list of names, empty unless the document says otherwise. `most` entries of at most `bytes` each.
template <class Owner>
struct NameListField {
  const char* key;
  std::vector<std::string> Owner::*member;
  std::size_t most, bytes;
};

inline constexpr int kMaxWindow = 1'000'000'000;
inline constexpr std::int64_t kMaxUpdates = 1'000'000'000;
inline constexpr std::size_t kMaxChanges = 100'000;
inline constexpr std::size_t kMaxRecords = 4'000'000;
inline constexpr std::size_t kMaxTitle = 1'000, kMaxNotes = 1u << 20u, kMaxHeader = 1u << 16u;
inline constexpr std::size_t kMaxTracks = 1'000;
inline constexpr std::size_t kMaxCovariateName = 1'000;

// Fields stand here in the order of rnn/spec.h.
inline constexpr auto kModelNumbers = std::tuple{
    NumberField<rnn::ModelSpec, int>{"hidden", &rnn::ModelSpec::hidden, 16, 1, 512},
    NumberField<rnn::ModelSpec, int>{"layers", &rnn::ModelSpec::layers, 1, 1, 8},
    NumberField<rnn::ModelSpec, int>{"symbols", &rnn::ModelSpec::symbols, 4, 2, 32},
    NumberField<rnn::ModelSpec, int>{"classes", &rnn::ModelSpec::classes, 2, 1, 64},
    NumberField<rnn::ModelSpec, double>{"dropout", &rnn::ModelSpec::dropout, 0, 0, 0.95},
    NumberField<rnn::ModelSpec, double>{"init_range", &rnn::ModelSpec::init_range, 0.1, 0, 100},
    NumberField<rnn::ModelSpec, double>{"forget_bias_value", &rnn::ModelSpec::forget_bias_value, 1, -100,
                                        100},
    NumberField<rnn::ModelSpec, int>{"chrono_span", &rnn::ModelSpec::chrono_span, 100, 3, 1'000'000},
    NumberField<rnn::ModelSpec, int>{"window", &rnn::ModelSpec::window, 0, 0, 1'000'000},
    NumberField<rnn::ModelSpec, int>{"truncate", &rnn::ModelSpec::truncate, 0, 0, 1'000'000},
    NumberField<rnn::ModelSpec, int>{"max_passes", &rnn::ModelSpec::max_passes, 16, 2, 64},
    NumberField<rnn::ModelSpec, int>{"covariate_classes", &rnn::ModelSpec::covariate_classes, 0, 0, 256},
    NumberField<rnn::ModelSpec, int>{"encoder_units", &rnn::ModelSpec::encoder_units, 8, 1, 256},
    NumberField<rnn::ModelSpec, int>{"kmer", &rnn::ModelSpec::kmer, 3, 1, 5},
    NumberField<rnn::ModelSpec, int>{"embedding", &rnn::ModelSpec::embedding, 0, 0, 256},
    NumberField<rnn::ModelSpec, int>{"channels", &rnn::ModelSpec::channels, 0, 0, 64},
};
inline constexpr auto kModelFlags = std::tuple{
    FlagField<rnn::ModelSpec>{"peepholes", &rnn::ModelSpec::peepholes, false},
    FlagField<rnn::ModelSpec>{"layer_norm", &rnn::ModelSpec::layer_norm, false},
    FlagField<rnn::ModelSpec>{"window_carry", &rnn::ModelSpec::window_carry, true},
};
inline constexpr auto kModelChoices = std::tuple{
    ChoiceField<rnn::ModelSpec, rnn::CellKind>{"cell", &rnn::ModelSpec::cell, rnn::CellKind::Lstm,
                                               rnn::kCount<rnn::CellKind>, &rnn::name, &rnn::cell_kind},
    ChoiceField<rnn::ModelSpec, rnn::Directions>{"directions", &rnn::ModelSpec::directions,
                                                 rnn::Directions::Forward, rnn::kCount<rnn::Directions>,
                                                 &rnn::name, &rnn::directions},
    ChoiceField<rnn::ModelSpec, rnn::Task>{"task", &rnn::ModelSpec::task, rnn::Task::SequenceLabel,
                                           rnn::kCount<rnn::Task>, &rnn::name, &rnn::task},
    ChoiceField<rnn::ModelSpec, rnn::Pool>{"pool", &rnn::ModelSpec::pool, rnn::Pool::Last,
                                           rnn::kCount<rnn::Pool>, &rnn::name, &rnn::pool},
    ChoiceField<rnn::ModelSpec, rnn::Initialisation>{
        "init", &rnn::ModelSpec::init, rnn::Initialisation::Default, rnn::kCount<rnn::Initialisation>,
        &rnn::name, &rnn::initialisation},
    ChoiceField<rnn::ModelSpec, rnn::ForgetBias>{"forget_bias", &rnn::ModelSpec::forget_bias,
                                                 rnn::ForgetBias::Default, rnn::kCount<rnn::ForgetBias>,
                                                 &rnn::name, &rnn::forget_bias},
    ChoiceField<rnn::ModelSpec, rnn::Summary>{"window_summary", &rnn::ModelSpec::window_summary,
                                              rnn::Summary::Last, rnn::kCount<rnn::Summary>, &rnn::name,
                                              &rnn::summary},
    ChoiceField<rnn::ModelSpec, rnn::Circular>{"circular", &rnn::ModelSpec::circular, rnn::Circular::Linear,
                                               rnn::kCount<rnn::Circular>, &rnn::name, &rnn::circular},
    ChoiceField<rnn::ModelSpec, rnn::InitialState>{"initial", &rnn::ModelSpec::initial,
                                                   rnn::InitialState::Zero, rnn::kCount<rnn::InitialState>,
                                                   &rnn::name, &rnn::initial_state},
    ChoiceField<rnn::ModelSpec, rnn::Input>{"input", &rnn::ModelSpec::input, rnn::Input::Letters,
                                            rnn::kCount<rnn::Input>, &rnn::name, &rnn::input},
};
inline constexpr auto kModelLists = std::tuple{
    ListField<rnn::ModelSpec, int>{"dilations", &rnn::ModelSpec::dilations, rnn::kMaxLayers, 1, 4096},
    NameListField<rnn::ModelSpec>{"covariates", &rnn::ModelSpec::covariates, rnn::kMaxCovariates,
                                  kMaxCovariateName},
    ListField<rnn::ModelSpec, double>{"covariate_center", &rnn::ModelSpec::covariate_center,
                                      rnn::kMaxCovariates, -1e30, 1e30},
    ListField<rnn::ModelSpec, double>{"covariate_scale", &rnn::ModelSpec::covariate_scale,
                                      rnn::kMaxCovariates, 1e-30, 1e30},
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
    NumberField<rnn::TrainConfig, int>{"warmup", &rnn::TrainConfig::warmup, 0, 0, 1'000'000},
    NumberField<rnn::TrainConfig, int>{"step_epochs", &rnn::TrainConfig::step_epochs, 20, 1, 1'000'000},
    NumberField<rnn::TrainConfig, double>{"step_factor", &rnn::TrainConfig::step_factor, 0.5, 0, 1},
};
inline constexpr auto kTrainFlags = std::tuple{
    FlagField<rnn::TrainConfig>{"class_weights", &rnn::TrainConfig::class_weights, false},
    FlagField<rnn::TrainConfig>{"random_rotation", &rnn::TrainConfig::random_rotation, false},
};
inline constexpr auto kTrainChoices = std::tuple{
    ChoiceField<rnn::TrainConfig, rnn::OptimiserKind>{
        "optimiser", &rnn::TrainConfig::optimiser, rnn::OptimiserKind::Adam, rnn::kCount<rnn::OptimiserKind>,
        &rnn::name, &rnn::optimiser_kind},
    ChoiceField<rnn::TrainConfig, rnn::Schedule>{"schedule", &rnn::TrainConfig::schedule,
                                                 rnn::Schedule::Constant, rnn::kCount<rnn::Schedule>,
                                                 &rnn::name, &rnn::schedule},
};

// All rows of an object, in any table of the same owner.
inline constexpr auto kModelFields = std::tuple_cat(kModelNumbers, kModelFlags, kModelChoices, kModelLists);
inline constexpr auto kTrainFields = std::tuple_cat(kTrainNumbers, kTrainFlags, kTrainChoices);

// Calls f with every row of a table.
template <class Table, class F>
void for_each_field(const Table& table, F&& f) {
  std::apply([&](const auto&... field) { (f(field), ...); }, table);
}

}  // namespace ribostep::io
