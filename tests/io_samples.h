// Projects for the tests of src/io: one with everything in it, random ones, and what "the same project"
// means.
#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/random.h"
#include "io/json_reader.h"
#include "io/project.h"
#include "io/project_fields.h"

namespace ribostep::samples {

inline io::WeightsPtr weights_for(const rnn::ModelSpec& spec, std::uint64_t seed) {
  const rnn::Network net = rnn::make_network(spec);
  std::vector<float> weights(net.parameter_count);
  rnn::initialise<float>(net, seed, weights);
  return std::make_shared<const std::vector<float>>(std::move(weights));
}

inline bio::DatasetPtr random_set(Random& random, bio::AlphabetKind kind, int records) {
  auto set = std::make_shared<bio::Dataset>();
  set->alphabet_kind = kind;
  for (int i = 0; i < records; ++i) {
    std::vector<std::uint8_t> tokens(random.below(30));
    for (auto& token : tokens)
      token =
          static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(set->alphabet().code_count())));
    std::string annotation;
    if (random.below(3) == 0)
      for (std::size_t t = 0; t < tokens.size(); ++t) annotation += "ab."[random.below(3)];
    const std::string label = random.below(2) != 0 ? "yes" : "";
    set->add("s" + std::to_string(i), random.below(2) != 0 ? "from \xc3\xa9t\xc3\xa9, \"quoted\" \\ =x" : "",
             label, tokens, annotation);
  }
  return set;
}

// ---- a value for every field of the tables. Small ones, so that the models stay small.
template <class Owner>
void propose(Random& random, const io::NumberField<Owner, int>& field, Owner& owner) {
  const int most = std::min(field.high, field.low + 8);
  owner.*field.member =
      field.low + static_cast<int>(random.below(static_cast<std::uint32_t>(most - field.low + 1)));
}
template <class Owner>
void propose(Random& random, const io::NumberField<Owner, double>& field, Owner& owner) {
  owner.*field.member = field.low + random.uniform() * std::min(field.high - field.low, 1.0);
}
template <class Owner>
void propose(Random& random, const io::FlagField<Owner>& field, Owner& owner) {
  owner.*field.member = random.below(2) != 0;
}
template <class Owner, class Value>
void propose(Random& random, const io::ChoiceField<Owner, Value>& field, Owner& owner) {
  owner.*field.member = static_cast<Value>(random.below(static_cast<std::uint32_t>(field.count)));
}
template <class Owner>
void propose(Random& random, const io::ListField<Owner, int>& field, Owner& owner) {
  (owner.*field.member).assign(1 + random.below(3), 1 + static_cast<int>(random.below(9)));
}
template <class Owner>
void propose(Random& random, const io::ListField<Owner, double>& field, Owner& owner) {
  (owner.*field.member).assign(1 + random.below(2), 0.1 + random.uniform());
}
template <class Owner>
void propose(Random& random, const io::NameListField<Owner>& field, Owner& owner) {
  (owner.*field.member)
      .assign(1 + random.below(2), random.below(2) != 0 ? "length" : "\xc3\xa9t\xc3\xa9, \"x\"");
}

// Every field in turn, a few times over, takes a value of its own if the whole stays possible.
template <class Owner, class Table>
void vary(Random& random, const Table& table, Owner& owner) {
  for (int round = 0; round < 3; ++round)
    io::for_each_field(table, [&](const auto& field) {
      Owner changed = owner;
      propose(random, field, changed);
      if (random.below(2) != 0 && problem(changed).empty()) owner = changed;
    });
}

