// What a person has set up for looking at a network, as part of the project: edited sequences and states, the
// pin that everything is compared with, conditions, names of units, kept runs. Values only; debugging.cpp
// reads and writes them.
#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "bio/edits.h"
#include "motif/compile.h"
#include "rnn/intervention.h"
#include "rnn/spec.h"

namespace ribostep::io {

class ObjectReader;

using WeightsPtr = std::shared_ptr<const std::vector<float>>;

// One record as it is read now, instead of as it was given.
struct RecordEdits {
  int record = 0;
  std::vector<bio::LetterEdit> letters;
  std::vector<rnn::Intervention> states;
  bool empty() const { return letters.empty() && states.empty(); }
  bool operator==(const RecordEdits&) const = default;
};

// What a difference is taken against: the state at one pinned moment, or at each position the pinned run's
// state at the position that belongs to it.
enum class PinMode : std::uint8_t { Along, Moment };
struct Pin {
  std::string label;  // "position 17 of lacZ, update 120"
  int record = 0, position = 0;
  PinMode mode = PinMode::Along;
  RecordEdits edits;                    // as they were; its record is the pin's
  std::int64_t updates = 0;             // of the weights, for the label
  std::optional<rnn::ModelSpec> model;  // none: the project's
  WeightsPtr weights;                   // none: the project's, whatever they become
  bool untrained = false;               // the project's start from its seed
  std::uint64_t seed = 1;               // of that start
};

// A condition and what it is for.
struct Condition {
  std::string text;                                  // "h[3] > 0.9"
  bool stops = true, marks = true, watched = false;  // breakpoint, marks on the ruler, a track of its value
  bool on = true;
  bool operator==(const Condition&) const = default;
};

struct UnitName {
  int layer = 0, unit = 0;
  std::string name;
  bool operator==(const UnitName&) const = default;
};

// A run that was kept: its recipe, and its curve thinned out.
struct RunPoint {
  std::int64_t update = 0;
  double train_loss = 0, validation_loss = 0, train_accuracy = 0, validation_accuracy = 0;  // < 0: unknown
  bool operator==(const RunPoint&) const = default;
};
struct KeptRun {
  std::string name;
  rnn::ModelSpec model;
  rnn::TrainConfig train;
  std::uint64_t seed = 1;
  std::int64_t updates = 0;
  std::vector<rnn::SettingChange> changes;
  bool from_start = true;    // false: it went on from weights that are not kept, and cannot be replayed
  std::string weights_hash;  // at its end
  std::vector<RunPoint> curve;
};

// The machine a network is compared with: a motif, or a language that is known by name.
struct MachineSetup {
  std::string language;  // id of motif::languages(); empty: the pattern
  std::string pattern;
  bio::AlphabetKind alphabet = bio::AlphabetKind::Dna;  // of the pattern
  motif::Mode mode = motif::Mode::Contains;
  int mismatches = 0;
  // The network was compiled from it: its units stand for states, whatever training has made of the weights.
  std::optional<motif::Construction> compiled;
  double gain = motif::kDefaultGain;
  bool empty() const { return language.empty() && pattern.empty(); }
  bool operator==(const MachineSetup&) const = default;
};

struct Debugging {
  std::vector<RecordEdits> edits;  // at most one per record
  std::optional<Pin> pin;
  std::vector<Condition> conditions;
  std::vector<UnitName> unit_names;
  std::vector<KeptRun> runs;
  std::optional<MachineSetup> machine;
};
inline constexpr std::size_t kMaxEditedRecords = 64, kMaxLetterEdits = 4096, kMaxInterventions = 4096,
                             kMaxConditions = 32, kMaxUnitNames = 1024, kMaxRuns = 32, kMaxRunPoints = 400,
                             kMaxInserted = 1u << 20u, kMaxConditionText = 400, kMaxRunName = 120;

// One key each, left out where there is nothing: "edits", "pin", "conditions", "units", "runs", "machine".
// `model`: the project's, which a pin with the same leaves out.
void write_debugging(const Debugging& debugging, const rnn::ModelSpec& model, nlohmann::json& document);
// A list of settings changed on the way, by update: [update, key, value].
void read_changes(const nlohmann::json* changes, const std::string& path, const rnn::TrainConfig& train,
                  std::vector<rnn::SettingChange>& out, Diagnostics& diagnostics);
// Believes nothing; a mistake is an Error in `diagnostics`. What does not fit the network or the data is the
// session's to leave out.
void read_debugging(ObjectReader& document, const rnn::ModelSpec& model, Debugging& debugging,
                    Diagnostics& diagnostics);

}  // namespace ribostep::io
