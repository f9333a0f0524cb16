// Machines, proofs and extractions as JSON, for the way to the worker and back.
#include <algorithm>
#include <cmath>
#include <limits>

#include "io/json_put.h"
#include "session/machine.h"

namespace ribostep::session {
namespace {

using io::append;
using io::append_finite;
using io::put;
using io::put_finite;
using Json = nlohmann::json;

// JSON has no infinity (margins of steps that were not followed): see put_finite.
double number_from(const Json& json) {
  return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}
Json word_json(const std::optional<motif::Word>& word) { return word ? Json(*word) : Json(); }
std::optional<motif::Word> word_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<motif::Word>();
}
Json fidelity_json(const motif::Fidelity& f) {
  Json pair = Json::array();
  append(pair, f.strings);
  append(pair, f.same);
  return pair;
}
motif::Fidelity fidelity_from(const Json& json) { return {json.at(0).get<int>(), json.at(1).get<int>()}; }

template <class T>
std::unique_ptr<T> guarded(const Json& json, void (*fill)(const Json&, T&)) {
  auto made = std::make_unique<T>();
  try {
    fill(json, *made);
  } catch (const Json::exception&) {
    return nullptr;
  }
  return made;
}

void fill_check(const Json& json, MachineCheck& out) {
  out.with_network = json.at("network").get<bool>();
  out.without = json.at("without").get<std::string>();
  const Json& p = json.at("proof");
  out.proof.verdict = static_cast<motif::Proof::Verdict>(std::clamp(p.at("verdict").get<int>(), 0, 2));
  out.proof.margin = number_from(p.at("margin"));
  out.proof.readout_margin = number_from(p.at("readout"));
  out.proof.leak = number_from(p.at("leak"));
  out.proof.failing = word_from(p.at("failing"));
  out.proof.shortest = p.at("shortest").get<bool>();
  out.proof.tried_length = p.at("tried").get<int>();
  out.proof.words = p.at("words").get<std::string>();
  for (const Json& s : p.at("steps"))
    out.proof.steps.push_back(
        {s.at(0).get<int>(), s.at(1).get<int>(), number_from(s.at(2)), s.at(3).get<int>()});
  const Json& a = json.at("agreement");
  out.agreement.nfa_dfa = word_from(a.at("nfa_dfa"));
  out.agreement.dfa_minimal = word_from(a.at("dfa_minimal"));
  out.agreement.counterexample = word_from(a.at("counterexample"));
  out.agreement.who = a.at("who").get<std::string>();
  out.agreement.strings = a.at("strings").get<std::int64_t>();
  out.agreement.letters = a.at("letters").get<std::int64_t>();
  out.agreement.matches = a.at("matches").get<std::int64_t>();
  out.agreement.all_up_to = a.at("all_up_to").get<int>();
}

void fill_extraction(const Json& json, motif::Extraction& out) {
  out.clusters = json.at("clusters").get<bool>();
  if (!json.at("machine").is_null()) {
    out.machine = dfa_from(json.at("machine"));
    if (!out.machine) throw Json::other_error::create(501, "machine", nullptr);
  }
  out.fidelity = fidelity_from(json.at("fidelity"));
  out.questions = json.at("questions").get<std::int64_t>();
  out.rounds = json.at("rounds").get<int>();
  out.settled = json.at("settled").get<bool>();
  out.counterexample = word_from(json.at("counterexample"));
  for (const Json& r : json.at("rows"))
    out.rows.push_back(
        {r.at(0).get<int>(), r.at(1).get<int>(), number_from(r.at(2)), fidelity_from(r.at(3))});
  out.chosen = json.at("chosen").get<int>();
  out.problem = json.at("problem").get<std::string>();
}

}  // namespace

Json to_json(const motif::Dfa& machine) {
  Json out;
  put(out, "symbols", machine.symbols);
  put(out, "start", machine.start);
  put(out, "next", machine.next);
  put(out, "accepting", machine.accepting);
  return out;
}

