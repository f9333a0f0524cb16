// Conditions over a run, as a person types them: `h[3] > 0.9 and seq ~ TATAWAW`. Here they are read, checked
// against a network and its names, and completed while they are typed; condition_eval.h computes them. The
// language is in condition.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bio/alphabet.h"
#include "rnn/network.h"

namespace ribostep::query {

inline constexpr std::size_t kMaxText = 400;     // bytes of a condition
inline constexpr std::size_t kMaxUnitName = 40;  // bytes
inline constexpr int kMaxDepth = 24;             // brackets and `not` inside one another
inline constexpr std::size_t kMaxCandidates = 40;

struct UnitName {
  int layer = 0, unit = 0;
  std::string name;
};

// What a condition may speak of. Pointers outlive the call they are given to.
struct Vocabulary {
  const rnn::Network* network = nullptr;
  const bio::Alphabet* alphabet = nullptr;  // null or a series': there are no letters
  std::span<const std::string> outputs;     // classes or symbols
  std::span<const std::string> labels;      // classes of annotated positions
  std::span<const std::string> channels;    // of a series
  std::span<const UnitName> units;

  bool letters() const { return alphabet && !alphabet->is_series(); }
};

// What is wrong, why, and what to do; about bytes [begin, end) of the text.
struct Problem {
  int begin = 0, end = 0;
  std::string reason;
  explicit operator bool() const { return !reason.empty(); }
};

enum class Op : std::uint8_t {
  // Numbers
  Constant,     // number
  Unit,         // of layer `layer`: `source` of `unit`
  Norm,         // of all units of `source`, or of their change (`unit` 1)
  Probability,  // of output `unit`
  Argmax,       // index of the most probable output
  Entropy,      // of the outputs, bits
  Position,
  Frame,
  Letter,   // as a token, for `letter changes`
  Label,    // class of the position as annotated
  Channel,  // value `unit` of a series
  Change,   // of a, from the position before
  Add,
  Subtract,
  Multiply,
  Divide,
  Negate,
  Absolute,
  // Truths: 1 or 0
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Equal,
  NotEqual,
  Jumps,       // |change of a| >= number
  RisesBy,     // change of a >= number
  FallsBy,     // -change of a >= number
  RisesAbove,  // a was at most number, and is above
  FallsBelow,
  Changes,
  LetterIs,  // may only be what motif `unit` allows
  Motif,     // motif `unit` ends here, with at most `number` mismatches
  NotFinite,
  And,
  Or,
  Not
};
// Of an Op::Unit or Op::Norm: a gate by its index in rnn::gates(), or one of these.
inline constexpr int kState = -1, kCell = -2, kCoupledInput = -3;  // the last: 1 - f

struct Node {
  Op op = Op::Constant;
  int a = -1, b = -1;  // operands, earlier nodes
  int layer = 0, source = kState, unit = 0;
  float number = 0;
};

// One of several patterns, each letter as the set of symbols it allows; on both strands two of one length.
struct Motif {
  std::vector<std::vector<std::uint32_t>> patterns;
};

// Where the text speaks of a unit by name: bytes [begin, end) are the name. Bytes [whole_begin, whole_end)
// are all of "f[name]", or the name alone, and mean the same as `plain`, "f[3]".
struct Mention {
  int begin = 0, end = 0, whole_begin = 0, whole_end = 0;
  int layer = 0, unit = 0;
  std::string plain;
};

struct Condition {
  std::vector<Node> nodes;  // the last one is the whole
  std::vector<Motif> motifs;
  std::vector<Mention> mentions;  // of units by name
  bool truth = true;              // false: a quantity, which can be watched but is no condition
  bool needs_trace = false;       // false: letters and positions alone
};

struct Parsed {
  Condition condition;  // without nodes when there is a problem
  Problem problem;
  bool ok() const { return !problem; }
};
Parsed parse(std::string_view text, const Vocabulary& vocabulary);

// What could stand at the caret instead of bytes [begin, end).
struct Candidate {
  std::string text;
  std::string note;  // "forget gate"
};
struct Completion {
  int begin = 0, end = 0;
  std::vector<Candidate> candidates;
};
Completion complete(std::string_view text, std::size_t caret, const Vocabulary& vocabulary);

// Why a unit cannot have this name and what to do; empty when it can. "" is allowed: no name.
std::string name_problem(std::string_view name);

// "h[3]", "c1[0]", "f2r[7]": how this language calls it.
std::string unit_text(const rnn::Network& network, int layer, int source, int unit);

}  // namespace ribostep::query