// What a person set up for looking, of every kind; the pin's model is the project's or another.
inline io::Debugging random_debugging(Random& random, const rnn::ModelSpec& model) {
  const auto pick = [&](std::uint32_t n) { return random.below(n); };
  const auto number = [&](std::uint32_t n) { return static_cast<int>(pick(n)); };
  const auto edits = [&](int record) {
    io::RecordEdits e{record, {}, {}};
    for (std::uint32_t i = pick(3); i > 0; --i)
      e.letters.push_back({number(9), number(4), i == 1 ? "" : "ACG"});
    for (std::uint32_t i = 1 + pick(3); i > 0; --i)
      e.states.push_back({number(2), number(8), pick(2) != 0, number(5), 5 + number(9),
                          static_cast<float>(random.uniform())});
    return e;
  };
  io::Debugging d;
  for (int record = 0; record < number(3); ++record) d.edits.push_back(edits(record));
  for (std::uint32_t i = pick(3); i > 0; --i)
    d.conditions.push_back({"h[3] > 0.9 & \"x\"", pick(2) != 0, pick(2) != 0, pick(2) != 0, pick(2) != 0});
  for (std::uint32_t i = pick(3); i > 0; --i) d.unit_names.push_back({number(2), number(9), "frame counter"});
  if (pick(2) != 0) {
    io::Pin pin;
    pin.label = "position 17";
    pin.record = number(4);
    pin.position = number(60);
    pin.mode = static_cast<io::PinMode>(pick(2));
    pin.edits = edits(pin.record);
    pin.updates = number(500);
    pin.untrained = pick(3) == 0;
    pin.seed = 1 + pick(9);
    pin.model = model;
    if (pick(2) != 0) pin.model->hidden = 3;
    if (!pin.untrained) pin.weights = weights_for(*pin.model, 9);
    d.pin = pin;
  }
  for (std::uint32_t i = pick(3); i > 0; --i) {
    io::KeptRun run;
    run.name = pick(2) != 0 ? "slow" : "";
    run.model = model;
    run.train.learning_rate = 0.003;
    run.seed = pick(7);
    run.updates = number(100);
    run.changes = {{5, "learning_rate", random.uniform()}};
    run.from_start = pick(2) != 0;
    run.weights_hash = "8f14e45fceea167a";
    run.curve = {{0, 0.7, -1, 0.5, -1}, {10, random.uniform(), 0.6, 0.8, 0.7}};
    d.runs.push_back(run);
  }
  return d;
}

inline io::Project random_project(Random& random) {
  io::Project p;
  const auto pick = [&](std::uint32_t n) { return random.below(n); };
  p.title = pick(2) != 0 ? "A title \xe2\x82\xac" : "";
  p.notes = pick(2) != 0 ? "line one\nline \"two\"\t\\" : "";
  const auto kind = static_cast<bio::AlphabetKind>(pick(3));
  p.model.symbols = bio::alphabet(kind).size();
  switch (pick(4)) {
    case 0:
      p.data.example = "ecoli_promoters";
      p.data.content_hash = "0123456789abcdef";
      break;
    case 1:
      break;
    default:
      p.data.name = "pasted";
      p.data.set = random_set(random, kind, static_cast<int>(pick(5)));
      p.data.content_hash = p.data.set->content_hash();
  }
  p.label_rule = static_cast<bio::LabelRule>(pick(6));
  const int symbols = p.model.symbols;
  vary(random, io::kModelFields, p.model);
  if (p.model.symbols != symbols) {  // the letters decide; not every model can read every alphabet
    p.model.symbols = symbols;
    if (!problem(p.model).empty()) {
      p.model = {};
      p.model.symbols = symbols;
    }
  }
  if (pick(2) != 0) vary(random, io::kTrainFields, p.train);
  p.seed = (static_cast<std::uint64_t>(random.next()) << 32) | random.next();
  p.updates = pick(1000);
  for (std::uint32_t i = pick(4); i > 0; --i) {
    const std::int64_t after = p.changes.empty() ? 0 : p.changes.back().update;
    p.changes.push_back({after + pick(50), pick(2) != 0 ? "learning_rate" : "clip_norm", random.uniform()});
  }
  if (pick(3) == 0) p.start_weights = weights_for(p.model, 5);
  if (pick(3) != 0) {
    p.weights = weights_for(p.model, 7);
    p.weights_hash = rnn::weights_hash(*p.weights);
  }
  p.numerics = static_cast<int>(pick(4));
  p.cursor = {static_cast<int>(pick(3)), static_cast<int>(pick(20))};
  if (pick(2) != 0) p.view = {random.uniform() * 9, random.uniform() * 100, {"gates", "letters"}};
  if (pick(3) == 0) p.view.tracks = {{"h", 80.5f}, {"gate f", 0}};
  if (pick(2) != 0) p.debugging = random_debugging(random, p.model);
  return p;
}

