// Questions about units and their answers as JSON, for the way to the worker and back.
#include <cmath>
#include <limits>

#include "io/json_put.h"
#include "session/units.h"

namespace ribostep::session {
namespace {

using experiment::ProbeQuestion;
using experiment::ProbeResult;
using experiment::Relation;
using experiment::UnitQuestion;
using experiment::UnitReading;
using io::append;
using io::append_finite;
using io::put;
using io::put_finite;
using Json = nlohmann::json;

// JSON has no NaN: see put_finite.
double number_from(const Json& json) {
  return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

Json to_json(const experiment::Extracts& read) {
  Json list = Json::array(), out;
  for (const experiment::Extract& e : read.list) {
    append(list, e.record);
    append(list, e.letters);
  }
  put(out, "list", std::move(list));
  put(out, "letters", read.letters);
  put(out, "records", read.records);
  put(out, "cut", read.cut);
  return out;
}
experiment::Extracts extracts_from(const Json& json) {
  experiment::Extracts read;
  const Json& list = json.at("list");
  for (std::size_t i = 0; i + 1 < list.size(); i += 2)
    read.list.push_back({list.at(i).get<int>(), list.at(i + 1).get<int>()});
  read.letters = json.at("letters").get<std::int64_t>();
  read.records = json.at("records").get<int>();
  read.cut = json.at("cut").get<bool>();
  return read;
}

template <class Found>
std::unique_ptr<Found> guarded(const Json& json, void (*fill)(const Json&, Found&)) {
  auto found = std::make_unique<Found>();
  try {
    fill(json, *found);
  } catch (const Json::exception&) {
    return nullptr;
  }
  return found;
}

void fill_reading(const Json& json, UnitReading& out) {
  out.question = unit_question_from(json.at("question"));
  out.read = extracts_from(json.at("read"));
  out.steps = json.at("steps").get<std::int64_t>();
  out.per_sequence = json.at("per_sequence").get<int>();
  out.forward = json.at("forward").get<bool>();
  out.centred = json.at("centred").get<bool>();
  out.mean = number_from(json.at("mean"));
  out.deviation = number_from(json.at("deviation"));
  out.low = number_from(json.at("low"));
  out.high = number_from(json.at("high"));
  for (const Json& w : json.at("windows"))
    out.windows.push_back({w.at(0).get<int>(), w.at(1).get<int>(), static_cast<float>(number_from(w.at(2))),
                           static_cast<float>(number_from(w.at(3))), w.at(4).get<std::string>(),
                           w.at(5).get<int>()});
  const Json& logo = json.at("logo");
  out.logo.columns = logo.at("columns").get<int>();
  out.logo.windows = logo.at("windows").get<int>();
  out.logo.symbols = logo.at("symbols").get<std::string>();
  out.logo.share = logo.at("share").get<std::vector<double>>();
  out.logo.bits = logo.at("bits").get<std::vector<double>>();
  out.logo.background = logo.at("background").get<std::vector<double>>();
  const auto columns = static_cast<std::size_t>(out.logo.columns);
  if (out.logo.share.size() != columns * out.logo.symbols.size() || out.logo.bits.size() != columns)
    out.logo = {};
  for (const Json& r : json.at("relations")) {
    Relation relation;
    relation.what = r.at("what").get<std::string>();
    relation.measure =
        r.at("groups").get<bool>() ? experiment::Measure::Groups : experiment::Measure::Correlation;
    relation.per_sequence = r.at("per_sequence").get<bool>();
    relation.n = r.at("n").get<std::int64_t>();
    relation.trained = number_from(r.at("trained"));
    relation.shuffled = number_from(r.at("shuffled"));
    relation.untrained = number_from(r.at("untrained"));
    relation.chance = number_from(r.at("chance"));
    out.relations.push_back(std::move(relation));
  }
  out.conclusion = json.at("conclusion").get<std::string>();
}

void fill_probe(const Json& json, ProbeResult& out) {
  out.question = probe_question_from(json.at("question"));
  out.read = extracts_from(json.at("read"));
  out.by_sequence = json.at("by_sequence").get<bool>();
  out.forward = json.at("forward").get<bool>();
  out.fitted = json.at("fitted").get<std::int64_t>();
  out.trained = json.at("trained").get<std::vector<double>>();
  out.untrained = json.at("untrained").get<std::vector<double>>();
  out.frequent = json.at("frequent").get<std::vector<double>>();
  out.last_alone = json.at("last_alone").get<std::vector<double>>();
  out.tested = json.at("tested").get<std::vector<std::int64_t>>();
  out.reach_trained = json.at("reach_trained").get<int>();
  out.reach_untrained = json.at("reach_untrained").get<int>();
  out.conclusion = json.at("conclusion").get<std::string>();
  const std::size_t lags = out.trained.size();
  if (out.untrained.size() != lags || out.frequent.size() != lags || out.last_alone.size() != lags ||
      out.tested.size() != lags)
    throw Json::other_error::create(500, "lengths differ", nullptr);
}

}  // namespace

Json to_json(const UnitQuestion& q) {
  Json out;
  put(out, "layer", q.of.layer);
  put(out, "unit", q.of.unit);
  put(out, "value", static_cast<int>(q.of.value));
  put(out, "gate", q.of.gate);
  put(out, "peak", experiment::name(q.peak));
  put(out, "windows", q.windows);
  put(out, "width", q.width);
  put(out, "per_sequence", q.per_sequence);
  put(out, "words", q.words);
  put(out, "budget", q.budget);
  put(out, "seed", q.seed);
  return out;
}
// Bounded: what comes from outside must not make the worker busy for ever.
UnitQuestion unit_question_from(const Json& json) {
  UnitQuestion q;
  q.of.layer = whole_in(json, "layer", 0);
  q.of.unit = whole_in(json, "unit", 0);
  q.of.value = static_cast<experiment::UnitValue>(std::clamp(whole_in(json, "value", 0), 0, 2));
  q.of.gate = whole_in(json, "gate", 0);
  q.peak = experiment::peak_named(text_in(json, "peak")).value_or(q.peak);
  q.windows = std::clamp(whole_in(json, "windows", q.windows), 1, experiment::kMaxTopWindows);
  q.width = std::clamp(whole_in(json, "width", q.width), 1, experiment::kMaxReadWidth);
  q.per_sequence = std::clamp(whole_in(json, "per_sequence", 0), 0, experiment::kMaxTopWindows);
  if (const auto words = json.find("words"); words != json.end() && words->is_array())
    for (const Json& word : *words)
      if (word.is_string()) q.words.push_back(word.get<std::string>());
  q.budget = std::clamp(whole_in(json, "budget", static_cast<int>(q.budget)), 1, 1000000);
  if (const auto seed = json.find("seed"); seed != json.end() && seed->is_number_unsigned())
    q.seed = seed->get<std::uint64_t>();
  return q;
}

Json to_json(const UnitReading& reading) {
  Json windows = Json::array(), relations = Json::array(), logo, out;
  for (const experiment::TopWindow& w : reading.windows) {
    Json one = Json::array();
    append(one, w.record);
    append(one, w.position);
    append_finite(one, static_cast<double>(w.value));
    append_finite(one, static_cast<double>(w.rise));
    append(one, w.letters);
    append(one, w.marked);
    append(windows, std::move(one));
  }
  for (const Relation& r : reading.relations) {
    Json one;
    put(one, "what", r.what);
    put(one, "groups", r.measure == experiment::Measure::Groups);
    put(one, "per_sequence", r.per_sequence);
    put(one, "n", r.n);
    put_finite(one, "trained", r.trained);
    put_finite(one, "shuffled", r.shuffled);
    put_finite(one, "untrained", r.untrained);
    put_finite(one, "chance", r.chance);
    append(relations, std::move(one));
  }
  put(logo, "columns", reading.logo.columns);
  put(logo, "windows", reading.logo.windows);
  put(logo, "symbols", reading.logo.symbols);
  put(logo, "share", reading.logo.share);
  put(logo, "bits", reading.logo.bits);
  put(logo, "background", reading.logo.background);
  put(out, "question", to_json(reading.question));
  put(out, "read", to_json(reading.read));
  put(out, "steps", reading.steps);
  put(out, "per_sequence", reading.per_sequence);
  put(out, "forward", reading.forward);
  put(out, "centred", reading.centred);
  put_finite(out, "mean", reading.mean);
  put_finite(out, "deviation", reading.deviation);
  put_finite(out, "low", reading.low);
  put_finite(out, "high", reading.high);
  put(out, "windows", std::move(windows));
  put(out, "logo", std::move(logo));
  put(out, "relations", std::move(relations));
  put(out, "conclusion", reading.conclusion);
  return out;
}
std::unique_ptr<UnitReading> unit_reading_from(const Json& json) {
  return guarded<UnitReading>(json, fill_reading);
}

Json to_json(const ProbeQuestion& q) {
  Json out;
  put(out, "layer", q.layer);
  put(out, "cell", q.cell);
  put(out, "lags", q.lags);
  put(out, "budget", q.budget);
  put(out, "ridge", q.ridge);
  put(out, "seed", q.seed);
  return out;
}
ProbeQuestion probe_question_from(const Json& json) {
  ProbeQuestion q;
  q.layer = whole_in(json, "layer", 0);
  q.cell = truth_in(json, "cell", false);
  q.lags = std::clamp(whole_in(json, "lags", q.lags), 0, experiment::kMostLags);
  q.budget = std::clamp(whole_in(json, "budget", static_cast<int>(q.budget)), 1, 1000000);
  const double ridge = real_in(json, "ridge", q.ridge);
  if (ridge >= 0 && ridge < 1e6) q.ridge = ridge;
  if (const auto seed = json.find("seed"); seed != json.end() && seed->is_number_unsigned())
    q.seed = seed->get<std::uint64_t>();
  return q;
}

Json to_json(const ProbeResult& r) {
  Json out;
  put(out, "question", to_json(r.question));
  put(out, "read", to_json(r.read));
  put(out, "by_sequence", r.by_sequence);
  put(out, "forward", r.forward);
  put(out, "fitted", r.fitted);
  put(out, "trained", r.trained);
  put(out, "untrained", r.untrained);
  put(out, "frequent", r.frequent);
  put(out, "last_alone", r.last_alone);
  put(out, "tested", r.tested);
  put(out, "reach_trained", r.reach_trained);
  put(out, "reach_untrained", r.reach_untrained);
  put(out, "conclusion", r.conclusion);
  return out;
}
std::unique_ptr<ProbeResult> probe_result_from(const Json& json) {
  return guarded<ProbeResult>(json, fill_probe);
}

}  // namespace ribostep::session
