// A project is everything a person has made, as one value and one JSON document: undo, autosave, share links,
// the CLI and the tests all hold this. Old documents load for ever: missing keys take their defaults, unknown
// keys are named and ignored.
#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bio/dataset.h"
#include "io/debugging.h"
#include "rnn/network.h"
#include "rnn/spec.h"

namespace ribostep::io {

inline constexpr int kProjectVersion = 1;

// Data by reference to a built-in set, or inline. `set` may be empty while a built-in set is being fetched.
struct DataSource {
  std::string example;       // id in assets/datasets/index.json; empty: inline
  std::string content_hash;  // expected or actual, 16 hex digits
  std::string name;          // what to call it: file name, "pasted sequences", the built-in set's title
  bio::DatasetPtr set;
};

// Where the eyes are. position 0 is the state before the first letter (h_0); position p >= 1 is the state
// after reading letter p (1-based, as biologists count).
struct Cursor {
  int sequence = 0;
  int position = 0;
  bool operator==(const Cursor&) const = default;
};

struct TrackRow {
  std::string key;
  float height = 0;  // in CSS pixels; 0: its own
  bool operator==(const TrackRow&) const = default;
};

struct View {
  double first = 0;  // leftmost visible position (0-based, fractional)
  double span = 0;   // visible positions; 0 = the whole sequence
  std::vector<std::string> hidden_tracks;
  // Tracks in another order or of another height than they come with: those named here first, in this order.
  std::vector<TrackRow> tracks{};
  bool operator==(const View&) const = default;
};

struct Project {
  std::string title;
  std::string notes;
  DataSource data;
  bio::LabelRule label_rule = bio::LabelRule::Auto;
  rnn::ModelSpec model;
  rnn::TrainConfig train;
  std::uint64_t seed = 1;
  // The recipe: from the start (initialise(seed), or start_weights where they were given) through `updates`
  // updates with the settings changed on the way. Weights follow from it bit for bit.
  std::int64_t updates = 0;
  std::vector<rnn::SettingChange> changes;
  WeightsPtr start_weights;      // null: initialise(seed)
  WeightsPtr weights;            // at `updates`; null: not computed yet (a recipe link before its replay)
  bool weights_rounded = false;  // read from 16 bits: no longer what the recipe makes
  std::string weights_hash;      // expected by the sender; empty: unknown
  int numerics = rnn::kNumericsVersion;  // of the sender
  Cursor cursor;
  View view;
  Debugging debugging;
};

enum class WeightsAs : std::uint8_t { Recipe, Float32, Float16 };

struct WriteOptions {
  WeightsAs weights = WeightsAs::Float32;
  bool inline_data =
      true;  // false: the data set is stored elsewhere under its content hash (autosave), or a built-in
};
nlohmann::json to_json(const Project& project, WriteOptions options);

struct ReadProject {
  Project project;
  Diagnostics diagnostics;  // an Error means `project` must not be used
  bool ok() const;
};
ReadProject from_json(const nlohmann::json& json);
// Text of a .ribostep.json file or an autosave. Depth, sizes and counts are checked before memory is taken.
ReadProject parse_project(std::string_view text);
inline constexpr std::size_t kMaxProjectText = 256u << 20u;

// Share link: "#p=" + base64url(deflate(JSON)). Never throws; a damaged link gives an Error with the remedy.
std::string to_fragment(const Project& project, WriteOptions options);
ReadProject from_fragment(
    std::string_view fragment);  // with or without '#'; "" is an Error "no project in this link"
inline constexpr std::size_t kMaxFragment = 1u << 20u;
inline constexpr std::size_t kMaxInflated = 64u << 20u;
// Above this a link may not survive chat programs and mail; the page then offers a file.
inline constexpr std::size_t kComfortableLink = 8000;

}  // namespace ribostep::io
