#include "session/figure_words.h"

#include <algorithm>
#include <cstdio>

#include "base/version.h"
#include "io/tables.h"
#include "rnn/spec.h"
#include "session/attributions.h"
#include "session/edits.h"
#include "session/form.h"
#include "session/history.h"

namespace ribostep::session {
namespace {

std::string built() {
  return std::string("Ribostep ") + version() + (*commit() != '\0' ? std::string(" (") + commit() + ")" : "");
}

std::string sequence_name(const Session& session) {
  const int record = session.project().cursor.sequence;
  return session.has_data() && record < session.data().size() ? std::string(session.data().name(record))
                                                              : std::string();
}

std::string range_words(const Session& session, int first, int last) {
  return std::to_string(first) + "-" + std::to_string(last) + " of " + std::to_string(session.length());
}

// "LSTM, 16 units, 2 layers, both directions, class of the sequence"
std::string model_in_brief(const rnn::ModelSpec& spec) {
  std::string words = rnn::label(spec.cell);
  words += ", " + std::to_string(spec.hidden) + (spec.hidden == 1 ? " unit" : " units");
  if (spec.layers > 1) words += ", " + std::to_string(spec.layers) + " layers";
  if (spec.direction_count() > 1) words += std::string(", ") + rnn::label(spec.directions);
  return words + ", " + rnn::label(spec.task);
}

// Of the weights on screen: an earlier update may be visited.
std::int64_t updates_shown(const Session& session) {
  return session.history().visiting() ? session.history().update_shown() : session.training().updates;
}

// "seed 1, after 20 updates"; weights that came from elsewhere do not follow from the seed.
std::string weights_words(const Session& session) {
  const io::Project& project = session.project();
  const std::string seed = "seed " + std::to_string(project.seed);
  if (session.showing_untrained_twin()) return seed + ", untrained twin";
  const std::int64_t updates = updates_shown(session);
  const std::string after = ", after " + std::to_string(updates) + (updates == 1 ? " update" : " updates");
  if (!project.start_weights) return seed + after;
  return "from given or edited weights" + (updates > 0 ? after + ", " + seed : std::string());
}

}  // namespace

io::Facts facts_of(const Session& session, int first, int last) {
  const io::Project& project = session.project();
  const nlohmann::json document = io::to_json(project, {io::WeightsAs::Recipe, false});
  const auto part = [&](const char* key) {
    const auto at = document.find(key);
    return at == document.end() ? std::string("as they come") : at->dump();
  };
  io::Facts facts = {{"made by", built()}, {"numerics", std::to_string(project.numerics)}};
  if (!project.title.empty()) facts.push_back({"title", project.title});
  if (!project.data.example.empty()) facts.push_back({"data set", project.data.example});
  facts.push_back({"data hash", project.data.content_hash});
  if (first > 0) {
    facts.push_back({"sequence", sequence_name(session)});
    facts.push_back({"positions", range_words(session, first, last)});
    if (session.edits().letters_edited()) facts.push_back({"letters", session.edits().letters_words()});
    const std::string states = session.edits().states_words();
    if (!states.empty()) facts.push_back({"states by hand", states});
  }
  facts.push_back({"model", model_in_brief(session.network().spec)});
  facts.push_back({"model settings", part("model")});
  facts.push_back({"training settings", part("train")});
  if (!project.changes.empty()) facts.push_back({"changed on the way", part("changes")});
  facts.push_back({"seed", std::to_string(project.seed)});
  const bool twin = session.showing_untrained_twin();
  facts.push_back({"updates", twin ? "0 (untrained twin)" : std::to_string(updates_shown(session))});
  if (!twin && project.start_weights) facts.push_back({"start", "from given or edited weights"});
  const std::span<const float> weights = session.weights();
  if (!weights.empty()) facts.push_back({"weights hash", rnn::weights_hash(weights)});
  return facts;
}

io::Facts attribution_facts(const Session& session) {
  const Attributions& a = session.attributions();
  const experiment::Attribution* found = a.result();
  if (found == nullptr) return {};
  const experiment::AttributionRequest& asked = found->request;
  io::Facts facts = {{"attribution of", a.about()}, {"method", experiment::label(asked.method)}};
  if (asked.method == experiment::AttributionMethod::Occlusion)
    facts.push_back({"letters hidden at a time", std::to_string(asked.window)});
  else if (asked.method != experiment::AttributionMethod::Mutagenesis)
    facts.push_back(
        {"baseline", std::string(experiment::label(asked.baseline)) +
                         (found->baselines > 1 ? ", the mean of " + std::to_string(found->baselines) +
                                                     ", seed " + std::to_string(asked.seed)
                                               : std::string())});
  if (found->adds_up) {
    facts.push_back({"sum", io::number(found->sum)});
    facts.push_back({"f(x) - f(x0)", io::number(found->f - found->f0)});
    facts.push_back({"residual", io::number(found->residual)});
  }
  std::string state = !a.complete() ? "incomplete" : found->trusted ? "complete" : "untrustworthy";
  if (a.complete() && !found->trusted) state += ": the parts do not add up";
  if (a.stale()) state += ", out of date: letters or weights have changed since";
  facts.push_back({"attribution is", state});
  return facts;
}

std::vector<std::string> caption_of(const Session& session, int first, int last) {
  std::string what = sequence_name(session) + ", positions " + range_words(session, first, last);
  if (session.edits().letters_edited()) what += ", " + session.edits().letters_words();
  if (!session.edits().states_words().empty()) what += ", " + session.edits().states_words();
  return {what, model_in_brief(session.network().spec) + ", " + weights_words(session), built()};
}

std::string figure_name(const Session& session, int first, int last) {
  return io::file_name(sequence_name(session)) + "_" + std::to_string(first) + "-" + std::to_string(last);
}

std::vector<std::string> mirror_tables(const Session& session) {
  std::vector<std::string> ids;
  const nlohmann::json mirror = session.mirror();
  if (mirror["table"].size() > 1) ids.emplace_back("step");
  if (!session.training().evaluations.empty()) ids.emplace_back("curve");
  for (const nlohmann::json& section : mirror["sections"])
    if (section.contains("id") && section.contains("table") && section["table"].size() > 1)
      ids.push_back(section["id"].get<std::string>());
  return ids;
}

std::string mirror_table_tsv(const Session& session, const std::string& id) {
  const int length = session.length();
  if (id == "curve") {
    const std::vector<rnn::EvaluationPoint>& points = session.training().evaluations;
    if (points.empty()) return {};
    std::size_t i = 0;
    const auto loss = [](double v, std::int64_t items) { return items > 0 ? io::number(v) : std::string(); };
    return io::fact_table(facts_of(session, 0, 0),
                          {"update", "epoch", "train_loss", "train_correct", "train_scored",
                           "validation_loss", "validation_correct", "validation_scored"},
                          [&](std::vector<std::string>& row) {
                            if (i >= points.size()) return false;
                            const rnn::EvaluationPoint& p = points[i++];
                            row = {std::to_string(p.update),
                                   std::to_string(p.epoch),
                                   loss(p.train_loss, p.train_items),
                                   std::to_string(p.train_correct),
                                   std::to_string(p.train_items),
                                   loss(p.validation_loss, p.validation_items),
                                   std::to_string(p.validation_correct),
                                   std::to_string(p.validation_items)};
                            return true;
                          });
  }
  const nlohmann::json mirror = session.mirror();
  nlohmann::json table = nlohmann::json::array(), values = nlohmann::json::array();
  if (id == "step") {
    table = mirror["table"];
    values = mirror["values"];
  }
  for (const nlohmann::json& section : mirror["sections"])
    if (section.value("id", "") == id && section.contains("table")) table = section["table"];
  if (table.size() < 2) return {};
  const auto cell = [&](std::size_t r, std::size_t c) {
    // Where the mirror rounds for the ear, it keeps the number itself beside.
    if (r < values.size() && c < values[r].size() && !values[r][c].get<std::string>().empty())
      return values[r][c].get<std::string>();
    const nlohmann::json& text = table[r][c];
    return text.is_string() ? text.get<std::string>() : text.dump();
  };
  std::vector<std::string> head;
  for (std::size_t c = 0; c < table[0].size(); ++c) head.push_back(cell(0, c));
  std::size_t r = 1;
  io::Facts facts = facts_of(session, 1, std::max(1, length));
  if (id == "step") facts.push_back({"at position", std::to_string(session.position())});
  return io::fact_table(facts, head, [&](std::vector<std::string>& row) {
    if (r >= table.size()) return false;
    for (std::size_t c = 0; c < table[r].size(); ++c) row.push_back(cell(r, c));
    ++r;
    return true;
  });
}

}  // namespace ribostep::session