inline bool same_weights(const io::WeightsPtr& x, const io::WeightsPtr& y) {
  return (x == nullptr) == (y == nullptr) && (x == nullptr || rnn::weights_hash(*x) == rnn::weights_hash(*y));
}

inline std::string difference(const io::Debugging& a, const io::Debugging& b) {
  if (a.edits != b.edits) return "edits";
  if (a.conditions != b.conditions) return "conditions";
  if (a.unit_names != b.unit_names) return "units";
  if (a.pin.has_value() != b.pin.has_value()) return "pin";
  if (a.pin) {
    const io::Pin &p = *a.pin, &q = *b.pin;
    if (p.label != q.label || p.record != q.record || p.position != q.position || p.mode != q.mode)
      return "pin";
    if (!(p.edits == q.edits)) return "pin.edits";
    if (!(p.model == q.model) || p.untrained != q.untrained || p.seed != q.seed || p.updates != q.updates)
      return "pin.model";
    if (!same_weights(p.weights, q.weights)) return "pin.f32";
  }
  if (a.runs.size() != b.runs.size()) return "runs";
  for (std::size_t i = 0; i < a.runs.size(); ++i) {
    const io::KeptRun &p = a.runs[i], &q = b.runs[i];
    if (p.name != q.name || !(p.model == q.model) || !(p.train == q.train) || p.seed != q.seed ||
        p.updates != q.updates || p.changes != q.changes || p.from_start != q.from_start ||
        p.weights_hash != q.weights_hash || p.curve != q.curve)
      return "runs[" + std::to_string(i) + "]";
  }
  return "";
}

// Everything a person would miss. Weights are compared by bits.
inline std::string difference(const io::Project& a, const io::Project& b) {
  if (a.title != b.title) return "title";
  if (a.notes != b.notes) return "notes";
  if (a.data.example != b.data.example) return "data.example";
  if (a.data.content_hash != b.data.content_hash) return "data.hash";
  if (a.data.name != b.data.name) return "data.name";
  if ((a.data.set == nullptr) != (b.data.set == nullptr)) return "data.set";
  if (a.data.set != nullptr && a.data.set->content_hash() != b.data.set->content_hash()) return "data.set";
  if (a.label_rule != b.label_rule) return "labels";
  if (!(a.model == b.model)) return "model";
  if (!(a.train == b.train)) return "train";
  if (a.seed != b.seed) return "seed";
  if (a.updates != b.updates) return "updates";
  if (a.changes != b.changes) return "changes";
  if (!same_weights(a.start_weights, b.start_weights)) return "start";
  if (!same_weights(a.weights, b.weights)) return "weights";
  if (a.weights_hash != b.weights_hash) return "weights.hash";
  if (a.numerics != b.numerics) return "numerics";
  if (!(a.cursor == b.cursor)) return "cursor";
  if (!(a.view == b.view)) return "view";
  return difference(a.debugging, b.debugging);
}

// The promoter model of the README: E. coli promoters by reference, a bidirectional GRU.
inline io::Project promoter_project() {
  io::Project p;
  p.title = "Promoters of E. coli";
  p.data.example = "ecoli_promoters";
  p.data.content_hash = "8f14e45fceea167a";
  p.model.cell = rnn::CellKind::Gru;
  p.model.hidden = 32;
  p.model.directions = rnn::Directions::Both;
  p.model.pool = rnn::Pool::Max;
  p.train.optimiser = rnn::OptimiserKind::AdamW;
  p.train.learning_rate = 0.003;
  p.train.weight_decay = 0.01;
  p.seed = 1234567890123456789ULL;
  p.updates = 360;
  p.changes = {{120, "learning_rate", 0.001}, {240, "learning_rate", 0.0003}};
  p.weights = weights_for(p.model, 3);
  p.weights_hash = rnn::weights_hash(*p.weights);
  p.cursor = {12, 35};
  p.view = {10.5, 30.25, {"gates"}};
  return p;
}

inline std::string all_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += d.text() + "\n";
  return text;
}

}  // namespace ribostep::samples