std::optional<motif::Dfa> dfa_from(const Json& json) {
  motif::Dfa out;
  try {
    out.symbols = json.at("symbols").get<std::string>();
    out.start = json.at("start").get<int>();
    out.next = json.at("next").get<std::vector<int>>();
    out.accepting = json.at("accepting").get<std::vector<std::uint8_t>>();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  const int states = out.states();
  const bool fits =
      states > 0 && states <= motif::kMaxStates && !out.symbols.empty() &&
      out.next.size() == out.accepting.size() * out.symbols.size() && out.start >= 0 && out.start < states &&
      std::all_of(out.next.begin(), out.next.end(), [&](int s) { return s >= 0 && s < states; });
  return fits ? std::optional(std::move(out)) : std::nullopt;
}

Json to_json(const MachineCheck& check) {
  const motif::Proof& p = check.proof;
  const motif::AgreementReport& a = check.agreement;
  Json steps = Json::array(), proof, agreement, out;
  for (const motif::StepMargin& s : p.steps) {
    Json one = Json::array();
    append(one, s.state);
    append(one, s.letter);
    append_finite(one, s.margin);
    append(one, s.unit);
    append(steps, std::move(one));
  }
  put(proof, "verdict", static_cast<int>(p.verdict));
  put_finite(proof, "margin", p.margin);
  put_finite(proof, "readout", p.readout_margin);
  put_finite(proof, "leak", p.leak);
  put(proof, "failing", word_json(p.failing));
  put(proof, "shortest", p.shortest);
  put(proof, "tried", p.tried_length);
  put(proof, "words", p.words);
  put(proof, "steps", std::move(steps));
  put(agreement, "nfa_dfa", word_json(a.nfa_dfa));
  put(agreement, "dfa_minimal", word_json(a.dfa_minimal));
  put(agreement, "counterexample", word_json(a.counterexample));
  put(agreement, "who", a.who);
  put(agreement, "strings", a.strings);
  put(agreement, "letters", a.letters);
  put(agreement, "matches", a.matches);
  put(agreement, "all_up_to", a.all_up_to);
  put(out, "network", check.with_network);
  put(out, "without", check.without);
  put(out, "proof", std::move(proof));
  put(out, "agreement", std::move(agreement));
  return out;
}
std::unique_ptr<MachineCheck> check_from(const Json& json) { return guarded(json, fill_check); }

Json to_json(const motif::Extraction& e) {
  Json rows = Json::array(), out;
  for (const motif::ClusterRow& r : e.rows) {
    Json one = Json::array();
    append(one, r.clusters);
    append(one, r.states);
    append_finite(one, r.ambiguity);
    append(one, fidelity_json(r.fidelity));
    append(rows, std::move(one));
  }
  put(out, "clusters", e.clusters);
  put(out, "machine", e.machine ? to_json(*e.machine) : Json());
  put(out, "fidelity", fidelity_json(e.fidelity));
  put(out, "questions", e.questions);
  put(out, "rounds", e.rounds);
  put(out, "settled", e.settled);
  put(out, "counterexample", word_json(e.counterexample));
  put(out, "rows", std::move(rows));
  put(out, "chosen", e.chosen);
  put(out, "problem", e.problem);
  return out;
}
std::unique_ptr<motif::Extraction> extraction_from(const Json& json) {
  return guarded(json, fill_extraction);
}

Json to_json(const motif::ExtractionOptions& o) {
  Json out;
  put(out, "method", o.clusters ? "clusters" : "lstar");
  put(out, "max_states", o.max_states);
  put(out, "all_up_to", o.all_up_to);
  put(out, "random", o.random_strings);
  put(out, "longest", o.longest);
  put(out, "empty", o.empty_string);
  put(out, "seed", o.seed);
  return out;
}

motif::ExtractionOptions extraction_options_from(const Json& json) {
  motif::ExtractionOptions o;
  o.clusters = text_in(json, "method") == "clusters";
  o.max_states = std::clamp(whole_in(json, "max_states", o.clusters ? 12 : o.max_states), 2,
                            o.clusters ? kMostClusters : kMostExtractedStates);
  o.all_up_to = std::clamp(whole_in(json, "all_up_to", o.all_up_to), 0, 16);
  o.random_strings = std::clamp(whole_in(json, "random", o.random_strings), 0, 100'000);
  o.longest = std::clamp(whole_in(json, "longest", o.longest), 1, 500);
  o.empty_string = std::clamp(whole_in(json, "empty", -1), -1, 1);
  o.seed = static_cast<std::uint64_t>(std::max(0, whole_in(json, "seed", 1)));
  return o;
}

}  // namespace ribostep::session
